"""Lesson 18, swiglu: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_silu, np_swiglu
from autograder.exercises.lstm.parts import np_sigmoid


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=(
        "Two products of x side by side. One goes through silu, and the two are multiplied entry by entry.",
        "silu(z) = z * sigmoid(z), of z = x @ W_1 alone. A sigmoid that neither overflows nor loses digits: "
        "np.exp(-np.logaddexp(0, -z)).",
        "z = x @ W_1; silu = z * np.exp(-np.logaddexp(0, -z)); return (silu * (x @ W_3)) @ W_2",
    ),
    source="Shazeer (2020), GLU Variants Improve Transformer",
)
def swiglu(x, W_1, W_3, W_2): ...


@swiglu.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, E, F in ((2, 3, 5, 7), (3, 2, 7, 5), (1, 1, 3, 2), (2, 3, 5, 5)):
        weights = (rng.normal(size=(E, F)), rng.normal(size=(E, F)), rng.normal(size=(F, E)))
        yield rng.normal(size=(N, T, E)), *weights
    signs = np.array([[1.0], [-1.0]])[None] * rng.uniform(300, 400, size=(1, 2, 1))  # z is near +-1000
    yield signs, np.array([[3.0, -3.1]]), rng.normal(size=(1, 2)), rng.normal(size=(2, 1))


@swiglu.mistake(
    "Your silu is on the other branch: it takes x W_1, and x W_3 is multiplied as it is.", credit=0.5
)
def silu_on_the_other_branch(x, W_1, W_3, W_2):
    return np_swiglu(x, W_3, W_1, W_2)


@swiglu.mistake("That is the sigmoid alone. silu(z) is z times the sigmoid of z.", credit=0.25)
def sigmoid_for_silu(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_3, W_2, np_sigmoid)


@swiglu.mistake("You used the ReLU, as in 2017. Here it is silu(z), z times its sigmoid.", credit=0.25)
def relu_for_silu(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_3, W_2, lambda z: np.maximum(0, z))


@swiglu.mistake("You used the GELU. Here it is silu(z), z times the sigmoid of z.", credit=0.25)
def gelu_for_silu(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_3, W_2, _gelu)


def _gelu(z):
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


@swiglu.mistake(
    "Your silu takes the sigmoid of z times 1.702, as an approximation of the GELU does. No factor."
)
def scaled_sigmoid(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_3, W_2, lambda z: z * np_sigmoid(1.702 * z))


@swiglu.mistake("There is no activation: silu belongs around x W_1.")
def no_activation(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_3, W_2, lambda z: z)


@swiglu.mistake("The two branches are added. They are multiplied, entry by entry.")
def branches_added(x, W_1, W_3, W_2):
    return (np_silu(x @ W_1) + x @ W_3) @ W_2


@swiglu.mistake(
    "Your silu is taken of the product. It belongs to x W_1 alone, before it is multiplied by x W_3."
)
def silu_of_the_product(x, W_1, W_3, W_2):
    return np_silu((x @ W_1) * (x @ W_3)) @ W_2


@swiglu.mistake("Your silu is on both branches. x W_3 is multiplied as it is.", credit=0.25)
def silu_on_both(x, W_1, W_3, W_2):
    return (np_silu(x @ W_1) * np_silu(x @ W_3)) @ W_2


@swiglu.mistake("The branch x W_3 is left out: silu(x W_1) is multiplied by it, entry by entry.")
def without_the_gate(x, W_1, W_3, W_2):
    return np_silu(x @ W_1) @ W_2


@swiglu.mistake("Both branches use W_1. The second one is x W_3.")
def one_matrix_for_both(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_1, W_2)


@swiglu.mistake("The product with W_2 is missing: it brings the width F back to E.")
def without_the_last_matrix(x, W_1, W_3, W_2):
    return np_silu(x @ W_1) * (x @ W_3)


@swiglu.mistake("Your sigmoid has the other sign: it is 1 / (1 + exp(-z)), near 1 for large z.", credit=0.25)
def sigmoid_of_minus_z(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_3, W_2, lambda z: z * np_sigmoid(-z))


@swiglu.mistake(
    "Large z overflow: exp(z) / (1 + exp(z)) is inf / inf, not a number. Write the sigmoid with "
    "exp(-z), or as "
    "np.exp(-np.logaddexp(0, -z)).",
    credit=0.5,
)
def sigmoid_overflows(x, W_1, W_3, W_2):
    return np_swiglu(x, W_1, W_3, W_2, lambda z: z * (np.exp(z) / (1 + np.exp(z))))
