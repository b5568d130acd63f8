"""A submission in a course's folders: where it lies, and the notebook that is made of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.grading.notebooks import (
    Rebuilt,
    SubmissionError,
    instructor_source,
    read_submission,
    rebuild,
)


def rebuilt(source: Path, submitted: Path) -> Rebuilt:
    """The instructor's notebook `source` with the answers in the file `submitted`.

    A file that cannot be read gives a notebook without answers, and the reason among the remarks.
    """
    instructor = _instructor(source, source.stat().st_mtime_ns)
    try:
        return rebuild(instructor, read_submission(submitted))
    except SubmissionError as error:
        made = rebuild(instructor, None)
        return Rebuilt(made.notebook, [str(error)])


@lru_cache(maxsize=8)
def _instructor(path: Path, _changed: int) -> NotebookNode:
    return instructor_source(path)
