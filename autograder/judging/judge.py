"""Judge an answer: run it on the cases, compare with the reference, and say what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import OPEN_SEED, Exercise
from autograder.judging.compare import Difference, difference
from autograder.judging.diagnosis import HOPELESS, diagnose
from autograder.judging.outcome import Answer
from autograder.judging.verdict import Trial, Verdict
from autograder.oracle import solve
from autograder.plain import describe


def judge(exercise: Exercise, answer: Answer, seed: int = OPEN_SEED) -> Verdict:
    """Run `answer` on every case of `exercise` for `seed` and compare with what the oracle says."""
    solved = solve(exercise.name, seed)
    verdict = Verdict(exercise, [], len(solved.cases), by=solved.by, note=solved.note)
    for arguments, expected in solved.cases:
        trial = Trial(arguments, expected, answer(arguments))
        verdict.trials.append(trial)
        if trial.outcome.error is None:
            trial.differences = compare_results(exercise, trial.outcome.value, expected)
        elif trial.outcome.error.kind in HOPELESS:
            break
    if not verdict.passed:
        verdict.findings = diagnose(verdict)
    return verdict


def compare_results(exercise: Exercise, value: Any, expected: Any) -> tuple[Difference | None, ...]:
    """One entry per name in `exercise.returns`; a wrong number of results is a single difference."""
    names = exercise.returns
    if len(names) == 1:
        return (difference(value, expected, exercise.rtol),)
    wanted = f"{len(names)} results ({', '.join(names)})"
    if not isinstance(value, tuple | list):
        got = "one" if value is not None else describe(value)
        return (Difference("count", "", wanted, got),)
    if alone := next((n for n, want in zip(names, expected, strict=True) if _is_just(value, want)), None):
        return (Difference("count", "", wanted, f"{alone} alone"),)
    if len(value) != len(names):
        return (Difference("count", "", wanted, str(len(value))),)
    return tuple(difference(got, want, exercise.rtol) for got, want in zip(value, expected, strict=True))


def _is_just(value: Any, expected: Any) -> bool:
    """Is `value` a list of arrays of the shapes in `expected`, one result that is itself a list?"""
    if not (isinstance(value, list) and isinstance(expected, list) and len(value) == len(expected)):
        return False
    return all(
        isinstance(v, np.ndarray) and v.shape == np.shape(w) for v, w in zip(value, expected, strict=True)
    )
