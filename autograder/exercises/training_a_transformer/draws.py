"""Lesson 17: what the cases of several exercises draw."""

import numpy as np


def some_hidden(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """A mask (..., S) in which every query has something to attend to, and not everything."""
    mask = rng.uniform(size=shape) < 0.6
    mask[..., 1] = True
    if shape[-1] > 2:
        mask[..., 0, 2] = False
    return mask
