"""Lesson 05: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def np_states(x, layer, h0=None):
    """The states of one layer over (N, T, D), from zeros: (N, T, H)."""
    W_xh, W_hh, b_h = layer
    h = np.zeros((len(x), len(b_h))) if h0 is None else h0
    states = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states, axis=1)


def np_reversed(x, lengths):
    out = x.copy()
    for n, length in enumerate(lengths):
        out[n, :length] = x[n, :length][::-1]
    return out


def np_real(h, lengths):
    """Zero at padding."""
    return h * (np.arange(h.shape[1]) < lengths[:, None])[..., None]


def np_backward_states(x, lengths, layer):
    return np_reversed(np_states(np_reversed(x, lengths), layer), lengths)


def np_both(x, lengths, forward_layer, backward_layer):
    h = np.concatenate([np_states(x, forward_layer), np_backward_states(x, lengths, backward_layer)], axis=2)
    return np_real(h, lengths)
