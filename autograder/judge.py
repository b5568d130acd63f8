"""Judge an answer: run it on the cases, compare with the reference, and say what is wrong."""

from __future__ import annotations

from typing import Any

from autograder.compare import Difference, difference
from autograder.diagnosis import HOPELESS, diagnose
from autograder.exercise import Exercise
from autograder.oracle import solved_cases
from autograder.outcome import Answer
from autograder.plain import describe
from autograder.verdict import Trial, Verdict

#: The seed of a learner's own checks; graded runs add a secret one.
OPEN_SEED = 0


def judge(exercise: Exercise, answer: Answer, seed: int = OPEN_SEED) -> Verdict:
    """Run `answer` on every case of `exercise` for `seed` and compare with the reference."""
    solved = solved_cases(exercise.name, seed)
    verdict = Verdict(exercise, [], len(solved))
    for arguments, expected in solved:
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
    if len(value) != len(names):
        return (Difference("count", "", wanted, str(len(value))),)
    return tuple(difference(got, want, exercise.rtol) for got, want in zip(value, expected, strict=True))
