"""Lesson 04: what the cases of several exercises draw."""

import numpy as np


def rnn_weights(rng: np.random.Generator, D: int, H: int, gain: float = 1.0) -> tuple[np.ndarray, ...]:
    """W_xh (D, H), W_hh (H, H), b_h (H,): nothing in them is symmetric, zero or equal."""
    W_xh = gain * rng.normal(size=(D, H)) / np.sqrt(D)
    W_hh = gain * rng.normal(size=(H, H)) / np.sqrt(H)
    return W_xh, W_hh, 0.5 * rng.normal(size=H)
