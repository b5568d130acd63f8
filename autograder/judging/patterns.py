"""Plain patterns of wrong numbers that hold for any exercise: transposed, sign flipped, a factor, a shift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Exercise
from autograder.judging.alterations import alteration
from autograder.judging.compare import close
from autograder.judging.factors import FAINT, Numbers, comparable, equal, factor, numeric
from autograder.judging.places import place
from autograder.judging.verdict import Trial


def pattern(exercise: Exercise, pairs: list[tuple[Trial, Any]], i: int, right: list[Trial]) -> str | None:
    """A sentence for wrong result number `i`, or None.

    `pairs` holds each trial with the value that came, `right` are the trials in which the result is right.
    """
    name = exercise.returns[i]
    expected = [t.expected if len(exercise.returns) == 1 else t.expected[i] for t, _ in pairs]
    numbers = [
        (trial, np.asarray(got), np.asarray(want))
        for (trial, got), want in zip(pairs, expected, strict=True)
        if numeric(got) and numeric(want)
    ]
    if numbers and all(not np.isfinite(got).any() and np.isfinite(want).all() for _, got, want in numbers):
        return NOT_FINITE.format(name=name)
    if sum(want.size for _, _, want in numbers) < 2:
        return None  # one number fits too many patterns
    if _never_written(numbers):
        return NEVER_WRITTEN.format(name=name)
    for holds, sentence in SIMPLE:
        told = [holds(got, want) for _, got, want in numbers]
        if any(told) and False not in told:
            return sentence.format(name=name)
    return (
        _other_result(exercise, numbers, i)
        or _an_argument(exercise, numbers, name)
        or factor(exercise, numbers, name)
        or _of_the_right_shape(exercise, numbers, right, name)
    )


def _of_the_right_shape(exercise: Exercise, numbers: Numbers, right: list[Trial], name: str) -> str | None:
    if any(got.shape != want.shape for _, got, want in numbers):
        return None
    return alteration(numbers, name) or place(exercise.arguments, numbers, right, name)


def _an_axis_of_one(got: np.ndarray, want: np.ndarray) -> bool:
    if got.shape == want.shape or got.squeeze().shape != want.squeeze().shape:
        return False
    return bool(close(got.reshape(want.shape), want, 1e-7).all())


def _never_written(numbers: Numbers) -> bool:
    """Does it look like memory that nobody wrote, in most cases? Such memory may look like a result, too."""
    usable = all(g.shape == w.shape and g.dtype.kind == "f" and w.any() for _, g, w in numbers)
    return usable and 2 * sum(_hardly_a_result(g, w) for _, g, w in numbers) > len(numbers)


def _hardly_a_result(got: np.ndarray, want: np.ndarray) -> bool:
    """Is all of it far below rounding, or a number among it that hardly any calculation gives?"""
    size = np.abs(got)
    odd = (size > 0) & (size < np.finfo(float).tiny)
    return bool(0 < size.max(initial=0) < FAINT * np.abs(want).max() or odd.any())


def _rounded(got: np.ndarray, want: np.ndarray) -> bool:
    return comparable(got, want) and bool((np.abs(got - want) <= 1e-5 * np.abs(want).max()).all())


def _cut_off(got: np.ndarray, want: np.ndarray) -> bool | None:
    if not comparable(got, want):
        return False
    telling = np.any(want != np.trunc(want)) and np.any(
        np.trunc(want)
    )  # not all zeros, which have other causes
    return bool(np.all(got == np.trunc(want))) if telling else None


def _repeats_last(got: np.ndarray, want: np.ndarray) -> bool | None:
    if want.ndim < 2 or got.shape != want.shape:
        return False
    return equal(got, np.repeat(want[:, -1:], want.shape[1], axis=1)) if want.shape[1] > 1 else None


def _not_summed(got: np.ndarray, want: np.ndarray) -> bool:
    return got.ndim == want.ndim + 1 and equal(got.sum(0), want)


def _late(got: np.ndarray, want: np.ndarray) -> bool | None:
    if got.ndim < 2 or got.shape != want.shape:
        return False
    return equal(got[:, 1:], want[:, :-1]) if want.shape[1] > 1 else None


def _early(got: np.ndarray, want: np.ndarray) -> bool | None:
    if got.ndim < 2 or got.shape != want.shape:
        return False
    return equal(got[:, :-1], want[:, 1:]) if want.shape[1] > 1 else None


def _offset(got: np.ndarray, want: np.ndarray) -> bool | None:
    if not comparable(got, want):
        return False
    gap = got - want
    return equal(gap, np.full_like(gap, gap.flat[0])) if want.size > 1 else None


NEVER_WRITTEN = (
    "{name} holds next to nothing: was it made by np.empty and not written, or only in part? That is an "
    "array of whatever lay in memory: write every entry, or begin with np.zeros."
)
NOT_FINITE = (
    "{name} is nan or inf: something overflows (exp of a large number), or zero is divided by zero, or the "
    "logarithm of zero or the root of a negative number is taken."
)
#: Does the pattern hold in this case? None where the case is too small to say.
Holds = Callable[[np.ndarray, np.ndarray], bool | None]

#: Tried in order; told is the first that holds in every case large enough to say.
SIMPLE: list[tuple[Holds, str]] = [
    (
        _an_axis_of_one,
        "{name} holds the right numbers, but has an axis of length 1 too many or too few.",
    ),
    (
        _rounded,
        "{name} is nearly right: is something rounded on the way (a cast to float32, a numerical "
        "derivative), or is a small constant like eps of another size or in another place?",
    ),
    (
        _cut_off,
        "{name} is right up to the point: its decimals are cut off. Was it stored in an array of integers?",
    ),
    (lambda g, w: equal(-g, w), "The sign of {name} is flipped."),
    (
        lambda g, w: w.ndim == 2 and equal(g.T, w),
        "{name} is transposed: its rows and columns are swapped.",
    ),
    (
        lambda g, w: w.ndim > 2 and g.ndim == w.ndim and equal(g.swapaxes(0, 1), w),
        "The first two axes of {name} are swapped.",
    ),
    (
        _not_summed,
        "{name} is not summed: it still has an axis that should have been added up.",
    ),
    (
        lambda g, w: w.ndim >= 2 and g.shape == w.shape and equal(g[:, ::-1], w),
        "{name} is reversed along its second axis.",
    ),
    (_late, "{name} comes one step too late along its second axis."),
    (
        _repeats_last,
        "{name} shows the last step at every step: you stored one array, T times. Store a copy.",
    ),
    (_early, "{name} comes one step too early along its second axis."),
    (
        lambda g, w: g.shape == w.shape and not g.any() and bool(w.any()),
        "{name} is zero everywhere: is it made and never filled, or multiplied by zero?",
    ),
    (
        _offset,
        "{name} is off by one constant everywhere: something is added once too often or left out.",
    ),
]


def _other_result(exercise: Exercise, numbers: Numbers, i: int) -> str | None:
    for j, other in enumerate(exercise.returns):
        if j != i and all(_is_result(got, t.expected[j]) for t, got, _ in numbers):
            name, order = exercise.returns[i], ", ".join(exercise.returns)
            return f"In the place of {name} you return {other}: the order is {order}."
    return None


def _is_result(got: np.ndarray, other: Any) -> bool:
    """Is `got` equal to another result, one that may also be a list of arrays of several shapes?"""
    return numeric(other) and equal(got, np.asarray(other))


def _an_argument(exercise: Exercise, numbers: Numbers, name: str) -> str | None:
    for j, argument in enumerate(exercise.arguments):
        given = [(got, t.arguments[j]) for t, got, _ in numbers]
        if all(isinstance(a, np.ndarray) and equal(got, a) for got, a in given):
            return f"{name} is just the argument {argument}, unchanged."
    return None
