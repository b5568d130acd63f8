"""Lesson 02: what the cases of several exercises draw."""

import numpy as np


def distribution(rng: np.random.Generator, V: int) -> np.ndarray:
    return rng.dirichlet(np.ones(V))


def chain(rng: np.random.Generator, V: int) -> np.ndarray:
    """Transition probabilities (V, V) without zeros, rows that differ."""
    return rng.dirichlet(np.ones(V), size=V) * 0.95 + 0.05 / V


def scored(rng: np.random.Generator, V: int, T: int) -> tuple:
    return rng.integers(V, size=T), distribution(rng, V), chain(rng, V)
