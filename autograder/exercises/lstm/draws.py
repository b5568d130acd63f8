"""Lesson 09: what the cases of several exercises draw."""

import numpy as np


def gated_weights(rng: np.random.Generator, D: int, H: int, gates: int, gain: float = 1.0) -> tuple:
    """W_xh (D, gates*H), W_hh (H, gates*H), b (gates*H,): nothing in them is symmetric, zero or equal."""
    W_xh = gain * rng.normal(size=(D, gates * H)) / np.sqrt(D)
    W_hh = gain * rng.normal(size=(H, gates * H)) / np.sqrt(H)
    return W_xh, W_hh, 0.5 * rng.normal(size=gates * H)


STEP_SIZES = ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2))


def step_case(
    rng: np.random.Generator, N: int, D: int, H: int, scale: float = 1.0, first: float = 1.0
) -> tuple:
    x, h_prev = scale * rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H))
    x[0] *= first
    return (x, h_prev, 1.5 * rng.normal(size=(N, H)), *gated_weights(rng, D, H, 4))


def sequence_case(
    rng: np.random.Generator, N: int, T: int, D: int, H: int, gain: float = 1.0, first: float = 1.0
) -> tuple:
    """Of the first sequence, x_1 is `first` times as large: gates that are wide open or shut."""
    x, h0 = rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H))
    x[0, 0] *= first
    return (x, h0, rng.normal(size=(N, H)), *gated_weights(rng, D, H, 4, gain))
