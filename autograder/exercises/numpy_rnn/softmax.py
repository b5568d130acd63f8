"""Lesson 04, softmax: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("probabilities",),
    hints=(
        "Exponentials make everything positive, and a division makes the sum 1. The scores of one "
        "prediction lie along the last axis.",
        "exp(1000) overflows. Subtracting one constant from all scores of a row changes no probability: "
        "take the row's own maximum, so that the greatest exponent is 0.",
        "e = np.exp(z - z.max(axis=-1, keepdims=True)); return e / e.sum(axis=-1, keepdims=True)",
    ),
    source="Bridle (1990), Probabilistic Interpretation of Feedforward Classification Network Outputs",
)
def softmax(z): ...


@softmax.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(2, 5, 3)),)
    yield (2 * rng.normal(size=(5, 7)),)
    yield (3 * rng.normal(size=11),)
    yield (rng.normal(size=(3, 1, 5)) + np.array([1000.0, -1000.0, 0.0]).reshape(3, 1, 1),)
    yield (np.array([[710.0, 709.0, -710.0], [-800.0, -801.0, -802.0]]) + rng.normal(size=(2, 1)),)
    far = np.array([[0.0, -3.0, 1500.0], [0.0, 1500.0, 3.0], [1500.0, 0.0, 3.0], [800.0, 790.0, 0.0]])
    yield (far + rng.normal(size=(4, 3)),)
    yield (rng.normal(size=(3, 1)),)
    yield (rng.integers(-3, 3, size=(5, 3)),)  # whole numbers, whose probabilities are none


def _np_softmax_shifted(z, shift):
    e = np.exp(z - shift)
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "Large scores overflow: np.exp(710) is inf, and inf / inf is nan. Subtract each row's maximum before "
    "the exponential; no probability changes."
)
def no_shift(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


@softmax.mistake(
    "You subtracted the maximum of the whole array, so a row far below it underflows to 0 / 0. Each row has "
    "its own maximum: z.max(axis=-1, keepdims=True)."
)
def one_maximum_for_all(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "You normalised along the first axis. The scores of one prediction lie along the last: axis=-1."
)
def first_axis(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@softmax.mistake("All entries together sum to 1; each row along the last axis should: sum with axis=-1.")
def sums_over_everything(z):
    e = np.exp(z - z.max())
    return e / e.sum()


@softmax.mistake(
    "The sum lost its axis, so the division does not line up: use keepdims=True in the sum (and in the max)."
)
def keepdims_missing(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


@softmax.mistake(
    "You clipped the scores: no overflow, but all scores beyond the limit become equal, and so do their "
    "probabilities. Subtract each row's maximum instead."
)
def clips_scores(z):
    e = np.exp(np.clip(z, -700, 700))
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake("The exponentials are not divided by their sum, so the rows are no probabilities.")
def not_normalised(z):
    return np.exp(z - z.max(axis=-1, keepdims=True))


@softmax.mistake("These are logarithms of the probabilities: leave out the log.")
def log_softmax(z):
    return np.log(np_softmax(z))


@softmax.mistake("You took the softmax twice: the second one flattens the probabilities.")
def softmax_twice(z):
    return np_softmax(np_softmax(z))


@softmax.mistake(
    "You divided by the maximum. Only *subtracting* a constant leaves a softmax unchanged; dividing "
    "rescales all differences."
)
def divides_by_maximum(z):
    return np_softmax(z / z.max(axis=-1, keepdims=True))


@softmax.mistake(
    "You subtracted each row's first score. It is idle on paper, but another score may be a thousand above "
    "it and overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_first(z):
    return _np_softmax_shifted(z, z[..., :1])


@softmax.mistake(
    "You subtracted each row's last score. It is idle on paper, but another score may be a thousand above "
    "it and overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_last(z):
    return _np_softmax_shifted(z, z[..., -1:])


@softmax.mistake(
    "You subtracted each row's mean. It is idle on paper, but a score may be a thousand above the mean and "
    "overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_mean(z):
    return _np_softmax_shifted(z, z.mean(axis=-1, keepdims=True))


@softmax.mistake(
    "You subtracted each row's minimum, so the greatest exponent is the whole span of the row and may "
    "overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_minimum(z):
    return _np_softmax_shifted(z, z.min(axis=-1, keepdims=True))


@softmax.mistake(
    "You subtracted each row's largest *absolute* value. Where all scores are very negative, every "
    "exponential becomes 0, and 0 / 0 is nan. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_absolute_maximum(z):
    return _np_softmax_shifted(z, np.abs(z).max(axis=-1, keepdims=True))


@softmax.mistake(
    "You write the result into an array of z's type: where z holds whole numbers, every probability is "
    "cut off to 0. Make a float array, np.zeros(z.shape).",
    credit=0.5,
)
def cut_to_integers(z):
    return np_softmax(z).astype(z.dtype)
