"""What changed answers are held against."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from autograder.exercise import CONFIRM_SEED, EXERCISES, OPEN_SEED, Function
from autograder.judging.outcome import call
from autograder.judging.repair.trial import Task
from autograder.judging.verdict import Trial, Verdict
from autograder.oracle import solve


def task_of(verdict: Verdict) -> Task:
    """What the changed answers are held against: the cases, the smallest failing one first."""
    exercise = verdict.exercise
    trials = verdict.trials
    order = sorted(range(len(trials)), key=lambda i: _how_telling(trials[i]))
    cases = [(trials[i].arguments, trials[i].expected) for i in order]
    mistakes = {
        name: [values[i] for i in order] + values[len(trials) :]
        for name, values in _made_by_mistakes(exercise.name).items()
    }
    confirm = solve(exercise.name, CONFIRM_SEED).cases
    return Task(len(exercise.returns), exercise.rtol, cases, confirm, mistakes)


@cache
def _made_by_mistakes(name: str) -> dict[str, list[Any]]:
    """What each mistake returns in the open cases, then in those that confirm; None where it fails.

    It is the same for every answer, and in a class for every student.
    """
    cases = (*solve(name, OPEN_SEED).cases, *solve(name, CONFIRM_SEED).cases)
    return {
        mistake.name: [_returned(mistake.function, arguments) for arguments, _ in cases]
        for mistake in EXERCISES[name].mistakes
    }


def _how_telling(trial: Trial) -> tuple[bool, bool, int]:
    """Failing ones first, small ones first; but where an axis is 1, many changes do nothing."""
    one = any(isinstance(a, np.ndarray) and 1 in a.shape for a in trial.arguments)
    return trial.passed, one, trial.size


def _returned(function: Function, arguments: tuple[Any, ...]) -> Any:
    outcome = call(function, arguments, math.inf)  # a mistake that is declared ends
    return None if outcome.error else outcome.value
