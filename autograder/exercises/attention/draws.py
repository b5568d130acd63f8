"""Lesson 15: what the cases of several exercises draw."""

import numpy as np


def masks(rng: np.random.Generator, N: int, T: int) -> np.ndarray:
    """Masks (N, T) of padded sentences: no length is T where there is room, and one hole in the middle."""
    lengths = rng.integers(2, T, size=N) if T > 2 else np.full(N, T)
    mask = np.arange(T) < lengths[:, None]
    if T > 4:
        mask[0] = True
        mask[0, [1, T - 1]] = False
    return mask


def far_below(rng: np.random.Generator, N: int, T: int, H: int) -> tuple[np.ndarray, np.ndarray]:
    """A query and states whose scores are near -1e5: far below 0, and below many a number written for "
    "-inf."""
    s, states = query_and_states(rng, N, T, H)
    s[:, 0], states[:, :, 0] = 2000.0, -50.0
    return s, states


def query_and_states(rng: np.random.Generator, N: int, T: int, H: int) -> tuple[np.ndarray, np.ndarray]:
    """A query s (N, H) and states (N, T, H) whose scores are about 1, so that every weight counts."""
    return rng.normal(size=(N, H)) / np.sqrt(H), rng.normal(size=(N, T, H))
