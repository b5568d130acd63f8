"""A small course to grade in, and one judge and one sandbox for a file's tests."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring.build import build
from autograder.grading import results
from autograder.grading.gradebook import Book
from autograder.grading.grader import Grader
from autograder.grading.judge_client import Judge
from autograder.grading.notebooks import grade_id, instructor_source, is_test, rebuild
from autograder.grading.results import Result
from autograder.grading.scores import Progress
from autograder.grading.submissions import Submission, parse_submission
from autograder.lessons import ROOT, Lesson

RIGHT = "def time_average(x):\n    return x.mean(axis=1)"
HALF = "def time_average(x):\n    return x.sum(axis=1)"
WRONG = "def time_average(x):\n    return x.mean(axis=0)"


def promised(what: str) -> None:
    """A skip here, a failure in CI, where everything has to be there and to hold."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; CI promises it")
    pytest.skip(f"{what} on this machine")


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a Dask cluster with two workers on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made.scheduler_address


def missing(what: str) -> None:
    """For a program that is not installed."""
    promised(f"{what} is missing")


TEXT = '''# %% [markdown]
# # A lesson for tests

# %%
import numpy as np

from autograder import check, progress


# %% exercise="time_average"
def time_average(x):
    """x (N, T) -> (N,)"""
    # BEGIN SOLUTION
    return x.mean(axis=1)
    # END SOLUTION


# %%
check(time_average)

# %%
progress()
'''


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Path:
    """A built course with one small lesson."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    made = Lesson(root / "lessons" / "00_start_here.py")
    made.path.parent.mkdir()
    made.path.write_text(TEXT)
    build(made, root, execute=False)
    with Book(root, made) as book:  # a new database takes nbgrader a second; copies of this one do not
        book.register()
    return root


@pytest.fixture(scope="session")
def lesson(course) -> Lesson:
    return Lesson(course / "lessons" / "00_start_here.py")


@pytest.fixture
def instructor(lesson, course) -> NotebookNode:
    return instructor_source(lesson.notebook("solutions", course))


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    made = Judge("a secret for tests")
    yield made
    made.close()


@pytest.fixture(scope="session")
def grader(judge) -> Iterator[Grader]:
    made = Grader(judge)
    yield made
    made.close()


@pytest.fixture
def grade(grader, lesson, instructor) -> Callable[[str], Result]:
    """Grade the lesson with this code in its answer cell."""

    def graded(code: str) -> Result:
        made = rebuild(instructor, answered(lesson, code))
        return grader.grade(made.notebook, Result("somebody", lesson.name, "key"))

    return graded


def answered_text(lesson: Lesson, code: str | None) -> str:
    """The released notebook with `code` as its answer (None: untouched)."""
    data = json.loads(lesson.notebook("course", lesson.path.parent.parent).read_text())
    for cell in data["cells"]:
        if cell["id"] == "time_average" and code is not None:
            cell["source"] = code
    return json.dumps(data)


def answered(lesson: Lesson, code: str) -> Submission:
    return parse_submission(answered_text(lesson, code).encode(), "start_here.ipynb")


@pytest.fixture
def root(tmp_path, course, monkeypatch) -> Path:
    """A copy of the course for an instructor to grade in."""
    folder = tmp_path / "class"
    shutil.copytree(course, folder)
    monkeypatch.setenv("AUTOGRADER_COURSE_ROOT", str(folder))
    return folder


@pytest.fixture
def hand_in(root, lesson) -> Callable[[str, str | None], Path]:
    """Put a student's answer into submitted/."""

    def handed_in(student: str, code: str | None) -> Path:
        path = root / "submitted" / student / lesson.name / "start_here.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(answered_text(lesson, code))
        return path

    return handed_in


def outputs_text(path: Path) -> str:
    """All that an autograded notebook shows below its cells."""
    cells = nbformat.read(path, as_version=4).cells
    return json.dumps([cell.get("outputs", []) for cell in cells])


class Unasked:
    """A grader without a judge or a sandbox: half of the points for HALF, all of them for anything else."""

    def __init__(self, _judge: Judge) -> None:
        pass

    def grade(self, notebook: NotebookNode, result: Result, _known: Progress | None = None) -> Result:
        credit = 0.5 if any(cell.source == HALF for cell in notebook.cells) else 1.0
        for cell in filter(is_test, notebook.cells):
            result.tests[grade_id(cell)] = results.Test(credit, 1.0, [], "right", "")
        return result

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def unasked(monkeypatch) -> type[Unasked]:
    """Classes are graded without a judge: for tests of what is around it."""
    monkeypatch.setattr("autograder.grading.local.Grader", Unasked)
    return Unasked
