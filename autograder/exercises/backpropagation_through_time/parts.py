"""Lesson 06: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def np_step_backward(da, x, h_prev, W_xh, W_hh):
    return da @ W_xh.T, da @ W_hh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)


def _before(h0, h):
    return np.concatenate([h0[:, None], h[:, :-1]], axis=1)


def collect(da, dh0, x, before, W_xh):
    return (
        da @ W_xh.T,
        dh0,
        np.einsum("ntd,nth->dh", x, da),
        np.einsum("ntg,nth->gh", before, da),
        da.sum(axis=(0, 1)),
    )


def np_bptt(dh, x, h0, h, W_xh, W_hh, slope=None, before=None, back=None, cuts=()):
    """The right way, with parts to exchange. The gradient does not go from step t to t-1 for t in `cuts`."""
    slope = 1 - h**2 if slope is None else slope
    before = _before(h0, h) if before is None else before
    back = W_hh.T if back is None else back
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * slope[:, t]
        carry = np.zeros_like(h0) if t in cuts else da[:, t] @ back
    return collect(da, carry, x, before, W_xh)
