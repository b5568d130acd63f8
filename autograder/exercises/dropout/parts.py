"""Lesson 11: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def run(x, h0, step):
    """States (N, T, H) of any recurrence: `step(t, h_prev)` gives the new state."""
    states = [h0]
    for t in range(x.shape[1]):
        states.append(step(t, states[-1]))
    return np.stack(states[1:], axis=1)


def masked(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    """What is right; most mistakes below hand it spoilt arguments."""

    def step(t, h):
        return np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + (h * mask_h[:, t]) @ W_hh + b_h)

    return run(x, h0, step)
