"""Where a result is wrong, where nothing says why: at which steps, in which blocks, in which cases.

Each sentence is a fact that holds in all failing cases; none names a cause that the numbers do not show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.judging.compare import close
from autograder.judging.verdict import Trial

#: A case, what came, and what is right.
Numbers = list[tuple[Trial, np.ndarray, np.ndarray]]
RTOL = 1e-7


def place(arguments: tuple[str, ...], numbers: Numbers, right: list[Trial], name: str) -> str | None:
    """A sentence on where `name` is wrong, or None. `right` are the cases in which it is right."""
    same = [(t, g, w) for t, g, w in numbers if g.shape == w.shape]
    if len(same) < len(numbers):
        return None
    return (
        _not_finite(same, name)
        or _function_of(same, name)
        or _along_an_axis(same, name)
        or _block(arguments, same, name)
        or _where_masked(arguments, same, name)
        or _by_rows(same, name)
        or _another_order(same, name)
        or _by_case(arguments, same, right, name)
    )


def _wrong(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    return ~close(got, want, RTOL)


def _not_finite(numbers: Numbers, name: str) -> str | None:
    bad = [~np.isfinite(g) & np.isfinite(w) for _, g, w in numbers]
    if not all((_wrong(g, w) == b).all() for (_, g, w), b in zip(numbers, bad, strict=True)):
        return None
    return (
        f"{name} is right but where it is not finite (nan or inf): there something overflows (exp "
        "of a large number), or zero is divided by zero, or the logarithm of zero is taken."
    )


#: What was done to the right result, and in which words.
FUNCTIONS: list[tuple[Callable[[np.ndarray], np.ndarray], str]] = [
    (np.exp, "the exponential of the right one"),
    (np.log, "the logarithm of the right one"),
    (np.square, "the square of the right one"),
    (np.sqrt, "the square root of the right one"),
    (np.abs, "the right one without its signs"),
    (np.tanh, "the tanh of the right one"),
    (lambda w: np.maximum(w, 0), "the right one with zeros for all negative numbers"),
    (lambda w: 1 - w, "one minus the right one"),
    (np.trunc, "the right one cut to whole numbers: is an array of integers filled?"),
    (lambda w: 1 / w, "one over the right one"),
]


def _function_of(numbers: Numbers, name: str) -> str | None:
    if sum(w.size for _, _, w in numbers) < 3:
        return None
    for function, words in FUNCTIONS:
        made = [(g, function(w.astype(float))) for _, g, w in numbers]
        if all(np.isfinite(g).all() and close(g, m, RTOL).all() for g, m in made):
            return f"{name} is {words}."
    return None


def _along_an_axis(numbers: Numbers, name: str) -> str | None:
    """Right but at the first or last place of an axis; or right up to a place, and wrong from there on."""
    dimensions = {w.ndim for _, _, w in numbers}
    if len(dimensions) != 1:
        return None
    for axis in range(dimensions.pop()):
        lines = [_wrong(g, w).any(axis=tuple(i for i in range(w.ndim) if i != axis)) for _, g, w in numbers]
        if not any(len(line) > 2 for line in lines):
            continue
        spot = f"axis {axis}"
        if all(not line[1:].any() for line in lines):
            return f"{name} is wrong only at the start of its {spot}, [index 0]; all the rest is right."
        if all(not line[:-1].any() for line in lines):
            return f"{name} is wrong only at the end of its {spot}, [index -1]; all the rest is right."
        if all(not line[0] and line[1:].all() for line in lines if len(line) > 1):
            return (
                f"{name} is right at the start of its {spot}, [index 0], and wrong from there on: look at "
                "what one step hands to the next."
            )
        if all(not line[-1] and line[:-1].all() for line in lines if len(line) > 1):
            return f"{name} is right at the end of its {spot}, [index -1], and wrong before it."
    return None


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
        wrong = _wrong(got, want).reshape(-1, gates, H).any(axis=(0, 2))
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
        wrong = [_wrong(g, w) for _, g, w in numbers]
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


def _by_rows(numbers: Numbers, name: str) -> str | None:
    """Each row, along the last axis, right up to a factor or a constant of its own."""
    if not all(w.ndim > 1 and np.isfinite(g).all() for _, g, w in numbers):
        return None
    if not any(w.shape[-1] > 2 for _, _, w in numbers):
        return None
    with np.errstate(all="ignore"):
        if all(_proportional(g, w) for _, g, w in numbers):
            return (
                f"Each row of {name} (along its last axis) is right up to a factor of its own: what is it "
                "divided by?"
            )
        if all(close(g - g[..., :1], w - w[..., :1], RTOL).all() for _, g, w in numbers):
            return f"Each row of {name} (along its last axis) is off by a number of its own."
    return None


def _proportional(got: np.ndarray, want: np.ndarray) -> bool:
    largest = np.abs(want).argmax(axis=-1, keepdims=True)
    factor = np.take_along_axis(got, largest, -1) / np.take_along_axis(want, largest, -1)
    return bool(np.isfinite(factor).all() and (factor != 0).all() and close(got, factor * want, RTOL).all())


def _another_order(numbers: Numbers, name: str) -> str | None:
    both = [(np.sort(g, axis=None), np.sort(w, axis=None)) for _, g, w in numbers]
    if all(w.size > 2 and close(g, w, RTOL).all() for g, w in both):
        return f"{name} holds the right numbers, but not at their places."
    return None


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
        found.append((lambda a, k=axis: np.shape(a)[k] > 1, f"{argument}.shape[{axis}] is more than 1"))
        found.append((lambda a, k=axis: np.shape(a)[k] == 1, f"{argument}.shape[{axis}] is 1"))
    if value.dtype.kind == "b":
        found.append((lambda a: not np.all(a), f"{argument} is not True everywhere"))
    else:
        found.append((lambda a: bool(np.any(a)), f"{argument} is not zero"))
        found.append((lambda a: np.abs(a).max(initial=0) > 100, f"{argument} holds large numbers"))
    return found
