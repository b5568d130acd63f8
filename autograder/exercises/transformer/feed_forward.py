"""Lesson 16, feed_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("y",),
    hints=(
        "Two layers with a ReLU between them; nothing is said from one step to another.",
        "np.maximum(0, z) is the ReLU. It is applied once, to the hidden layer.",
        "One line: return np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2",
    ),
    source="Vaswani et al. (2017), section 3.3",
)
def feed_forward(x, W_1, b_1, W_2, b_2): ...


@feed_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, E, F in ((2, 3, 5, 7), (3, 5, 2, 11), (1, 1, 3, 2)):
        weights = (rng.normal(size=(E, F)), rng.normal(size=F), rng.normal(size=(F, E)), rng.normal(size=E))
        yield rng.normal(size=(N, T, E)), *weights


@feed_forward.mistake("The ReLU is missing: two linear layers in a row are one linear layer.")
def relu_missing(x, W_1, b_1, W_2, b_2):
    return (x @ W_1 + b_1) @ W_2 + b_2


@feed_forward.mistake("There is a second ReLU at the end. The output must be free to be negative.")
def relu_at_the_end(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2)


@feed_forward.mistake(
    "You added b_1 after the ReLU. The bias decides where the ReLU opens, so it goes inside."
)
def bias_after_relu(x, W_1, b_1, W_2, b_2):
    return (np.maximum(0, x @ W_1) + b_1) @ W_2 + b_2


@feed_forward.mistake("The ReLU stands at the end. It belongs between the two layers, before W_2.")
def relu_only_at_the_end(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, (x @ W_1 + b_1) @ W_2 + b_2)


@feed_forward.mistake("The first layer's bias b_1 is missing: add it before the ReLU.", credit=0.25)
def first_bias_missing(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1) @ W_2 + b_2


@feed_forward.mistake("The second layer's bias b_2 is missing: add it at the end.", credit=0.25)
def second_bias_missing(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1 + b_1) @ W_2


@feed_forward.mistake("Both biases are missing: b_1 is added before the ReLU, b_2 at the end.")
def both_biases_missing(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1) @ W_2


@feed_forward.mistake("You used tanh. The Transformer's inner layer is a ReLU.")
def tanh_for_relu(x, W_1, b_1, W_2, b_2):
    return np.tanh(x @ W_1 + b_1) @ W_2 + b_2


@feed_forward.mistake(
    "You added x to the result. The residual belongs to the block, not to this function.", credit=0.5
)
def residual_inside(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2 + x
