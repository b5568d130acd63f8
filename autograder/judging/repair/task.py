"""What changed answers are held against."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import CONFIRM_SEED, Function
from autograder.judging.outcome import call
from autograder.judging.repair.trial import Task
from autograder.judging.verdict import Trial, Verdict
from autograder.oracle import solve


def task_of(verdict: Verdict) -> Task:
    """What the changed answers are held against: the cases, the smallest failing one first."""
    exercise = verdict.exercise
    trials = sorted(verdict.trials, key=lambda trial: (trial.passed, _has_an_axis_of_one(trial), trial.size))
    cases = [(trial.arguments, trial.expected) for trial in trials]
    confirm = solve(exercise.name, CONFIRM_SEED).cases
    mistakes = {
        mistake.name: [_returned(mistake.function, arguments) for arguments, _ in (*cases, *confirm)]
        for mistake in exercise.mistakes
    }
    return Task(len(exercise.returns), exercise.rtol, cases, confirm, mistakes)


def _has_an_axis_of_one(trial: Trial) -> bool:
    """Where it has one, many changes do nothing."""
    return any(isinstance(a, np.ndarray) and 1 in a.shape for a in trial.arguments)


def _returned(function: Function, arguments: tuple[Any, ...]) -> Any:
    outcome = call(function, arguments)
    return None if outcome.error else outcome.value
