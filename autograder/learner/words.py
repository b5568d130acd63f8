"""What a learner calls in a notebook. Each word shows something; none raises but a failed check."""

from __future__ import annotations

import hashlib
import os
import secrets
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.judging.outcome import call
from autograder.learner.show import Notice, Place

if TYPE_CHECKING:
    from autograder.exercise import Exercise, Function
    from autograder.judging.verdict import Trial, Verdict

LOST = (
    "Where a class is graded, only the cells of this notebook are there, and {names} cannot be had from "
    "them: write it out in a cell."
)
MENDED = "In your own words it would be right with: {}"
NO_TORCH = "Where a class is graded, answers have no PyTorch: write this with NumPy."
#: The smallest failing trial of each exercise's last check, for `replay`.
_failing: dict[str, Trial] = {}
#: Of the last check of each exercise: the learner's own lines as they should be, if a search found them.
_mended: dict[str, str] = {}
#: nbgrader's Validate button cuts lines off after 83 characters.
WIDTH = 80
#: Notes on the record that were shown already: each is said once.
_told: set[str] = set()


class CheckFailed(Exception):  # noqa: N818  a learner reads this name
    """A check that did not pass. In a notebook its words are the whole traceback: the report stands above.

    nbgrader's Validate button shows these words and no report, and cuts each line off: the diagnosis comes
    first, in short lines.
    """

    def _render_traceback_(self) -> list[str]:
        return wrap(f"CheckFailed: {self}", WIDTH)


class Replay(NamedTuple):
    """A case to work on: arguments by name, the expected result, and what your function made of it."""

    inputs: dict[str, Any]
    expected: Any
    yours: Any


def _exercise(which: Function | str) -> Exercise:
    """The exercise for a function or a name; a kind CheckFailed where there is none."""
    import autograder.exercises  # noqa: F401  fills the registry
    from autograder.exercise import EXERCISES
    from autograder.learner.meant import exercise_name, unknown

    name = exercise_name(which)
    if name in EXERCISES:
        return EXERCISES[name]
    raise CheckFailed(unknown(name))


def check(function: Function) -> None:
    """Judge your function: shows a report, and raises CheckFailed (so that a run stops) if it is wrong."""
    from autograder.judging.repair.explain import explain, unexplained

    place = Place("Checking …")
    verdict = _judge(function)
    if unexplained(verdict):
        place.wait("Not right yet. Looking for the line …")
        explain(verdict, function)
    place.show(_report(verdict, function))
    _finish(verdict)


def recheck(function: Function) -> None:
    """Judge again on fresh inputs, as graders do: the same report without the inputs.

    The inputs come from the secret in `AUTOGRADER_SEED`; without one they are new each time.
    """
    from autograder.learner.report import make_report

    name = _exercise(function).name
    verdict = _judge(function, secret_seed(name))
    if not verdict.passed:
        Place().show(make_report(verdict, open_inputs=False))
        raise CheckFailed(f"{_first_line(verdict)} ({name} passed the visible cases, not fresh ones.)")


def secret_seed(name: str) -> int:
    """The seed of an exercise's hidden cases: from the class's secret, else fresh."""
    secret = os.environ.get("AUTOGRADER_SEED") or secrets.token_hex()
    return int.from_bytes(hashlib.sha256(f"{secret}:{name}".encode()).digest()[:8], "big")


def _judge(function: Function, seed: int | None = None) -> Verdict:
    from autograder.learner.meant import unknown

    exercise = _exercise(function)
    if not callable(function):
        raise CheckFailed(unknown(None))
    from autograder.exercise import OPEN_SEED
    from autograder.judging.judge import judge
    from autograder.oracle import OracleError

    try:
        return judge(exercise, partial(call, function), OPEN_SEED if seed is None else seed)
    except OracleError as error:
        raise CheckFailed(str(error)) from None


def _report(verdict: Verdict, function: Function) -> Any:
    from autograder.learner import store
    from autograder.learner.meant import borrowed
    from autograder.learner.report import make_report
    from autograder.learner.sentences import ELSEWHERE
    from autograder.learner.uses import exercises_used, from_elsewhere, left_behind

    kept, exercise = store.load(), verdict.exercise
    left = max(0, len(exercise.hints) - kept["hints"].get(exercise.name, 0))
    made = make_report(verdict, left, unproven=exercises_used(function, exercise) - set(kept["passed"]))
    if verdict.passed and (lost := left_behind(function)):
        own = ", ".join(sorted(lost - {"torch"}))
        told = (own and LOST.format(names=own), NO_TORCH if "torch" in lost else "")
        made.next_step = " ".join(filter(None, told))
    if not verdict.passed and (names := from_elsewhere(function, exercise)):
        given = ", ".join(exercise.arguments)
        made.diagnosis.insert(0, ELSEWHERE.format(names=", ".join(names), arguments=given))
    if whose := borrowed(function, exercise.name):
        made.next_step = f"{whose} {made.next_step}".rstrip()
    if verdict.note and verdict.note not in _told:
        _told.add(verdict.note)
        made.next_step = f"{made.next_step} ({verdict.note})".lstrip()
    return made


def _finish(verdict: Verdict) -> None:
    from autograder.learner import store

    name = verdict.exercise.name
    if verdict.passed:
        _failing.pop(name, None)
        _mended.pop(name, None)
        store.remember_pass(name)
        return
    store.remember_failure(name, [finding.name for finding in verdict.findings if finding.name])
    _failing[name] = verdict.failures[0]
    _mended[name] = next((f.mended for f in verdict.findings if f.mended), "")
    raise CheckFailed(f"{_first_line(verdict)} ({name} is not right yet.)")


def _first_line(verdict: Verdict) -> str:
    from autograder.learner.report import make_report

    return make_report(verdict).diagnosis[0]


def hint(which: Function | str) -> None:
    """Show the next hint for an exercise; after the last one they start again.

    Where the last check found the line that is wrong, the line as it should be comes after the last hint.
    """
    from autograder.learner import store

    exercise = _exercise(which)
    mended = _mended.get(exercise.name)
    hints = [*exercise.hints, MENDED.format(mended)] if mended else exercise.hints
    number = store.next_hint(exercise.name) % len(hints)
    Place().show(Notice(f"Hint {number + 1} of {len(hints)} for {exercise.name}", hints[number]))


def replay(which: Function | str) -> Replay:
    """The smallest failing case of the last check: `inputs` by name, `expected`, and `yours`.

    After a pass, or before the first check, the exercise's first case.
    """
    from autograder.exercise import OPEN_SEED
    from autograder.oracle import solved_cases
    from autograder.plain import copy_plain

    exercise = _exercise(which)
    trial = _failing.get(exercise.name)
    if trial:
        arguments, expected, yours = trial.arguments, trial.expected, trial.outcome.value
    else:
        (arguments, expected), yours = solved_cases(exercise.name, OPEN_SEED)[0], None
    named = dict(zip(exercise.arguments, copy_plain(arguments), strict=True))
    return Replay(named, copy_plain(expected), yours)


def progress() -> None:
    """Show how far you are: exercises and points per lesson, what you overcame, and what to read again."""
    from autograder.learner.overview import overview

    Place().show(overview())
