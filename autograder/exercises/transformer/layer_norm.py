"""Lesson 16, layer_norm: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.transformer.parts import np_norm


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=(
        "Every vector, at every step of every sentence, is brought to mean 0 and variance 1 by itself.",
        "Mean and variance over the last axis with keepdims=True; divide by the square root of (variance + "
        "eps).",
        "centred = x - x.mean(axis=-1, keepdims=True); return centred / np.sqrt(x.var(axis=-1, "
        "keepdims=True) + eps) * gain + bias",
    ),
    source="Ba, Kiros and Hinton (2016), Layer Normalization",
)
def layer_norm(x, gain, bias, eps): ...


@layer_norm.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for shape in ((2, 3, 7), (3, 2, 5), (5, 3)):
        D = shape[-1]
        yield 2 * rng.normal(size=shape) + 3, rng.normal(size=D), rng.normal(size=D), 1e-5
    yield 0.1 * rng.normal(size=(2, 3, 5)), rng.normal(size=5), rng.normal(size=5), 0.1
    yield np.ones((1, 2, 3)), rng.normal(size=3), rng.normal(size=3), 1e-5  # no variance at all


@layer_norm.mistake(
    "You normalised over the batch, as batch normalisation does. Here each vector is normalised by itself: "
    "the last axis."
)
def normalised_over_batch(x, gain, bias, eps):
    return np_norm(x, gain, bias, eps, axis=0)


@layer_norm.mistake(
    "You normalised over all steps together. Each vector has its own mean and variance: the last axis."
)
def normalised_over_everything_but_batch(x, gain, bias, eps):
    return np_norm(x, gain, bias, eps, axis=tuple(range(1, x.ndim)) if x.ndim > 2 else None)


@layer_norm.mistake(
    "You normalised over axis 1, the steps of a sentence. Each vector is normalised by itself: the last axis."
)
def normalised_over_time(x, gain, bias, eps):
    return np_norm(x, gain, bias, eps, axis=1)


@layer_norm.mistake(
    "You normalised over the last axis but one. Each vector is normalised by itself: the last axis."
)
def normalised_over_last_but_one(x, gain, bias, eps):
    return np_norm(x, gain, bias, eps, axis=-2)


@layer_norm.mistake(
    "One mean and one variance were taken of the whole array. Each vector has its own: the last axis, with "
    "keepdims=True."
)
def normalised_over_everything(x, gain, bias, eps):
    return np_norm(x, gain, bias, eps, axis=None)


@layer_norm.mistake(
    "You normalised each feature over batch and time, as batch normalisation does. Here each vector is "
    "normalised by itself: the last axis."
)
def normalised_over_batch_and_time(x, gain, bias, eps):
    return np_norm(x, gain, bias, eps, axis=tuple(range(x.ndim - 1)))


@layer_norm.mistake("You divided by D - 1 in the variance (ddof=1). Layer normalisation divides by D.")
def sample_variance(x, gain, bias, eps):
    return np_norm(x, gain, bias, eps, ddof=1)


@layer_norm.mistake(
    "You added eps outside the square root. It goes inside: sqrt(variance + eps).", credit=0.5
)
def eps_outside_root(x, gain, bias, eps):
    spread = x.std(axis=-1, keepdims=True) + eps
    return (x - x.mean(axis=-1, keepdims=True)) / spread * gain + bias


@layer_norm.mistake("You divided by the variance. Divide by its square root, the standard deviation.")
def divided_by_variance(x, gain, bias, eps):
    return (x - x.mean(axis=-1, keepdims=True)) / (x.var(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake("The gain and the bias are missing: stretch with gain, then shift by bias.")
def gain_and_bias_missing(x, gain, bias, eps):
    return np_norm(x, 1, 0, eps)


@layer_norm.mistake("The bias is missing: shift by it at the end.", credit=0.25)
def norm_bias_missing(x, gain, bias, eps):
    return np_norm(x, gain, 0, eps)


@layer_norm.mistake("The gain is missing: multiply by it before the bias is added.", credit=0.25)
def norm_gain_missing(x, gain, bias, eps):
    return np_norm(x, 1, bias, eps)


@layer_norm.mistake(
    "The bias was added before the gain, and so is stretched with the rest. First multiply, then add.",
    credit=0.5,
)
def gain_after_bias(x, gain, bias, eps):
    return (np_norm(x, 1, 0, eps) + bias) * gain


@layer_norm.mistake("You wrote 1e-5 into the function. Use the eps that is given.", credit=0.5)
def eps_written_in(x, gain, bias, eps):
    return np_norm(x, gain, bias, 1e-5)


@layer_norm.mistake("The mean is not subtracted.")
def mean_not_subtracted(x, gain, bias, eps):
    return x / np.sqrt(x.var(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake(
    "You divided by the root of the mean square, and subtracted no mean (an RMS norm). Here the mean is "
    "subtracted first, and the variance is that of what remains."
)
def root_mean_square(x, gain, bias, eps):
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake(
    "The mean is subtracted above, but below stands the mean of x squared. The variance is the mean of (x - "
    "mean) squared."
)
def mean_square_for_variance(x, gain, bias, eps):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake("Gain and bias are swapped: multiply by the gain, add the bias.", credit=0.25)
def gain_and_bias_swapped(x, gain, bias, eps):
    return np_norm(x, bias, gain, eps)


@layer_norm.mistake("You left out eps: a vector of equal numbers then divides zero by zero.", credit=0.25)
def eps_left_out(x, gain, bias, eps):
    return (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, keepdims=True) * gain + bias
