"""Lesson 16: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np

from autograder.exercises.transformer.draws import NAMES

EPS = 1e-5


def np_attention(q, k, v, mask, scale=None, axis=-1, softmax=None):
    """Scaled attention; a row with nothing to attend to gives zeros. `axis` is where weights add up to 1."""
    scores = q @ np.swapaxes(k, -1, -2) * (1 / np.sqrt(q.shape[-1]) if scale is None else scale)
    mask = np.broadcast_to(True if mask is None else mask, scores.shape)
    if softmax is not None:
        weights = softmax(scores, mask)
        return weights @ v, weights
    top = np.max(scores, axis=axis, keepdims=True, where=mask, initial=-1e30)
    e = np.exp(np.where(mask, scores - top, -np.inf))
    total = e.sum(axis=axis, keepdims=True)
    weights = e / np.where(total == 0, 1, total)
    return weights @ v, weights


def np_positions(T, d, start=0, step=2):
    angles = np.arange(start, start + T)[:, None] / 10000 ** (step * np.arange((d + 1) // 2) / d)
    P = np.zeros((T, d))
    P[:, 0::2] = np.sin(angles)
    P[:, 1::2] = np.cos(angles[:, : d // 2])
    return P


def np_split(z, heads):
    return z.reshape(*z.shape[:2], heads, -1).swapaxes(1, 2)  # (N, heads, T, E / heads)


def np_heads(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask, *, split=np_split, scale=None):
    mask = None if mask is None else mask[..., None, :, :]
    q, k, v = (split(x @ W + b, heads) for x, W, b in ((x_q, W_q, b_q), (x_kv, W_k, b_k), (x_kv, W_v, b_v)))
    return np_attention(q, k, v, mask, scale)[0]  # (N, heads, T, E / heads)


def np_multi_head(*given, split=np_split, scale=None):
    x_q, W_o, b_o = given[0], given[5], given[9]
    return np_heads(*given, split=split, scale=scale).swapaxes(1, 2).reshape(x_q.shape) @ W_o + b_o


def np_norm(x, gain, bias, eps=EPS, axis=-1, ddof=0):
    spread = np.sqrt(x.var(axis=axis, ddof=ddof, keepdims=True) + eps)
    return (x - x.mean(axis=axis, keepdims=True)) / spread * gain + bias


def np_self(x, p, heads, mask, prefix=""):
    return np_multi_head(x, x, *(p[prefix + name] for name in NAMES), heads, mask)


def np_ln(x, p, number):
    return np_norm(x, p[f"ln{number}_gain"], p[f"ln{number}_bias"])


def np_inner(x, p):
    return np.maximum(0, x @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]


def np_lower(y):
    return np.tril(np.ones((y.shape[1],) * 2, dtype=bool))
