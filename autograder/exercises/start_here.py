"""Lesson 00: a toy exercise to learn the mechanics on."""

from collections.abc import Iterator

import numpy as np
import torch

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("average",),
    hints=(
        "Add up the values along the time axis, then divide.",
        "The time axis of x (N, T) is axis 1. NumPy's sum and mean take axis=1.",
        "The whole body: return x.sum(axis=1) / x.shape[1]",
    ),
    source="Lesson 00; the notation is NOTATION.md's",
)
def time_average(x: torch.Tensor) -> torch.Tensor:
    return x.mean(dim=1)


@time_average.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(3, 5)),)
    yield (rng.normal(size=(2, 7)) * 1e3,)
    yield (rng.normal(size=(1, 2)),)
    yield (rng.normal(size=(5, 1)),)


@time_average.mistake("You averaged over the batch (axis 0); time is axis 1.")
def averages_over_batch(x):
    return x.mean(axis=0)


@time_average.mistake("You averaged over everything; each sequence keeps its own average.")
def averages_everything(x):
    return x.mean()


@time_average.mistake("You added up the values, but did not divide by how many there are.", credit=0.5)
def forgets_to_divide(x):
    return x.sum(axis=1)


@time_average.mistake(
    "You divided by the number of sequences, x.shape[0]; divide by the number of steps, x.shape[1]."
)
def divides_by_batch(x):
    return x.sum(axis=1) / x.shape[0]
