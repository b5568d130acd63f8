"""Lesson 06, relative_error: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("error",),
    hints=(
        "How large is the difference, compared with the things compared? Two gradients that are both zero "
        "agree.",
        "The length of an array is the root of the sum of its squares: np.linalg.norm(a), for any number of "
        "axes.",
        "size = np.linalg.norm(analytic) + np.linalg.norm(numeric); return 0.0 if size == 0 else "
        "np.linalg.norm(analytic - numeric) / size",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 11.5",
)
def relative_error(analytic, numeric): ...


@relative_error.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    a = rng.normal(size=(3, 5))
    yield a, a + 1e-2 * rng.normal(size=(3, 5))
    yield 1e-3 * rng.normal(size=7), 1e-3 * rng.normal(size=7)
    yield a[:2], 3 * a[:2] + rng.normal(size=(2, 5))
    yield 5 * a, -5 * a
    shape = tuple(rng.integers(2, 40, size=2))
    yield np.zeros(shape), np.zeros(shape)
    yield rng.normal(size=(2, 3, 5)), np.zeros((2, 3, 5))
    same = rng.uniform(1, 3)
    yield np.array([same, 0.0, 1e-9]), np.array([same, 0.0, 3e-9])
    yield 1e-30 * a, -3e-30 * a  # small gradients can be as wrong as large ones


def _length(a):
    return np.sqrt((a**2).sum())


@relative_error.mistake(
    "This is the absolute error: it depends on the scale of the gradients. Divide by the sum of both lengths."
)
def error_not_relative(analytic, numeric):
    return _length(analytic - numeric)


@relative_error.mistake(
    "Differences of opposite sign cancel in your sum. Take the length of the difference: the root of its "
    "summed squares."
)
def error_cancels(analytic, numeric):
    size = _length(analytic) + _length(numeric)
    return abs((analytic - numeric).sum()) / size if size else 0.0


@relative_error.mistake(
    "Two gradients that are zero everywhere agree, but 0 / 0 is nan: return 0.0 in this case.", credit=0.5
)
def error_nan_for_zeros(analytic, numeric):
    return _length(analytic - numeric) / np.float64(_length(analytic) + _length(numeric))


@relative_error.mistake(
    "You divided by the analytic length alone, so swapping the arguments changes the answer. Divide by the "
    "sum of both lengths."
)
def error_by_analytic(analytic, numeric):
    size = _length(analytic)
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You divided by the numeric length alone, which fails when that is zero. Divide by the sum of both "
    "lengths."
)
def error_by_numeric(analytic, numeric):
    size = _length(numeric)
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You divided by the larger of the two lengths; here it is their sum, so that the error lies between 0 "
    "and 1.",
    credit=0.5,
)
def error_by_larger(analytic, numeric):
    size = max(_length(analytic), _length(numeric))
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You took the worst single entry. An entry near zero is all rounding noise: compare the lengths of "
    "whole arrays instead."
)
def error_of_worst_entry(analytic, numeric):
    return (np.abs(analytic - numeric) / np.maximum(np.abs(analytic) + np.abs(numeric), 1e-12)).max()


@relative_error.mistake(
    "The roots are missing: lengths are roots of summed squares, also in the denominator."
)
def error_squared(analytic, numeric):
    size = (analytic**2).sum() + (numeric**2).sum()
    return ((analytic - numeric) ** 2).sum() / size if size else 0.0


@relative_error.mistake(
    "The error must not depend on the scale: no tolerance and no eps, only exactly zero is special. Your "
    "answer for two very small, quite different gradients is 0."
)
def error_zero_when_small(analytic, numeric):
    return _length(analytic - numeric) / max(_length(analytic) + _length(numeric), 1e-12)


@relative_error.mistake(
    "You added 1e-8 to the denominator, so small gradients look right even if they are wrong. Only two "
    "gradients that are exactly zero are special.",
    credit=0.5,
)
def error_with_eps(analytic, numeric):
    return _length(analytic - numeric) / (_length(analytic) + _length(numeric) + 1e-8)


@relative_error.mistake(
    "You averaged the errors of single entries. An entry near zero is all rounding noise and would weigh as "
    "much as the others: compare the lengths of whole arrays instead."
)
def error_of_mean_entry(analytic, numeric):
    return (np.abs(analytic - numeric) / np.maximum(np.abs(analytic) + np.abs(numeric), 1e-12)).mean()


@relative_error.mistake(
    "You divided entry by entry and took the greatest; where both entries are zero this is nan. Compare the "
    "lengths of whole arrays instead."
)
def error_of_worst_entry_nan(analytic, numeric):
    return (np.abs(analytic - numeric) / (np.abs(analytic) + np.abs(numeric))).max()


@relative_error.mistake(
    "You divided entry by entry and took the mean; where both entries are zero this is nan. Compare the "
    "lengths of whole arrays instead."
)
def error_of_mean_entry_nan(analytic, numeric):
    return (np.abs(analytic - numeric) / (np.abs(analytic) + np.abs(numeric))).mean()


@relative_error.mistake(
    "You divided by the length of the sum, which is small where two gradients point opposite ways. Divide "
    "by the sum of the two lengths."
)
def error_by_length_of_sum(analytic, numeric):
    size = _length(analytic + numeric)
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You compared the lengths only: two gradients of equal length may point anywhere. Take the length of "
    "the difference, not the difference of the lengths."
)
def error_of_lengths(analytic, numeric):
    size = _length(analytic) + _length(numeric)
    return abs(_length(analytic) - _length(numeric)) / size if size else 0.0


@relative_error.mistake(
    "You summed absolute values. The length of an array is the root of its summed squares.", credit=0.5
)
def error_of_absolute_sums(analytic, numeric):
    size = np.abs(analytic).sum() + np.abs(numeric).sum()
    return np.abs(analytic - numeric).sum() / size if size else 0.0


@relative_error.mistake(
    "You took the greatest absolute values in the place of lengths. The length of an array is the root of "
    "its summed squares.",
    credit=0.5,
)
def error_of_greatest_values(analytic, numeric):
    size = np.abs(analytic).max() + np.abs(numeric).max()
    return np.abs(analytic - numeric).max() / size if size else 0.0


@relative_error.mistake(
    "You took a relative error of each entry and averaged them, so that an entry near zero, which rounding "
    "decides, weighs as much as the largest. Compare the two arrays as wholes: one length of the "
    "difference, one of each array.",
    credit=0.25,
)
def mean_of_entries_errors(analytic, numeric):
    size = np.abs(analytic) + np.abs(numeric)
    errors = np.divide(np.abs(analytic - numeric), size, out=np.zeros_like(size), where=size > 0)
    return errors.mean()
