"""Lesson 19: what the cases of several exercises draw."""

from collections.abc import Iterator

import numpy as np


def scan_cases(rng: np.random.Generator) -> Iterator[tuple]:
    """a, b, h0: factors of every kind, among them 0, 1, negative ones and products that underflow."""
    for N, T, H in ((2, 5, 3), (3, 7, 2), (5, 1, 2), (2, 13, 1)):
        yield (rng.normal(size=(N, T, H)), *_rest(rng, N, T, H))
    yield (rng.uniform(size=(1, 8, 3)), *_rest(rng, 1, 8, 3))  # T is a power of two
    shut_or_open = rng.integers(2, size=(2, 11, 3)).astype(float)
    shut_or_open[0, :3, 0] = 1, 0, 1
    yield (shut_or_open, *_rest(rng, 2, 11, 3))
    yield (1e-90 * rng.uniform(1, 2, size=(2, 7, 5)), *_rest(rng, 2, 7, 5))


def _rest(rng: np.random.Generator, N: int, T: int, H: int) -> tuple:
    return rng.normal(size=(N, T, H)), rng.normal(size=(N, H))


def decays(rng: np.random.Generator, D: int, S: int) -> np.ndarray:
    """A (D, S): negative, so that exp(delta A) lies below 1."""
    return -rng.uniform(0.2, 2, size=(D, S))
