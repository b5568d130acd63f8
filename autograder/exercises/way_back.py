"""Slips on the way back through time, each said once for every recurrent cell. NumPy only.

An exercise says what its backward pass is made of (`Parts`); the loop over the steps, and what people do
wrong in it, is the same for a plain network, an LSTM and a GRU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise import Exercise, Function
from autograder.exercises.families import changed


@dataclass
class Parts:
    """What one case's backward pass is made of."""

    #: What arrives at each step from the loss, (N, T, H).
    dh: np.ndarray
    #: What the first step starts from, and what there is after each step: (h0,) and (h,), or with a memory.
    starts: tuple[np.ndarray, ...]
    states: tuple[np.ndarray, ...]
    #: `step(t, arrives, before)` gives dx_t, what is sent back, and the weights' share.
    step: Callable[[int, list, list], tuple[np.ndarray, tuple, list]]


def _before(parts: Parts) -> list[np.ndarray]:
    """What each step started from."""
    pairs = zip(parts.starts, parts.states, strict=True)
    return [np.concatenate([start[:, None], states[:, :-1]], axis=1) for start, states in pairs]


def _all_back(T: int) -> Iterable[int]:
    return range(T - 1, -1, -1)


def walk(
    parts: Parts,
    *,
    rounds: Callable[[int], Iterable[int]] = _all_back,
    before: Callable[[Parts], list] = _before,
    arrives: Callable[[np.ndarray, list, bool], np.ndarray] = lambda dh_t, carry, is_last: dh_t + carry[0],
    accumulates: bool = False,
    overwritten: Callable[[int], bool] = lambda i: False,
) -> tuple:
    """dx, the gradients of the starts, and those of the weights: what is right, or one thing in it spoilt."""
    T, seen = parts.dh.shape[1], before(parts)
    carry = [np.zeros_like(start) for start in parts.starts]
    dx, sums = {}, None
    for t in rounds(T):
        here = [arrives(parts.dh[:, t], carry, t == T - 1), *carry[1:]]
        dx[t], sent, shares = parts.step(t, here, [b[:, t] for b in seen])
        carry = [old + new for old, new in zip(carry, sent, strict=True)] if accumulates else sent
        pairs = enumerate(zip(sums or shares, shares, strict=True))
        sums = [share if sums is None or overwritten(i) else old + share for i, (old, share) in pairs]
    if sums is None:  # not a single round: all stays at zero
        dx[0], _, shares = parts.step(0, [0 * parts.dh[:, 0], *carry[1:]], [b[:, 0] for b in seen])
        dx[0], sums = 0 * dx[0], [0 * share for share in shares]
    nothing = np.zeros_like(next(iter(dx.values())))
    return np.stack([dx.get(t, nothing) for t in range(T)], axis=1), *carry, *sums


def _replaced(change: Function, only: int | None = None) -> Callable[[Parts], list]:
    """The states before each step, all or number `only` made by `change(before, states)`."""

    def before(parts: Parts) -> list[np.ndarray]:
        pairs = enumerate(zip(_before(parts), parts.states, strict=True))
        return [change(b, s) if only in (None, k) else b for k, (b, s) in pairs]

    return before


def _zero_at_first(before: np.ndarray, _: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros_like(before[:, :1]), before[:, 1:]], axis=1)


#: The slips of the loop itself, by name: what `walk` is told, the sentence, the credit.
LOOP: dict[str, tuple[dict[str, Any], str]] = {
    "later_steps_missing": (
        {"arrives": lambda dh_t, carry, is_last: dh_t},
        "What step t+1 sends back to h_t is missing: each step's gradient is dh[:, t] plus that, for h_t "
        "also acts through the next step.",
    ),
    "only_last_loss": (
        {"arrives": lambda dh_t, carry, is_last: dh_t if is_last else carry[0]},
        "Only the last step's loss counts in your gradients. Every step may have a loss of its own: add "
        "dh[:, t] to what step t+1 sent back, in every round.",
    ),
    "loop_runs_forwards": (
        {"rounds": range},
        "Your loop runs from the first step to the last. The last step knows its whole gradient first: go "
        "back, reversed(range(T)).",
    ),
    "loop_starts_late": (
        {"rounds": lambda T: range(T - 2, -1, -1)},
        "Your loop starts at step T-2, so that the last step is left out of every gradient. Start at T-1: "
        "reversed(range(T)), or range(T - 1, -1, -1).",
    ),
    "loop_ends_early": (
        {"rounds": lambda T: range(T - 1, 0, -1)},
        "Your loop ends at step 1, so that step 0 is left out of every gradient. Go down to 0: "
        "reversed(range(T)), or range(T - 1, -1, -1).",
    ),
    "carry_accumulates": (
        {"accumulates": True},
        "What goes back grows from round to round: you add to it where it should be replaced. What step t "
        "sends back already contains all that came to it from later steps.",
    ),
    "weights_overwritten": (
        {"overwritten": lambda i: True},
        "The weights' gradients are overwritten in each round, so that only step 0 is left. Every step used "
        "the weights: start from zeros and accumulate with +=.",
    ),
}


def _loop_slips(exercise: Exercise, starts: tuple[str, ...]) -> dict[str, tuple[dict[str, Any], str]]:
    """The slips of an exercise's loop: those of every loop, and those that have its names in them."""
    words = " and ".join(starts)
    slips = dict(LOOP)
    slips["index_wraps_round"] = (
        {"before": _replaced(lambda _, states: np.roll(states, 1, axis=1))},
        "In step 0 your code takes the *last* step for the one before it: in NumPy the index -1 is the end. "
        f"Before step 0 comes {words}.",
    )
    for only, name in [*enumerate(starts), *([(None, words)] if len(starts) > 1 else [])]:
        told = name.replace(" ", "_")
        slips[f"zeros_for_{told}_on_the_way_back"] = (
            {"before": _replaced(_zero_at_first, only)},
            f"Your backward pass takes zeros in the place of {name}: what step 0 started from is {name}.",
        )
        after = name.replace("0", "_t")
        slips[f"new_{told}_for_old".replace("0", "")] = (
            {"before": _replaced(lambda _, states: states, only)},
            f"You handed {after} to the backward pass of step t, which needs what the step started from: "
            f"{after.replace('_t', '_{t-1}')}, and {name} in step 0.",
        )
    weights = exercise.returns[1 + len(starts) :]
    for i, name in enumerate(weights):
        slips[f"{name}_overwritten"] = (
            {"overwritten": lambda j, i=i: j == i},
            f"Only {name} is overwritten in each round, so that step 0 alone is left in it: accumulate it "
            "with +=, like the others.",
        )
    return slips


def way_back(exercise: Exercise, parts: Callable[..., Parts], starts: tuple[str, ...], *but: str) -> Function:
    """Declare the slips, without those in `but`, and give back the right answer."""

    def answer(told: dict[str, Any]) -> Function:
        return lambda *given: walk(parts(*given), **told)

    for name, (told, message) in _loop_slips(exercise, starts).items():
        if name not in but:
            exercise.add_mistake(name, answer(told), message)
    right = answer({})
    for start in starts:
        exercise.add_mistake(
            f"d{start}_dropped",
            changed(exercise, right, [f"d{start}"], lambda result, *_: np.zeros_like(result)),
            f"Your d{start} is zero everywhere. It is what is left to send back after step 0: {start} acted "
            "like any other state.",
            0.5,
        )
    return right
