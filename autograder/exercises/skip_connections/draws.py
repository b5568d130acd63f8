"""Lesson 12: what the cases of several exercises draw."""

import numpy as np


def _weights(rng, D, H, scale=0.8):
    return (
        scale * rng.normal(size=(D, H)) / np.sqrt(D),
        scale * rng.normal(size=(H, H)) / np.sqrt(H),
        0.3 * rng.normal(size=H),
    )


def stack_cases(rng):
    for N, T, H, L in ((2, 5, 7, 3), (3, 4, 2, 2), (1, 1, 3, 1), (2, 3, 5, 5)):
        yield rng.normal(size=(N, T, H)), [_weights(rng, H, H) for _ in range(L)]


def skip_case(rng, N, T, D, H, k):
    return rng.normal(size=(N, T, D)), 0.7 * rng.normal(size=(N, H)), *_weights(rng, D, H), k


def skip_cases(rng):
    yield skip_case(rng, 2, 7, 3, 5, 3)
    yield skip_case(rng, 3, 5, 2, 7, 2)
    yield skip_case(rng, 2, 3, 5, 2, 1)
    yield skip_case(rng, 2, 3, 2, 5, 3)  # k = T: no step is far enough from the start
    yield skip_case(rng, 1, 2, 2, 3, 5)  # k > T
    yield skip_case(rng, 1, 1, 2, 3, 1)
