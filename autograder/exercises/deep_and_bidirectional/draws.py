"""Lesson 05: what the cases of several exercises draw."""

import numpy as np


def _lengths(rng: np.random.Generator, N: int, T: int, longest: int | None = None) -> np.ndarray:
    """Lengths from 1 on, one of them `longest` (T if not given), the others shorter."""
    longest = longest or T
    lengths = rng.integers(1, max(longest, 2), size=N)
    lengths[rng.integers(N)] = longest
    return lengths
