"""Where a result is wrong, where nothing says why: at which steps, in which blocks, in which cases.

Each sentence is a fact that holds in all failing cases; none names a cause that the numbers do not show.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.judging.alterations import wrong_entries
from autograder.judging.factors import Numbers
from autograder.judging.verdict import Trial


def place(arguments: tuple[str, ...], numbers: Numbers, right: list[Trial], name: str) -> str | None:
    """A sentence on where `name` is wrong, or None. `right` are the cases in which it is right.

    All arrays have the right shape.
    """
    return (
        _along_an_axis(numbers, name)
        or _block(arguments, numbers, name)
        or _where_masked(arguments, numbers, name)
        or _by_case(arguments, numbers, right, name)
    )


def _along_an_axis(numbers: Numbers, name: str) -> str | None:
    """Wrong at the first or last index of an axis alone; or right there, and wrong everywhere else."""
    dimensions = {w.ndim for _, _, w in numbers}
    if len(dimensions) != 1:
        return None
    for axis in range(dimensions.pop()):
        lines = [_by_index(g, w, axis) for _, g, w in numbers]
        long = [line for line in lines if len(line) > 1]
        if not any(len(line) > 2 for line in long):
            continue
        for end, words in ((0, "the first"), (-1, "the last")):
            spot = f"{words} index of its axis {axis}"
            rest = [np.delete(line, end) for line in long]
            if all(line[end] for line in long) and not any(r.any() for r in rest):
                return f"{name} is wrong only at {spot}; all the rest is right."
            if not any(line[end] for line in lines) and all(r.all() for r in rest):
                return f"{name} is right at {spot}, and wrong at all others."
    return None


def _by_index(got: np.ndarray, want: np.ndarray, axis: int) -> np.ndarray:
    """For each index of an axis: is anything wrong there?"""
    return np.asarray(wrong_entries(got, want).any(axis=tuple(i for i in range(want.ndim) if i != axis)))


def _block(arguments: tuple[str, ...], numbers: Numbers, name: str) -> str | None:
    """Wrong in one block of stacked gates alone."""
    if "W_hh" not in arguments:
        return None
    at = arguments.index("W_hh")
    found = set()
    for trial, got, want in numbers:
        H = len(trial.arguments[at])
        gates, rest = divmod(want.shape[-1], H) if want.ndim else (0, 1)
        if rest or gates not in (3, 4):
            return None
        wrong = wrong_entries(got, want).reshape(-1, gates, H).any(axis=(0, 2))
        found.add((gates, tuple(np.flatnonzero(wrong))))
    if len(found) != 1 or len(blocks := found.copy().pop()[1]) != 1:
        return None
    [(gates, _)], block = found, blocks[0]
    return (
        f"Of the {gates} blocks of {name} only number {block + 1} is wrong, the entries from {block}*H to "
        f"{block + 1}*H of its last axis."
    )


def _where_masked(arguments: tuple[str, ...], numbers: Numbers, name: str) -> str | None:
    """Wrong only where a mask says True, or only where it says False."""
    for i, argument in enumerate(arguments):
        masks = [_fitting(trial.arguments[i], want) for trial, _, want in numbers]
        if any(mask is None for mask in masks):
            continue
        wrong = [wrong_entries(g, w) for _, g, w in numbers]
        for value in (True, False):
            outside = [w[m != value].any() for w, m in zip(wrong, masks, strict=True)]
            both = any((m == value).any() and (m != value).any() for m in masks if m is not None)
            if both and not any(outside):
                return f"{name} is wrong only where {argument} is {value}."
    return None


def _fitting(mask: Any, want: np.ndarray) -> np.ndarray | None:
    """The mask in the shape of the result, if it is one and fits."""
    if not isinstance(mask, np.ndarray) or mask.dtype.kind != "b" or mask.ndim > want.ndim:
        return None
    if want.shape[: mask.ndim] != mask.shape:
        return None
    return np.broadcast_to(mask.reshape(mask.shape + (1,) * (want.ndim - mask.ndim)), want.shape)


def _by_case(arguments: tuple[str, ...], numbers: Numbers, right: list[Trial], name: str) -> str | None:
    """What the cases in which it is wrong have in common, and the others have not."""
    wrong = [trial for trial, _, _ in numbers]
    if not right:
        return None
    for i, argument in enumerate(arguments):
        if (
            len(
                {
                    np.ndim(t.arguments[i]) if isinstance(t.arguments[i], np.ndarray) else -1
                    for t in wrong + right
                }
            )
            > 1
        ):
            continue
        for holds, words in _conditions(wrong[0].arguments[i], argument):
            told = [[holds(trial.arguments[i]) for trial in group] for group in (wrong, right)]
            if all(told[0]) and not any(told[1]):
                return f"{name} is wrong only in the cases in which {words}."
    return None


def _conditions(value: Any, argument: str) -> list[tuple[Callable[[Any], bool], str]]:
    """Conditions on an argument of this kind, with their words."""
    if not isinstance(value, np.ndarray):
        return []
    found: list[tuple[Callable[[Any], bool], str]] = []
    for axis in range(value.ndim):
        found.append((partial(_longer, axis), f"{argument}.shape[{axis}] is more than 1"))
        found.append((partial(_single, axis), f"{argument}.shape[{axis}] is 1"))
    if value.dtype.kind == "b":
        return [*found, (_hides, f"{argument} is not True everywhere")]
    return [*found, (_not_zero, f"{argument} is not zero"), (_large, f"{argument} holds large numbers")]


def _longer(axis: int, array: np.ndarray) -> bool:
    return bool(array.shape[axis] > 1)


def _single(axis: int, array: np.ndarray) -> bool:
    return bool(array.shape[axis] == 1)


def _hides(mask: np.ndarray) -> bool:
    return bool(not mask.all())


def _not_zero(array: np.ndarray) -> bool:
    return bool(array.any())


def _large(array: np.ndarray) -> bool:
    return bool(np.abs(array).max(initial=0) > 100)
