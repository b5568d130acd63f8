"""Find the line: which single change of the learner's own code makes a wrong answer right?

The line is told, and what in it to look at; never the change.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import CONFIRM_SEED, Exercise, Function
from autograder.judging.diagnosis import HOPELESS
from autograder.judging.outcome import call
from autograder.judging.repair.code import Code, code_of
from autograder.judging.repair.helpers import UNSOUND, drawn_at_random, exercises_called, first_unsound
from autograder.judging.repair.process import in_a_fork
from autograder.judging.repair.search import Repair, find_repairs
from autograder.judging.repair.trial import Task
from autograder.judging.verdict import Finding, Trial, Verdict
from autograder.oracle import OracleError, solve

#: Seconds that a learner waits for an explanation at most.
SECONDS = 1.5
#: Seconds that a search gets even where getting ready for it took long.
LEAST = 0.5
WHOLE = "Look at line {line}, `{code}`: {what} With that put right, all is."
PART = "Look at line {line}, `{code}`: {what}"
TWO = (
    "Two things are wrong. Look at line {line}, `{code}`: {what} And at line {line_too}, `{code_too}`: "
    "{what_too} With both put right, all is."
)
BESIDE = "{message} Besides, look at line {line}, `{code}`: {what}"


def unexplained(verdict: Verdict) -> bool:
    """Is there something wrong that no named mistake explains, in an answer that was written and ends?"""
    if verdict.passed or any(finding.whole for finding in verdict.findings):
        return False
    if any(t.outcome.error and t.outcome.error.kind in HOPELESS for t in verdict.trials):
        return False
    named = {name for f in verdict.findings if f.kind == "mistake" for name in f.results}
    failed = any(t.outcome.error or not t.returned for t in verdict.trials)
    return failed or not named.issuperset(verdict.wrong_results)


def explain(verdict: Verdict, function: Function) -> None:
    """Add to the verdict's findings what a search finds; nothing, where the code is not at hand."""
    if not unexplained(verdict):
        return
    end = time.monotonic() + SECONDS
    if drawn := drawn_at_random(verdict.exercise, function):
        verdict.findings = [Finding("pattern", "", drawn, verdict.exercise.returns), *verdict.findings]
        return
    called = exercises_called(function)
    if wrong := first_unsound(called):
        verdict.findings = [_to_begin_with(verdict, wrong), *verdict.findings]
        return
    code = code_of(function, frozenset(called))
    if code is None:
        return
    try:
        task = task_of(verdict)
    except OracleError:
        return
    seconds = max(end - time.monotonic(), LEAST)
    made = in_a_fork(partial(_search, code, task, seconds), seconds)
    repairs = [Repair(**{**row, "results": tuple(row["results"])}) for row in made or []]
    found = [_finding(verdict.exercise, code, repair) for repair in repairs]
    whole = [f for f in found if not f.name and len(f.results) == len(verdict.exercise.returns)]
    verdict.findings = [*whole, *verdict.findings, *(f for f in found if f not in whole)]


def _to_begin_with(verdict: Verdict, name: str) -> Finding:
    return Finding("pattern", "", UNSOUND.format(name=name), verdict.exercise.returns)


def _search(code: Code, task: Task, seconds: float, tell: Callable[[Any], None]) -> None:
    find_repairs(code, task, seconds, lambda repairs: tell([asdict(repair) for repair in repairs]))


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


def _finding(exercise: Exercise, code: Code, repair: Repair) -> Finding:
    results = tuple(exercise.returns[i] for i in repair.results)
    form = WHOLE if len(results) == len(exercise.returns) else PART
    form = BESIDE if repair.mistake else TWO if repair.line_too else form
    message = form.format(
        message=next((m.message for m in exercise.mistakes if m.name == repair.mistake), ""),
        line=repair.line,
        code=code.line(repair.line),
        what=_ended(repair.what),
        line_too=repair.line_too,
        code_too=code.line(repair.line_too),
        what_too=_ended(repair.what_too),
    )
    return Finding("repair", repair.mistake, message, results, mended=repair.mended)


def _ended(what: str) -> str:
    return what if what.endswith("?") else f"{what}."
