"""Lesson 03: what the cases of several exercises draw."""

from collections.abc import Iterator

import numpy as np


def _rows(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random probabilities: positive, every row along the last axis sums to 1."""
    raw = rng.gamma(1.0, size=shape) + 0.05
    return raw / raw.sum(axis=-1, keepdims=True)


def hmm_cases(rng: np.random.Generator) -> Iterator[tuple]:
    """Symbols that the model can emit, drawn at random; the last sequence underflows any plain product."""
    for T, S, V in ((7, 3, 5), (11, 2, 3), (1, 3, 2), (3, 5, 2), (5, 3, 3)):
        yield (rng.integers(V, size=T), _rows(rng, S), _rows(rng, S, S), _rows(rng, S, V))
    forward_only = np.triu(_rows(rng, 3, 3))
    forward_only /= forward_only.sum(axis=1, keepdims=True)
    yield (rng.integers(7, size=5), np.array([1.0, 0.0, 0.0]), forward_only, _rows(rng, 3, 7))
    yield (rng.integers(11, size=601), _rows(rng, 2), _rows(rng, 2, 2), _rows(rng, 2, 11))
    rare = _rows(rng, 3, 5)
    rare[:, 0] *= 1e-15  # symbol 0 is next to impossible, and comes: nothing may be added to a probability
    yield (np.array([2, 0, 4, 0]), _rows(rng, 3), _rows(rng, 3, 3), rare / rare.sum(axis=1, keepdims=True))
