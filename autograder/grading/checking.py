"""Judge one notebook outside a class: what `autograder check` prints.

It is judged as graders do it, in a sandbox, where that is possible. What only works there is imported there.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.grading.here import judge_here
from autograder.grading.notebooks import instructor_source, rebuild
from autograder.grading.results import Result
from autograder.grading.submissions import Submission, SubmissionError, read_submission
from autograder.grading.system import why_not_as_graders
from autograder.lessons import ROOT, Lesson, all_lessons


@dataclass
class Checked:
    """The text to print, and the points in it."""

    text: str
    score: float
    most: float


def check_notebook(path: Path) -> Checked:
    """Grade the notebook at `path` on the open cases, and on fresh ones where that is possible.

    Raises SubmissionError if it cannot be read or belongs to no lesson.
    """
    if not path.is_file():
        raise SubmissionError(
            f"{path} is a folder: name a notebook in it." if path.is_dir() else f"There is no file {path}."
        )
    submission = read_submission(path)
    lesson = lesson_of(submission, path.name)
    made = rebuild(instructor_source(_of_the_course(lesson)), submission)
    lacking, result = why_not_as_graders(), Result("", lesson.name, "")
    result = judge_here(made.notebook, result) if lacking else _as_graders(made.notebook, result)
    tests = result.tests.values()
    most = sum(test.points for test in tests)
    parts = [*made.remarks, *result.remarks, *(test.text for test in tests)]
    parts += [f"{result.score:g} of {most:g} points", *filter(None, [lacking])]
    return Checked("\n\n".join(parts), result.score, most)


def _of_the_course(lesson: Lesson) -> Path:
    """The course's own notebook: a wheel holds the released ones alone, a clone's may have been worked in."""
    solved = lesson.notebook("solutions")
    return solved if solved.exists() else lesson.notebook("course")


def _as_graders(notebook: NotebookNode, result: Result) -> Result:
    from autograder.grading.grader import Grader
    from autograder.grading.judge_client import Judge

    judge = Judge(secrets.token_hex())
    grader = Grader(judge)
    try:
        return grader.grade(notebook, result)
    finally:
        grader.close()
        judge.close()


def lesson_of(submission: Submission, name: str) -> Lesson:
    """The lesson of whose exercises the most are in the notebook: by its cells' names, else by its functions.

    The share counts: a later lesson's notebook holds functions of earlier ones.
    """
    names = submission.names & EXERCISES.keys() or submission.functions & EXERCISES.keys()
    if not names:
        raise SubmissionError(f"{name} holds no exercise of this course.")
    sizes = Counter(exercise.lesson for exercise in EXERCISES.values())
    found = Counter(EXERCISES[name].lesson for name in names)
    stem = max(found, key=lambda stem: found[stem] / sizes[stem])
    return next(lesson for lesson in all_lessons(ROOT) if lesson.stem == stem)
