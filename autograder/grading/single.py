"""Grade one notebook after the other in this process, with one judge and one sandbox for all of them."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.grading.grader import Grader
from autograder.grading.judge_client import Judge
from autograder.grading.results import Result, keep, kept, submission_key
from autograder.grading.seed import class_seed


def grade_notebook(root: Path, lesson: str, student: str, notebook: NotebookNode) -> Result:
    """The result for a rebuilt notebook: the kept one, else a new one, which is kept."""
    seed = class_seed(root)
    key = submission_key(lesson, notebook, seed)
    if found := kept(root, lesson, student, key):
        return found
    result = grader(seed).grade(notebook, Result(student, lesson, key))
    keep(root, result)
    return result


@cache
def grader(seed: str) -> Grader:
    """This process's grader for a secret; it ends with the process."""
    judge = Judge(seed)
    made = Grader(judge)
    atexit.register(judge.close)
    atexit.register(made.close)
    return made
