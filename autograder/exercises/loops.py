"""Slips of a loop over the steps of a sequence, each said once. NumPy only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Exercise, Function
from autograder.exercises.families import changed, spoilt


def loops(
    exercise: Exercise, right: Function, along: tuple[str, ...], starts: tuple[str, ...], *but: str
) -> None:
    """Declare the slips of a loop over axis 1 of the arguments `along`, without those in `but`.

    `starts` names what the loop hands on, before the first step.
    """
    for slip in (*_in_the_results(exercise, right), *_in_what_is_handed_on(exercise, right, along, starts)):
        if slip[0] not in but:
            exercise.add_mistake(*slip)


def _in_the_results(exercise: Exercise, right: Function) -> Iterator[tuple]:
    def every(change: Function) -> Function:
        return changed(exercise, right, exercise.returns, lambda r, *_: change(r))

    yield (
        "time_first",
        every(lambda r: r.swapaxes(0, 1)),
        "Time comes first in your result. Batch comes first in this course, and time is axis 1: "
        "np.stack(..., axis=1).",
        0.5,
    )
    yield (
        "last_step_only",
        every(lambda r: r[:, -1]),
        "Only the last step comes back. All T of them are asked for, along axis 1.",
    )
    yield (
        "repeats_last_step",
        every(lambda r: np.repeat(r[:, -1:], r.shape[1], axis=1)),
        "Every step shows the last one: you stored one and the same array T times and kept changing it. "
        "Store a new array (or a copy) in each round.",
    )


def _in_what_is_handed_on(
    exercise: Exercise, right: Function, along: tuple[str, ...], starts: tuple[str, ...]
) -> Iterator[tuple]:
    words = " and ".join(starts)

    def steps(change: Function) -> dict[str, Function]:
        return {name: lambda named, name=name: change(named[name]) for name in along}

    def stuck(*given: Any) -> Any:
        T = given[exercise.arguments.index(along[0])].shape[1]
        alone = (spoilt(exercise, right, **steps(lambda a, t=t: a[:, t : t + 1])) for t in range(T))
        return _joined([step(*given) for step in alone])

    def with_start(join: Function) -> Function:
        def answer(*given: Any) -> Any:
            first = [given[exercise.arguments.index(name)][:, None] for name in starts]
            made = right(*given)
            if len(starts) == 1:
                return join(first[0], made)
            return tuple(map(join, first, made))

        return answer

    yield (
        "runs_backwards",
        changed(
            exercise,
            spoilt(exercise, right, **steps(lambda a: a[:, ::-1])),
            exercise.returns,
            lambda r, *_: r[:, ::-1],
        ),
        f"You went through the sequence from its end: the first step reads {along[0]}[:, 0].",
    )
    yield (
        "never_updated",
        stuck,
        f"Nothing is handed on: every step starts from {words} again. Keep what is new for the next round.",
    )
    yield (
        "stores_before_step",
        with_start(lambda start, made: np.concatenate([start, made[:, :-1]], axis=1)),
        f"Your result comes one step too late: it begins with {words}, and the last step is lost. Store "
        "what there is after the step, not before.",
    )
    yield (
        "keeps_start",
        with_start(lambda start, made: np.concatenate([start, made], axis=1)),
        f"What there is before the first step, {words}, stands among your T+1 steps. The result begins "
        "after the first input.",
        0.5,
    )


def _joined(parts: list) -> Any:
    """The results of single steps as those of a sequence."""
    if isinstance(parts[0], tuple):
        return tuple(np.concatenate(results, axis=1) for results in zip(*parts, strict=True))
    return np.concatenate(parts, axis=1)
