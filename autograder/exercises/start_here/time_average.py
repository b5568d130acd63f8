"""Lesson 00, time_average: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

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
def time_average(x): ...


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


@time_average.mistake(
    "The time axis is still there, with length 1: leave keepdims out, and axis 1 disappears.", credit=0.5
)
def keeps_the_axis(x):
    return x.mean(axis=1, keepdims=True)


@time_average.mistake(
    "You loop over steps but take x[t], and x[t] is sequence t; step t of every sequence is x[:, t]."
)
def sequences_for_steps(x):
    total = np.zeros(len(x))
    for t in range(x.shape[1]):
        total += x[t]
    return total / x.shape[1]
