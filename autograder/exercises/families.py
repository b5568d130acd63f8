"""Slips that can happen in many exercises, each said once. NumPy only.

A family takes an exercise and `right`, its answer in NumPy, spoils that answer in one way, and declares what
comes of it as a mistake. Slips of a loop over the steps are in loops.py, those of the way back in
way_back.py.
What can be seen in a result alone (decimals cut off) needs no declaration: it is a pattern of
judging/patterns.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.exercise import Exercise, Function

#: Makes an argument anew, from all arguments by name.
Change = Callable[[dict[str, Any]], Any]


def spoilt(exercise: Exercise, right: Function, **changes: Change) -> Function:
    """`right`, called with some of its arguments changed: each keyword names one and says how."""

    def answer(*given):
        named = dict(zip(exercise.arguments, given, strict=True))
        return right(*(named | {name: change(named) for name, change in changes.items()}).values())

    return answer


def changed(exercise: Exercise, right: Function, results: Sequence[str], change: Function) -> Function:
    """`right`, with the results of these names replaced by `change(result, *arguments)`."""

    def answer(*given):
        made = right(*given)
        if len(exercise.returns) == 1:
            return change(made, *given) if results else made
        return tuple(
            change(result, *given) if name in results else result
            for name, result in zip(exercise.returns, made, strict=True)
        )

    return answer


def starts_from_zeros(exercise: Exercise, right: Function, *starts: str) -> None:
    """Zeros where a start is given: each of `starts` alone, and all of them."""

    def zeros(name: str) -> Change:
        return lambda named: np.zeros_like(named[name])

    for names in [*((name,) for name in starts), *([starts] if len(starts) > 1 else [])]:
        words = " and ".join(names)
        exercise.add_mistake(
            "zeros_for_" + "_and_".join(names),
            spoilt(exercise, right, **{name: zeros(name) for name in names}),
            f"You took zeros in the place of {words}. The first step starts from {words}: hand that in "
            "there.",
        )


def gate_order(exercise: Exercise, right: Function, ours: str, *orders: str) -> None:
    """The gates in another framework's order, in the stacked weights and in the gradients of these."""
    stacked = [name for name in exercise.arguments if name[:2] in ("W_", "b_")]
    gradients = [name for name in exercise.returns if name[1:] in stacked]
    for theirs in orders:
        there = [theirs.index(gate) for gate in ours]
        here = [ours.index(gate) for gate in theirs]
        wrong = spoilt(exercise, right, **{name: _in_order(name, there) for name in stacked})
        exercise.add_mistake(
            f"gates_{theirs}",
            changed(exercise, wrong, gradients, lambda d, *_, here=here: _blocks(d, here)),
            f"Your gates stand in the order {', '.join(theirs)}. In this course, as in PyTorch, the columns "
            f"of the weights and the entries of the biases are in the order {', '.join(ours)}.",
        )


def _in_order(name: str, order: Sequence[int]) -> Change:
    return lambda named: _blocks(named[name], order)


def _blocks(array: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """The blocks of the last axis, of one size each, in another order."""
    parts = np.split(array, len(order), axis=-1)
    return np.concatenate([parts[k] for k in order], axis=-1)


def averaged(exercise: Exercise, right: Function, results: Sequence[str], but: Sequence[str] = ()) -> None:
    """Gradients of weights divided by the size of the batch: all of `results`, and each alone.

    A bias's gradient is averaged alone by whoever writes mean(axis=0) there, and by nobody a matrix's.
    """
    biases = tuple(name for name in results if name.startswith("db"))
    batch = exercise.arguments[0]
    for name, names in {"averaged_over_batch": tuple(results), "biases_averaged": biases}.items():
        if name not in but:
            exercise.add_mistake(
                name,
                changed(exercise, right, names, lambda d, first, *_: d / len(first)),
                f"You averaged {', '.join(names)} over the batch. The loss has taken its mean already, so "
                f"that it is in {batch}: gradients of weights and biases are sums.",
                0.5,
            )


#: What people write for the slope of tanh, with h = tanh(a).
SLOPES: dict[str, tuple[Function, str, float]] = {
    "slope_missing": (np.ones_like, "The slope of tanh, 1 - {h}**2, is missing.", 0),
    "slope_without_square": (
        lambda h: 1 - h,
        "Your slope is 1 - {h}; the square is missing: the slope of tanh is 1 - {h}**2.",
        0.25,
    ),
    "slope_squashed_twice": (
        lambda h: 1 - np.tanh(h) ** 2,
        "Your slope is 1 - tanh({h})**2, which squashes {h} a second time. It is a value of tanh already: "
        "the slope is 1 - {h}**2.",
        0.25,
    ),
    "slope_of_sigmoid": (
        lambda h: h * (1 - h),
        "Your slope is {h} * (1 - {h}), the sigmoid's. Here {h} comes from tanh, whose slope is 1 - {h}**2.",
        0,
    ),
}


def tanh_slope(
    exercise: Exercise, using: Callable[[Function], Function], h: str = "h", but: str = ""
) -> None:
    """Another function for the slope of tanh; `using(slope)` is the answer that calls slope(h)."""
    for name, (slope, message, credit) in SLOPES.items():
        exercise.add_mistake(name, using(slope), message.format(h=h), credit)


def inverted_mask(exercise: Exercise, right: Function, mask: str) -> None:
    """True taken for "hide", as in other frameworks."""

    def inverted(named: dict[str, Any]) -> Any:
        return None if named[mask] is None else ~named[mask]

    exercise.add_mistake(
        "inverts_" + mask,
        spoilt(exercise, right, **{mask: inverted}),
        f"You took {mask} the other way round: True marks what counts, and False what is to be left out.",
    )


def keeps_below(exercise: Exercise, right: Function, does: str) -> None:
    """The same chance from the other end of the uniform numbers."""
    exercise.add_mistake(
        "compares_with_one_minus_p",
        spoilt(exercise, right, uniforms=lambda named: 1 - np.nextafter(named["uniforms"], 2)),  # < stays <
        f"You compared uniforms with 1 - p: the share is right, but others are chosen. {does}",
    )


def own_softmax(exercise: Exercise, using: Callable[[Function], Function], *but: str) -> None:
    """A masked softmax of one's own, without its edge; `using(softmax)` is the answer that calls it."""
    edges = {
        "minus_infinity": (-np.inf, "-inf in every place gives nan"),
        "large_number": (-1e9, "one large negative number in every place gives equal weights"),
    }
    for name, (hidden, edge) in edges.items():
        wrong = {
            f"hides_with_{name}": (
                using(lambda scores, mask, hidden=hidden: _softmax(np.where(mask, scores, hidden))),
                f"Where nothing may be attended to, {edge}. Such a row must give zeros, as masked_softmax "
                "does.",
                0.5,
            ),
            f"hides_the_rest_with_{name}": (
                using(lambda scores, mask, hidden=hidden: _softmax(np.where(mask, hidden, scores))),
                "You took mask the other way round: True marks what may be attended to. And where nothing "
                f"is left, {edge}: it must give zeros.",
            ),
        }
        for slip in sorted(wrong.keys() - set(but)):
            exercise.add_mistake(slip, *wrong[slip])


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
