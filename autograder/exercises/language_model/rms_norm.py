"""Lesson 18, rms_norm: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_rms


@exercise(
    points=1,
    difficulty=1,
    minutes=7,
    returns=("y",),
    hints=(
        "Layer normalisation without its mean: no subtraction, and no bias.",
        "The mean of the squares over the last axis, with keepdims=True; add eps; the root; "
        "divide; times gain.",
        "One line: return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gain",
    ),
    source="Zhang and Sennrich (2019), Root Mean Square Layer Normalization",
)
def rms_norm(x, gain, eps): ...


@rms_norm.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for shape in ((2, 3, 7), (3, 2, 5), (5, 3)):
        yield 2 * rng.normal(size=shape) + 1, rng.normal(size=shape[-1]), 1e-5
    yield 0.1 * rng.normal(size=(2, 3, 5)), rng.normal(size=5), 0.1
    yield np.zeros((1, 2, 3)), rng.normal(size=3), 1e-5  # nothing to divide by
    yield rng.normal(size=(2, 1, 2, 11)), rng.normal(size=11), 1e-3


@rms_norm.mistake("You subtracted the mean. That is layer normalisation; here x is only divided.")
def mean_subtracted(x, gain, eps):
    return np_rms(x - x.mean(axis=-1, keepdims=True), gain, eps)


@rms_norm.mistake(
    "You divided by the standard deviation, which leaves out the mean. Divide by the root of the mean of the "
    "squares of x itself."
)
def divided_by_standard_deviation(x, gain, eps):
    return x / np.sqrt(x.var(axis=-1, keepdims=True) + eps) * gain


@rms_norm.mistake(
    "The mean is subtracted above but not below: x itself is divided, by the root of the mean of its squares."
)
def centred_above_only(x, gain, eps):
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gain


@rms_norm.mistake("You added eps outside the root. It goes inside: sqrt(mean of squares + eps).", credit=0.5)
def eps_outside_the_root(x, gain, eps):
    return x / (np.sqrt((x**2).mean(axis=-1, keepdims=True)) + eps) * gain


@rms_norm.mistake("You took the sum of the squares. Take their mean, so that the width does not matter.")
def sum_of_squares(x, gain, eps):
    return x / np.sqrt((x**2).sum(axis=-1, keepdims=True) + eps) * gain


@rms_norm.mistake("The root is missing: divide by the root of the mean of the squares.")
def root_missing(x, gain, eps):
    return x / ((x**2).mean(axis=-1, keepdims=True) + eps) * gain


@rms_norm.mistake(
    "One root was taken of the whole array. Each vector has its own: axis=-1 with keepdims=True."
)
def one_root_for_all(x, gain, eps):
    return np_rms(x, gain, eps, axis=None)


@rms_norm.mistake("You went over the steps (axis 1). Each vector is divided by itself: the last axis.")
def over_the_steps(x, gain, eps):
    return np_rms(x, gain, eps, axis=1) if x.ndim > 2 else np_rms(x, gain, eps, axis=0)


@rms_norm.mistake("You went over the batch (axis 0). Each vector is divided by itself: the last axis.")
def over_the_batch(x, gain, eps):
    return np_rms(x, gain, eps, axis=0) if x.ndim > 2 else np_rms(x, gain, eps, axis=None)


@rms_norm.mistake("The gain is missing: multiply by it at the end.", credit=0.25)
def gain_missing(x, gain, eps):
    return np_rms(x, 1, eps)


@rms_norm.mistake(
    "You multiplied by 1 + gain. Some models store the gain that way; here it is the factor itself.",
    credit=0.5,
)
def one_plus_gain(x, gain, eps):
    return np_rms(x, 1 + gain, eps)


@rms_norm.mistake("You added the gain. It is a factor.")
def gain_added(x, gain, eps):
    return np_rms(x, 1, eps) + gain


@rms_norm.mistake("You left out eps: a vector of zeros then divides zero by zero.", credit=0.25)
def eps_missing(x, gain, eps):
    return np_rms(x, gain, 0)


@rms_norm.mistake("You wrote 1e-5 into the function. Use the eps that is given.", credit=0.5)
def eps_of_ones_own(x, gain, eps):
    return np_rms(x, gain, 1e-5)


@rms_norm.mistake("You divided by the mean of the absolute values. Square, take the mean, then the root.")
def mean_of_absolute_values(x, gain, eps):
    return x / (np.abs(x).mean(axis=-1, keepdims=True) + eps) * gain
