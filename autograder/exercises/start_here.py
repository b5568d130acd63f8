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


# ---------------------------------------------------------------- layer_at_every_step


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("y",),
    hints=(
        "Every step of every sequence is a row of D numbers, and a row times W (D, H) is a row of H numbers.",
        "NumPy's @ works on the last axis of x and leaves the axes before it alone: (N, T, D) @ (D, H) is "
        "(N, T, H). Adding b (H,) adds it to every row.",
        "The whole body: return x @ W + b",
    ),
    source="Lesson 00; torch.nn.Linear does the same",
)
def layer_at_every_step(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.linear(x, W.T, b)


@layer_at_every_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 2, 7, 5), (1, 3, 2, 5), (2, 1, 3, 2)):
        yield rng.normal(size=(N, T, D)), rng.normal(size=(D, H)), rng.normal(size=H)


@layer_at_every_step.mistake("The bias is missing: add b (H,) to every row of the product.", credit=0.5)
def bias_missing(x, W, b):
    return x @ W


@layer_at_every_step.mistake(
    "W is transposed: x has D numbers in a row and W has D rows, so x @ W fits as it is."
)
def weights_transposed(x, W, b):
    return x @ W.T + b


@layer_at_every_step.mistake("Inputs are rows and stand on the left of their matrix: x @ W, not W @ x.")
def weights_on_the_left(x, W, b):
    return W @ x + b


@layer_at_every_step.mistake(
    "You wrote * for @. The star multiplies entry by entry; a row times a matrix is the matrix product, "
    "x @ W."
)
def star_for_product(x, W, b):
    return x * W + b


@layer_at_every_step.mistake(
    "You kept the last step alone, x[:, -1]. Every step gets its own result: the shape is (N, T, H)."
)
def last_step_only(x, W, b):
    return x[:, -1] @ W + b


@layer_at_every_step.mistake(
    "You flattened batch and time into one axis and left it so. Give the result its shape back: (N, T, H).",
    credit=0.5,
)
def left_flat(x, W, b):
    return x.reshape(-1, x.shape[2]) @ W + b


@layer_at_every_step.mistake(
    "The first two axes are swapped: batch comes first, then time, so the shape is (N, T, H).", credit=0.5
)
def time_first(x, W, b):
    return (x @ W + b).swapaxes(0, 1)
