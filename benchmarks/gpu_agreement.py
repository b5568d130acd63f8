"""Does a second device answer as the first one does? Every reference, on every case of three seeds."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import torch

from autograder.exercise import OPEN_SEED, Exercise
from autograder.judging.compare import difference
from autograder.oracle.pytorch import CPU, expected_result

SEEDS = (OPEN_SEED, 1, 2)


@dataclass
class Agreement:
    """How many cases were compared, and sentences on those that differ."""

    cases: int = 0
    disagreements: list[str] = field(default_factory=list)


def agreement(exercises: Iterable[Exercise], where: torch.device) -> Agreement:
    """Compare `where` with the CPU within each exercise's own tolerance."""
    found = Agreement()
    for exercise in exercises:
        for seed in SEEDS:
            for number, case in enumerate(exercise.draw_cases(seed)):
                found.cases += 1
                if trouble := disagreement(exercise, case, where):
                    found.disagreements.append(f"{exercise.name}, seed {seed}, case {number}: {trouble}")
    return found


def disagreement(exercise: Exercise, case: tuple[Any, ...], where: torch.device) -> str:
    """How `where` differs from the CPU on one case, or ''; an error or a warning there is a difference."""
    expected = expected_result(exercise, case, CPU)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            got = expected_result(exercise, case, where)
    except Exception as error:  # whatever a reference may raise on a device it was not written on
        return f"{type(error).__name__}: {first_line(error)}"
    wrong = difference(got, expected, exercise.rtol)
    if wrong is None:
        return ""
    return f"{wrong.kind} at {wrong.where or 'the result'}: {wrong.got}, on the CPU {wrong.expected}"


def first_line(error: Exception) -> str:
    """What an error says first: CUDA's go on for many lines."""
    return next(iter(str(error).splitlines()), "")


def report(found: Agreement) -> str:
    """The comparison for people."""
    agree = found.cases - len(found.disagreements)
    lines = [f"{agree} of {found.cases} cases agree, on the seeds {', '.join(map(str, SEEDS))}."]
    return "\n".join(lines + [f"- {sentence}" for sentence in found.disagreements])
