"""Explain a wrong answer in a notebook: by the functions that it calls, or by a search for the line."""

from __future__ import annotations

import sys
import time
from functools import partial

from autograder.exercise import Function
from autograder.judging.diagnosis import HOPELESS
from autograder.judging.repair.code import code_of
from autograder.judging.repair.helpers import (
    UNSOUND,
    UNSOUND_TOO,
    drawn_at_random,
    exercises_called,
    first_unsound,
)
from autograder.judging.repair.process import in_a_fork
from autograder.judging.repair.search import search
from autograder.judging.repair.task import task_in_waiting
from autograder.judging.repair.telling import tell
from autograder.judging.verdict import Finding, Verdict
from autograder.oracle import OracleError

#: Seconds that a learner waits for an explanation at most, and those that a search gets even where getting
#: ready for it took long. In a browser the rest of a check takes longer, and the search less.
SECONDS, LEAST = (1.0, 0.25) if sys.platform == "emscripten" else (1.5, 0.5)


def unexplained(verdict: Verdict) -> bool:
    """Is there something wrong that no named mistake explains, in an answer that was written and ends?"""
    if verdict.passed or any(finding.whole for finding in verdict.findings):
        return False
    if any(t.outcome.error and t.outcome.error.kind in HOPELESS for t in verdict.trials):
        return False
    if any(t.outcome.error is None and t.outcome.value is None for t in verdict.trials):
        return False  # a `return` is missing, and the report asks for it
    named = {name for f in verdict.findings if f.kind == "mistake" for name in f.results}
    failed = any(t.outcome.error or not t.returned for t in verdict.trials)
    return failed or not named.issuperset(verdict.wrong_results)


def explain(verdict: Verdict, function: Function) -> None:
    """Add to the verdict's findings what a search finds; nothing, where the code is not at hand."""
    if verdict.passed:
        return None
    end = time.monotonic() + SECONDS
    if not unexplained(verdict):
        return _say_too(verdict, function) if verdict.findings else None
    if drawn := drawn_at_random(verdict.exercise, function):
        return _say_first(verdict, drawn)
    called = exercises_called(function)
    if wrong := first_unsound(called):
        return _say_first(verdict, UNSOUND.format(name=wrong))
    code = code_of(function, frozenset(called))
    if code is None:
        return None
    try:
        task = task_in_waiting(verdict)
    except OracleError:
        return None
    seconds = max(end - time.monotonic(), LEAST)
    tell(verdict, in_a_fork(partial(search, code, task, seconds), seconds) or [])
    return None


def _say_too(verdict: Verdict, function: Function) -> None:
    """A mistake fits; but it may be a helper's."""
    if wrong := first_unsound(exercises_called(function)):
        sentence = UNSOUND_TOO.format(name=wrong)
        verdict.findings = [*verdict.findings, Finding("pattern", "", sentence, verdict.exercise.returns)]


def _say_first(verdict: Verdict, sentence: str) -> None:
    verdict.findings = [Finding("pattern", "", sentence, verdict.exercise.returns), *verdict.findings]
