"""Grade one notebook after the other in this process, with one judge and one sandbox for all of them."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.grading.grader import Grader
from autograder.grading.judge_client import Judge
from autograder.grading.policy import lesson_credits
from autograder.grading.results import Result, keep, kept, submission_key
from autograder.grading.seed import class_seed


def grade_notebook(root: Path, lesson: str, student: str, notebook: NotebookNode) -> Result:
    """The result for a rebuilt notebook: the kept one, else a new one, which is kept."""
    seed, credits = class_seed(root), lesson_credits(root, lesson)
    key = submission_key(lesson, notebook, seed, credits)
    if found := kept(root, lesson, student, key):
        return found
    result = grader(seed, credits).grade(notebook, Result(student, lesson, key))
    keep(root, result)
    return result


@cache
def grader(seed: str, credits: str) -> Grader:
    """This process's grader for a secret and what mistakes earn; it ends with the process."""
    judge = Judge(seed, credits)
    made = Grader(judge)
    atexit.register(judge.close)
    atexit.register(made.close)
    return made
