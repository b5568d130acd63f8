"""Numbers by which results are told apart, and how far one is from what is right."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.plain import leaves

#: What stands for the result of a call that failed.
FAILED = object()


def _numbers(value: Any) -> Iterator[np.ndarray]:
    for leaf in leaves(value):
        if isinstance(leaf, bool | int | float | np.ndarray):
            yield np.asarray(leaf, dtype=float)


def mark_of(value: Any) -> float:
    """One number by which two results are told apart quickly."""
    return float(sum((i + 1) * np.nansum(a) for i, a in enumerate(_numbers(value))))


def alike(mark: float, other: float) -> bool:
    """May two results with these marks be equal? (np.isclose takes two hundred times as long.)"""
    return math.isclose(mark, other, rel_tol=1e-6, abs_tol=1e-8) or (math.isnan(mark) and math.isnan(other))


def emptied(value: Any, before: Any, expected: Any) -> bool:
    """Is one of these arrays all 0 that was not before, and should not be?"""
    if before is FAILED:
        return False
    columns = zip(_numbers(value), _numbers(before), _numbers(expected), strict=False)
    return any(not now.any() and was.any() and right.any() for now, was, right in columns)


def distance(value: Any, expected: Any) -> float:
    """How far a result is from the right one, in shares of it; infinite where it has another form."""
    got = [] if value is FAILED or value is None else list(_numbers(value))
    want = list(_numbers(expected))
    if [a.shape for a in got] != [a.shape for a in want]:
        return np.inf
    return float(sum(np.abs(g - w).sum() / (np.abs(w).sum() + 1e-12) for g, w in zip(got, want, strict=True)))
