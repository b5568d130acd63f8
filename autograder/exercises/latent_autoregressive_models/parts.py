"""Lesson 03: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def _beliefs(ids, start, A, B):
    """The filter in NumPy from any `start`, which is p(z_1) before the first symbol."""
    out = np.empty((len(ids), len(start)))
    for t, symbol in enumerate(ids):
        belief = (out[t - 1] @ A if t else start) * B[:, symbol]
        out[t] = belief / belief.sum()
    return out
