"""A submission in a course's folders: which file it is, when it came, and the notebook that is made of it."""

from __future__ import annotations

import os
import re
import stat
from functools import cache, lru_cache
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import parse_utc

from autograder.grading.notebooks import Rebuilt, grade_id, instructor_source, is_solution, rebuild
from autograder.grading.submissions import Submission, SubmissionError, plain_name, read_submission

TIMESTAMP = "timestamp.txt"
#: What nbgrader puts beside the notebooks that it collects; it releases feedback by the second one.
NBGRADERS_OWN = (TIMESTAMP, "submission_secret.txt")
MOST_TEXT = 1000


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
    """The submission `path`, else the only notebook beside it, if it answers exercises in `wanted`.

    Raises SubmissionError, which names what the folder holds.
    """
    if os.path.lexists(path):
        return read_submission(path)
    names = sorted(os.listdir(path.parent)) if path.parent.is_dir() else []
    names = [name for name in names if name not in NBGRADERS_OWN and not name.startswith(".")]
    notebooks = [name for name in names if name.endswith(".ipynb")]
    if len(notebooks) == 1:
        submission = read_submission(path.with_name(notebooks[0]))
        if wanted & submission.names:
            remark = f"The notebook is called {plain_name(notebooks[0])}: it was taken as {path.name}."
            submission.remarks.insert(0, remark)
            return submission
    held = f"; the folder holds {', '.join(map(plain_name, names[:5]))}" if names else ""
    raise SubmissionError(f"{path.name} is missing{held}: hand in the notebook under this name.")


def timestamp(folder: Path) -> str | None:
    """When the submission in `folder` was handed in, as nbgrader writes it; None if nothing says so."""
    text = small_text(folder / TIMESTAMP).strip()
    try:
        return text if text and parse_utc(text) else None
    except (ValueError, OverflowError):
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
    if not (folder / TIMESTAMP).exists() or timestamp(folder):
        return []
    return [f"{TIMESTAMP} holds no time, such as 2026-11-20 12:00:00 UTC: it does not count as late."]


def _other_lesson(source: Path, submission: Submission, wanted: set[str]) -> str:
    """The lesson that a submission without any of the `wanted` exercises belongs to; '' if none is known."""
    if wanted & submission.names:
        return ""
    lessons = {
        path: len(submission.names & _exercises(path)) for path in source.parent.parent.glob("*/*.ipynb")
    }
    best = max(lessons, key=lambda path: lessons[path])
    return best.parent.name if lessons[best] else ""


@cache
def _exercises(path: Path) -> frozenset[str]:
    """The exercises in a notebook of solutions/, found without reading its pictures."""
    return frozenset(re.findall(r'"grade_id": "test_(\w+)"', path.read_text(encoding="utf-8")))


@lru_cache(maxsize=8)
def _instructor(path: Path, _changed: int) -> NotebookNode:
    return instructor_source(path)
