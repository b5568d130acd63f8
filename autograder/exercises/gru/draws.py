"""Lesson 10: what the cases of several exercises draw."""

import numpy as np

from autograder.exercises.lstm.draws import gated_weights

STEP_SIZES = ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2))


def step_case(
    rng: np.random.Generator, N: int, D: int, H: int, scale: float = 1.0, first: float = 1.0
) -> tuple:
    """x, h_prev, W_xh, W_hh, b_x, b_h"""
    x, h_prev = scale * rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H))
    x[0] *= first
    return (x, h_prev, *gated_weights(rng, D, H, 3), rng.normal(size=3 * H))


def sequence_case(
    rng: np.random.Generator, N: int, T: int, D: int, H: int, gain: float = 1.0, first: float = 1.0
) -> tuple:
    """Of the first sequence, x_1 is `first` times as large: gates that are wide open or shut."""
    x, h0 = rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H))
    x[0, 0] *= first
    return (x, h0, *gated_weights(rng, D, H, 3, gain), rng.normal(size=3 * H))
