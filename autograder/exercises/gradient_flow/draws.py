"""Lesson 07: what the cases of several exercises draw."""

import numpy as np


def states(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """States as tanh makes them, some near 0 and some near saturation."""
    return np.tanh(rng.normal(size=shape) * 1.2)
