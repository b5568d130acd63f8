"""What was done to a right result, where nothing says why: a function of it, its rows scaled, another order.

Each sentence is a fact that holds in all failing cases; none names a cause that the numbers do not show.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.judging.compare import close
from autograder.judging.factors import Numbers

RTOL = 1e-7


def wrong_entries(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Where two arrays of one shape differ."""
    return ~close(got, want, RTOL)


def alteration(numbers: Numbers, name: str) -> str | None:
    """A sentence on how `name` relates to the right result, or None. All arrays have the right shape."""
    return (
        _not_finite(numbers, name)
        or _function_of(numbers, name)
        or _by_rows(numbers, name)
        or _another_order(numbers, name)
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
    (lambda w: 1 / w, "one over the right one"),
]


def _not_finite(numbers: Numbers, name: str) -> str | None:
    bad = [~np.isfinite(g) & np.isfinite(w) for _, g, w in numbers]
    wrong = [wrong_entries(g, w) for _, g, w in numbers]
    what = (
        "something overflows (exp of a large number), zero is divided by zero, or the logarithm of zero or "
        "the root of a negative number"
    )
    if all((w == b).all() for w, b in zip(wrong, bad, strict=True)):
        return f"{name} is right but where it is not finite (nan or inf): there {what} is taken."
    if not all(w.ndim for w in wrong) or not any(b.any() for b in bad):
        return None
    pairs = zip(numbers, wrong, bad, strict=True)
    left = [w.any(-1) & ~b.any(-1) & g.any(-1) for (_, g, _), w, b in pairs]
    if any(row.any() for row in left):
        return None
    return (
        f"Every row of {name} that is wrong holds nan or inf, or nothing but zeros. exp of a large number is "
        "inf, exp of a very negative one is 0: subtract a row's maximum before."
    )


def _function_of(numbers: Numbers, name: str) -> str | None:
    if sum(w.size for _, _, w in numbers) < 3:
        return None
    for function, words in FUNCTIONS:
        made = [(g, function(w.astype(float))) for _, g, w in numbers]
        if all(np.isfinite(g).all() and close(g, m, RTOL).all() for g, m in made):
            return f"{name} is {words}."
    return None


def _by_rows(numbers: Numbers, name: str) -> str | None:
    """Each row, along the last axis, right up to a factor or a constant of its own."""
    if not all(w.ndim > 1 and np.isfinite(g).all() for _, g, w in numbers):
        return None
    if not any(w.shape[-1] > 2 for _, _, w in numbers):
        return None
    with np.errstate(all="ignore"):
        factors = [_factors(g, w) for _, g, w in numbers]
        made = [(g, f * w) for (_, g, w), f in zip(numbers, factors, strict=True)]
        if _vary(factors) and all(close(g, m, RTOL).all() for g, m in made):
            return (
                f"Each row of {name} (along its last axis) is right up to a factor of its own: what is it "
                "divided by?"
            )
        gaps = [g - w for _, g, w in numbers]
        if _vary([gap[..., :1] for gap in gaps]) and all(_constant(gap) for gap in gaps):
            return f"Each row of {name} (along its last axis) is off by a number of its own."
    return None


def _factors(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """By which factor the largest entry of each row is off."""
    largest = np.abs(want).argmax(axis=-1, keepdims=True)
    return np.asarray(np.take_along_axis(got, largest, -1) / np.take_along_axis(want, largest, -1))


def _vary(numbers: list[np.ndarray]) -> bool:
    """Are they finite, not zero, and in some case not all the same?"""
    usable = all(np.isfinite(n).all() and (n != 0).all() for n in numbers)
    return usable and any(np.ptp(n) > RTOL * np.abs(n).max() for n in numbers)


def _constant(gap: np.ndarray) -> bool:
    """Is each row one number?"""
    return bool(close(gap, np.broadcast_to(gap[..., :1], gap.shape), RTOL).all())


def _another_order(numbers: Numbers, name: str) -> str | None:
    both = [(np.sort(g, axis=None), np.sort(w, axis=None)) for _, g, w in numbers]
    if all(w.size > 2 and close(g, w, RTOL).all() for g, w in both):
        return f"{name} holds the right numbers, but not at their places."
    return None
