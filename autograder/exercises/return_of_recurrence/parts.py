"""Lesson 19: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def np_scan(a, b, h0):
    h, states = h0, []
    for t in range(a.shape[1]):
        h = a[:, t] * h + b[:, t]
        states.append(h)
    return np.stack(states, axis=1)


def np_before(h, h0):
    """What each step started from."""
    return np.concatenate([h0[:, None], h[:, :-1]], axis=1)


def np_decay(A, delta):
    return np.exp(delta[..., None] * A)


def np_write(x, B, delta):
    return (delta * x)[..., None] * B[:, :, None]


def np_read(h, C):
    return np.einsum("ntds,nts->ntd", h, C)


def np_states(a, b):
    """A recurrence from a zero start, whatever the axes after the second."""
    return np_scan(a, b, np.zeros_like(b[:, 0]))


def np_state_space(x, A, B, C, delta, *, decay=np_decay, write=np_write):
    return np_read(np_states(decay(A, delta), write(x, B, delta)), C)


def np_outer(k, v):
    return k[..., None] * v[:, :, None]
