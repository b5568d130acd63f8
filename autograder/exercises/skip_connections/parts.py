"""Lesson 12: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def rnn(x, h0, W_xh, W_hh, b_h):
    states = [h0]
    for t in range(x.shape[1]):
        states.append(np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h))
    return np.stack(states[1:], axis=1)


def zero(x):
    return np.zeros_like(x[:, 0])


def skip(x, h0, W_xh, W_hh, b_h, k, combine=lambda z, old: np.tanh(z) + old, start=None):
    """What is right; `combine(z, old)` makes the new state, `start` (N, k, H) lies before the start."""
    N, T, _ = x.shape
    H = len(b_h)
    past = np.concatenate([np.zeros((N, k, H)) if start is None else start, np.zeros((N, T, H))], axis=1)
    state = h0
    for t in range(T):
        state = combine(x[:, t] @ W_xh + state @ W_hh + b_h, past[:, t])
        past[:, k + t] = state
    return past[:, k:]
