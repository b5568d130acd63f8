"""A submission in a course's folders: which file it is, when it came, and the notebook that is made of it."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from functools import cache, lru_cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.grading.answers import answered
from autograder.grading.notebooks import Rebuilt, grade_id, instructor_source, is_solution, rebuild
from autograder.grading.submissions import Submission, SubmissionError, plain_name, read_submission
from autograder.grading.times import moment

TIMESTAMP = "timestamp.txt"
#: What nbgrader puts beside the notebooks that it collects; it releases feedback by the second one.
NBGRADERS_OWN = (TIMESTAMP, "submission_secret.txt")
MOST_TEXT = 1000
#: Other notebooks in a student's folder that are looked at.
MOST_COPIES = 20
MISSING_FILE = "{} is missing{}: hand in the notebook under this name."
CALLED = "The notebook is called {}: it was taken as {}."
COPY = "{} has no answer: {} beside it was taken."
FULLER = "{} has more answers than {}, which was graded because of its name: hand in one of them."


def rebuilt(source: Path, submitted: Path) -> Rebuilt:
    """The instructor's notebook `source` with the answers in the file `submitted`.

    A file that cannot be read, or of another lesson, gives a notebook without answers, and the reason
    among the remarks.
    """
    instructor = _instructor(source, source.stat().st_mtime_ns)
    wanted = {grade_id(cell) for cell in instructor.cells if is_solution(cell)}
    try:
        submission = find_submission(submitted, wanted)
        if other := _other_lesson(source, submission, wanted):
            raise SubmissionError(
                f"{submitted.name} holds the notebook of lesson {other}, not this lesson's."
            )
        return rebuild(instructor, submission)
    except SubmissionError as error:
        made = rebuild(instructor, None)
        return Rebuilt(made.notebook, [str(error)])


def find_submission(path: Path, wanted: set[str]) -> Submission:
    """The submission `path`, else a notebook beside it that has answers to the exercises `wanted`.

    Raises SubmissionError, which says what is wrong with the file, or names what the folder holds.
    """
    others = _answered_beside(path, wanted)
    if not os.path.lexists(path):
        if len(others) == 1:
            ((name, found),) = others.items()
            found.remarks.insert(0, CALLED.format(plain_name(name), path.name))
            return found
        raise SubmissionError(MISSING_FILE.format(path.name, _held(path.parent)))
    try:
        submission = read_submission(path)
    except SubmissionError:
        if len(others) != 1:
            raise
        submission = Submission([])
    if others and not answered(submission, wanted):
        name = max(others, key=lambda name: answered(others[name], wanted))
        others[name].remarks.insert(0, COPY.format(path.name, plain_name(name)))
        return others[name]
    if fuller := [n for n, other in others.items() if answered(other, wanted) > answered(submission, wanted)]:
        submission.remarks.insert(0, FULLER.format(plain_name(fuller[-1]), path.name))
    return submission


def _answered_beside(path: Path, wanted: set[str]) -> dict[str, Submission]:
    """The other notebooks in the folder that have answers, by name."""
    names = [name for name in _files(path.parent) if name.endswith(".ipynb") and name != path.name]
    found = {}
    for name in names[:MOST_COPIES]:
        with contextlib.suppress(SubmissionError):
            found[name] = read_submission(path.with_name(name))
    return {name: other for name, other in found.items() if answered(other, wanted)}


def _files(folder: Path) -> list[str]:
    """The files that a student put into a folder."""
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    return [name for name in names if name not in NBGRADERS_OWN and not name.startswith(".")]


def _held(folder: Path) -> str:
    names = _files(folder)
    return f"; the folder holds {', '.join(map(plain_name, names[:5]))}" if names else ""


def timestamp(folder: Path) -> str | None:
    """When the submission in `folder` came, in UTC as nbgrader writes it; None if nothing says so."""
    try:
        return f"{moment(small_text(folder / TIMESTAMP)):%Y-%m-%d %H:%M:%S.%f} UTC"
    except ValueError:
        return None


def small_text(path: Path) -> str:
    """What a small text file holds; '' for anything else, such as a link that leads elsewhere."""
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > MOST_TEXT:
            return ""
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def time_remarks(folder: Path) -> list[str]:
    """A sentence on a timestamp that cannot be read."""
    if not os.path.lexists(folder / TIMESTAMP):
        return []
    try:
        moment(small_text(folder / TIMESTAMP))
    except ValueError as error:
        return [f"{TIMESTAMP} {error}; as it stands, it does not count as late."]
    return []


def _other_lesson(source: Path, submission: Submission, wanted: set[str]) -> str:
    """The lesson that a submission without any of the `wanted` exercises belongs to; '' if none is known."""
    if wanted & submission.names:
        return ""
    lessons = {path: _exercises(path) for path in source.parent.parent.glob("*/*.ipynb")}
    for names in (submission.names, submission.functions):
        if wanted & names:
            return ""
        best = max(lessons, key=lambda path: len(names & lessons[path]))
        if names & lessons[best]:
            return best.parent.name
    return ""


@cache
def _exercises(path: Path) -> frozenset[str]:
    """The exercises in a notebook of solutions/, found without reading its pictures."""
    return frozenset(re.findall(r'"grade_id": "test_(\w+)"', path.read_text(encoding="utf-8")))


@lru_cache(maxsize=8)
def _instructor(path: Path, _changed: int) -> NotebookNode:
    return instructor_source(path)
