"""Lesson 00, layer_at_every_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


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
def layer_at_every_step(x, W, b): ...


@layer_at_every_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 2, 7, 5), (1, 3, 2, 5), (2, 1, 3, 2), (5, 2, 3, 3)):
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
    "You wrote * for @. The star multiplies entry by entry; a row times a matrix is the matrix product, x @ "
    "W."
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


@layer_at_every_step.mistake(
    "The bias is added once for each of the D features. It belongs to the unit: add it once, after the sum "
    "over the features.",
    credit=0.25,
)
def bias_once_per_feature(x, W, b):
    return x @ W + x.shape[2] * b
