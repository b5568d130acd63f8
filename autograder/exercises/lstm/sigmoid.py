"""Lesson 09, sigmoid: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.lstm.parts import np_sigmoid


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("s",),
    hints=(
        "1 / (1 + exp(-z)) has the right values; NumPy only warns that exp overflows for very negative z. "
        "Take its logarithm first, and let exp come last.",
        "The logarithm is -log(exp(0) + exp(-z)), and np.logaddexp(a, b) is log(exp(a) + exp(b)), without "
        "ever forming a number that overflows.",
        "The whole body: return np.exp(-np.logaddexp(0, -z))",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10",
)
def sigmoid(z): ...


@sigmoid.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (2 * rng.normal(size=(2, 5, 3)),)
    yield (rng.normal(size=7),)
    yield (np.array([[-1000.0, 1000.0, 0.0], [-40.0, 40.0, rng.normal()]]),)
    yield (rng.normal(size=(1, 1)),)


@sigmoid.mistake(
    "For large z exp(z) overflows, and inf / inf is nan. Use 1 / (1 + exp(-z)), or better a form that never "
    "overflows: np.exp(-np.logaddexp(0, -z))."
)
def overflows(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


@sigmoid.mistake("The sign in the exponential is wrong: a large z must give a gate near 1, so it is exp(-z).")
def falls_instead_of_rising(z):
    return np_sigmoid(-z)


@sigmoid.mistake("This is tanh, from -1 to 1. A gate is a share: it must lie between 0 and 1.")
def tanh_for_sigmoid(z):
    return np.tanh(z)


@sigmoid.mistake("The S is twice too steep: inside tanh stands z / 2, not z.", credit=0.5)
def too_steep(z):
    return 0.5 * (1 + np.tanh(z))


@sigmoid.mistake(
    "You normalised along the last axis: that is softmax. Here each number is squashed by itself."
)
def softmax_for_sigmoid(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
