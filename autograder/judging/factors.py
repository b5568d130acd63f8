"""Is a wrong result a constant times the right one? And what patterns need to compare two arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Exercise
from autograder.judging.compare import close
from autograder.judging.verdict import Trial

#: A number below this share of the right one is no multiple of it; it has nothing to do with it.
FAINT = 1e-12

#: Each trial with what came and what was expected.
Numbers = list[tuple[Trial, np.ndarray, np.ndarray]]


def numeric(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind in "iuf")


def equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal within rounding, and not merely because everything is zero."""
    return a.shape == b.shape and bool(close(a, b, 1e-7).all()) and bool(np.any(b))


def comparable(got: np.ndarray, want: np.ndarray) -> bool:
    return got.shape == want.shape and bool(np.isfinite(got).all() and np.isfinite(want).all())


def factor(exercise: Exercise, numbers: Numbers, name: str) -> str | None:
    """A constant factor per case: a number, or the size of an argument's axis (too large or too small)."""
    ratios = [ratio for _, got, want in numbers if (ratio := ratio_of(got, want)) is not None]
    if len(ratios) < len(numbers):
        return None
    alike = np.allclose(ratios, ratios[0], atol=0)
    if alike and len(numbers) > 1:
        which = "Every entry of " if any(want.ndim for _, _, want in numbers) else ""
        return f"{which}{name} is {ratios[0]:.6g} times the right one."
    if alike:
        return None  # a single case, or sizes that do not differ, would blame any axis of that size
    for j, argument in enumerate(exercise.arguments):
        shapes = [np.shape(t.arguments[j]) if numeric(t.arguments[j]) else () for t, _, _ in numbers]
        for axis in range(min(map(len, shapes))):
            sizes = np.array([shape[axis] for shape in shapes], dtype=float)
            if np.allclose(ratios, sizes):
                return f"{name} is too large by the factor {argument}.shape[{axis}]."
            if np.allclose(ratios, 1 / sizes):
                return f"{name} is too small by the factor {argument}.shape[{axis}]."
    return None


def ratio_of(got: np.ndarray, want: np.ndarray) -> float | None:
    if not comparable(got, want):
        return None
    largest = np.unravel_index(np.abs(want).argmax(), want.shape)
    if want[largest] == 0 or got[largest] == 0:
        return None
    ratio = float(got[largest] / want[largest])
    if abs(ratio) < FAINT:
        return None  # beside rounding, anything so small is a multiple of anything
    return ratio if equal(got, ratio * want) else None
