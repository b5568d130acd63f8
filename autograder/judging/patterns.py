"""Plain patterns of wrong numbers that hold for any exercise: transposed, sign flipped, a factor, a shift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Exercise
from autograder.judging.alterations import Numbers, alteration
from autograder.judging.compare import close
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
        if _numeric(got) and _numeric(want)
    ]
    if sum(want.size for _, _, want in numbers) < 2:
        return None  # one number fits too many patterns
    for holds, sentence in SIMPLE:
        told = [holds(got, want) for _, got, want in numbers]
        if any(told) and False not in told:
            return sentence.format(name=name)
    return (
        _other_result(exercise, numbers, i)
        or _an_argument(exercise, numbers, name)
        or _factor(exercise, numbers, name)
        or _of_the_right_shape(exercise, numbers, right, name)
    )


def _of_the_right_shape(exercise: Exercise, numbers: Numbers, right: list[Trial], name: str) -> str | None:
    if any(got.shape != want.shape for _, got, want in numbers):
        return None
    return alteration(numbers, name) or place(exercise.arguments, numbers, right, name)


def _numeric(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind in "iuf")


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal within rounding, and not merely because everything is zero."""
    return a.shape == b.shape and bool(close(a, b, 1e-7).all()) and bool(np.any(b))


def _comparable(got: np.ndarray, want: np.ndarray) -> bool:
    return got.shape == want.shape and bool(np.isfinite(got).all() and np.isfinite(want).all())


def _an_axis_of_one(got: np.ndarray, want: np.ndarray) -> bool:
    if got.shape == want.shape or got.squeeze().shape != want.squeeze().shape:
        return False
    return bool(close(got.reshape(want.shape), want, 1e-7).all())


def _rounded(got: np.ndarray, want: np.ndarray) -> bool:
    return _comparable(got, want) and bool((np.abs(got - want) <= 1e-5 * np.abs(want).max()).all())


def _cut_off(got: np.ndarray, want: np.ndarray) -> bool | None:
    if not _comparable(got, want):
        return False
    return bool(np.all(got == np.trunc(want))) if np.any(want != np.trunc(want)) else None


def _repeats_last(got: np.ndarray, want: np.ndarray) -> bool | None:
    if want.ndim < 2 or got.shape != want.shape:
        return False
    return _equal(got, np.repeat(want[:, -1:], want.shape[1], axis=1)) if want.shape[1] > 1 else None


def _not_summed(got: np.ndarray, want: np.ndarray) -> bool:
    return got.ndim == want.ndim + 1 and _equal(got.sum(0), want)


def _late(got: np.ndarray, want: np.ndarray) -> bool | None:
    if got.ndim < 2 or got.shape != want.shape:
        return False
    return _equal(got[:, 1:], want[:, :-1]) if want.shape[1] > 1 else None


def _early(got: np.ndarray, want: np.ndarray) -> bool | None:
    if got.ndim < 2 or got.shape != want.shape:
        return False
    return _equal(got[:, :-1], want[:, 1:]) if want.shape[1] > 1 else None


def _offset(got: np.ndarray, want: np.ndarray) -> bool | None:
    if not _comparable(got, want):
        return False
    gap = got - want
    return _equal(gap, np.full_like(gap, gap.flat[0])) if want.size > 1 else None


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
    (lambda g, w: _equal(-g, w), "The sign of {name} is flipped."),
    (
        lambda g, w: w.ndim == 2 and _equal(g.T, w),
        "{name} is transposed: its rows and columns are swapped.",
    ),
    (
        lambda g, w: w.ndim > 2 and g.ndim == w.ndim and _equal(g.swapaxes(0, 1), w),
        "The first two axes of {name} are swapped.",
    ),
    (
        _not_summed,
        "{name} is not summed: it still has an axis that should have been added up.",
    ),
    (
        lambda g, w: w.ndim >= 2 and g.shape == w.shape and _equal(g[:, ::-1], w),
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
    return _numeric(other) and _equal(got, np.asarray(other))


def _an_argument(exercise: Exercise, numbers: Numbers, name: str) -> str | None:
    for j, argument in enumerate(exercise.arguments):
        given = [(got, t.arguments[j]) for t, got, _ in numbers]
        if all(isinstance(a, np.ndarray) and _equal(got, a) for got, a in given):
            return f"{name} is just the argument {argument}, unchanged."
    return None


def _factor(exercise: Exercise, numbers: Numbers, name: str) -> str | None:
    """A constant factor per case: a number, or the size of an argument's axis (too large or too small)."""
    ratios = [ratio for _, got, want in numbers if (ratio := _ratio(got, want)) is not None]
    if len(ratios) < len(numbers):
        return None
    if np.allclose(ratios, ratios[0]) and len(numbers) > 1:
        which = "Every entry of " if any(want.ndim for _, _, want in numbers) else ""
        return f"{which}{name} is {ratios[0]:.6g} times the right one."
    if np.allclose(ratios, ratios[0]):
        return None  # a single case, or sizes that do not differ, would blame any axis of that size
    for j, argument in enumerate(exercise.arguments):
        shapes = [np.shape(t.arguments[j]) if _numeric(t.arguments[j]) else () for t, _, _ in numbers]
        for axis in range(min(map(len, shapes))):
            sizes = np.array([shape[axis] for shape in shapes], dtype=float)
            if np.allclose(ratios, sizes):
                return f"{name} is too large by the factor {argument}.shape[{axis}]."
            if np.allclose(ratios, 1 / sizes):
                return f"{name} is too small by the factor {argument}.shape[{axis}]."
    return None


def _ratio(got: np.ndarray, want: np.ndarray) -> float | None:
    if not _comparable(got, want):
        return None
    largest = np.unravel_index(np.abs(want).argmax(), want.shape)
    if want[largest] == 0 or got[largest] == 0:
        return None
    ratio = float(got[largest] / want[largest])
    return ratio if _equal(got, ratio * want) else None
