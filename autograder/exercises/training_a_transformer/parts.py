"""Lesson 17: right pieces in NumPy, of which the wrong answers are made."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercises.transformer.parts import np_attention, np_split


def turned(z: np.ndarray) -> np.ndarray:
    """(..., T, S) -> (..., S, T)"""
    return np.swapaxes(z, -1, -2)


def np_softmax_slope(weights: np.ndarray, dweights: np.ndarray) -> np.ndarray:
    return weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))


def np_attention_backward(
    dout,
    q,
    k,
    v,
    mask,
    *,
    slope: Callable[..., Any] = np_softmax_slope,
    scale=None,
    forward_scale=None,
    softmax=None,
):
    """`slope` makes dscores of weights and dweights; `scale` may be one number for dq and one for dk."""
    right = 1 / np.sqrt(q.shape[-1])
    _, weights = np_attention(q, k, v, mask, scale=forward_scale, softmax=softmax)
    scale_q, scale_k = (right, right) if scale is None else scale
    dscores = slope(weights, dout @ turned(v))
    return scale_q * dscores @ k, scale_k * turned(dscores) @ q, turned(weights) @ dout


def np_merge(z: np.ndarray) -> np.ndarray:
    return z.swapaxes(1, 2).reshape(len(z), z.shape[2], -1)  # (N, heads, T, d) -> (N, T, E)


def summed_outer(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N, T, A), (N, T, B) -> (A, B), summed over batch and time."""
    return np.einsum("nta,ntb->ab", a, b)


def _to_x(d, W):
    return sum(one @ its.T for one, its in zip(d, W, strict=True))


def np_multi_head_backward(
    dout,
    x,
    W_q,
    W_k,
    W_v,
    W_o,
    b_q,
    b_k,
    b_v,
    b_o,
    heads,
    mask,
    *,
    split=np_split,
    merge=np_merge,
    merge_back=None,
    attention=np_attention,
    attention_back=np_attention_backward,
    arrives=None,
    to_x=None,
):
    """`merge_back` glues gradients where it differs from `merge`; `arrives` makes what enters the heads;
    `to_x(d, W)` makes dx of the gradients (dq, dk, dv) and the matrices (W_q, W_k, W_v)."""
    mask = None if mask is None else mask[..., None, :, :]
    q, k, v = (split(x @ W + b, heads) for W, b in ((W_q, b_q), (W_k, b_k), (W_v, b_v)))
    out, _ = attention(q, k, v, mask)
    dheads = split(dout @ W_o.T if arrives is None else arrives, heads)
    dq, dk, dv = ((merge_back or merge)(d) for d in attention_back(dheads, q, k, v, mask))
    dx = (to_x or _to_x)((dq, dk, dv), (W_q, W_k, W_v))
    dW = (summed_outer(x, dq), summed_outer(x, dk), summed_outer(x, dv), summed_outer(merge(out), dout))
    return dx, *dW, *(d.sum(axis=(0, 1)) for d in (dq, dk, dv, dout))
