"""What changed answers are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from autograder.exercise import CONFIRM_SEED, EXERCISES, OPEN_SEED, Function
from autograder.judging.outcome import call
from autograder.judging.repair.trial import Task
from autograder.judging.verdict import Trial, Verdict
from autograder.oracle import solve


class Returned(Sequence[Any]):
    """What a mistake returns case by case, None where it fails: worked out when it is looked at, and kept."""

    def __init__(self, function: Function, cases: list[tuple[Any, ...]]) -> None:
        self._function, self._cases = function, cases
        self._order: Sequence[int] = range(len(cases))
        self._known: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: Any) -> Any:
        case = self._order[place]
        if case not in self._known:
            self._known[case] = _returned(self._function, self._cases[case])
        return self._known[case]

    def in_order(self, order: Sequence[int]) -> Returned:
        """The same with other cases first; what is known is shared."""
        made = Returned(self._function, self._cases)
        made._order, made._known = order, self._known
        return made


def task_of(verdict: Verdict) -> Task:
    """What changed answers are held against, in plain values: the cases, the smallest failing one first."""
    task = task_in_waiting(verdict)
    return replace(task, mistakes={name: list(values) for name, values in task.mistakes.items()})


def task_in_waiting(verdict: Verdict) -> Task:
    """The same where it is used at once: nobody waits for what a mistake returns in a case not looked at."""
    exercise = verdict.exercise
    trials = verdict.trials
    order = sorted(range(len(trials)), key=lambda i: _how_telling(trials[i]))
    cases = [(trials[i].arguments, trials[i].expected) for i in order]
    confirm = solve(exercise.name, CONFIRM_SEED).cases
    mistakes = {
        name: values.in_order([*order, *range(len(order), len(values))])
        for name, values in _made_by_mistakes(exercise.name).items()
    }
    return Task(len(exercise.returns), exercise.rtol, cases, confirm, mistakes)


@cache
def _made_by_mistakes(name: str) -> dict[str, Returned]:
    """What each mistake returns in the open cases, then in those that confirm.

    It is the same for every answer, and in a class for every student.
    """
    cases = [given for seed in (OPEN_SEED, CONFIRM_SEED) for given, _ in solve(name, seed).cases]
    return {mistake.name: Returned(mistake.function, cases) for mistake in EXERCISES[name].mistakes}


def _how_telling(trial: Trial) -> tuple[bool, bool, int]:
    """Failing ones first, small ones first; but where an axis is 1, many changes do nothing."""
    one = any(isinstance(a, np.ndarray) and 1 in a.shape for a in trial.arguments)
    return trial.passed, one, trial.size


def _returned(function: Function, arguments: tuple[Any, ...]) -> Any:
    outcome = call(function, arguments, math.inf)  # a mistake that is declared ends
    return None if outcome.error else outcome.value
