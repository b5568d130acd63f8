"""nbgrader's gradebook, written by one process: opened once for a class, not nine times per notebook."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import preprocessors
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc
from traitlets.config import Config

from autograder.authoring.release import course_config
from autograder.grading.notebooks import grade_id, instructor_source, is_solution
from autograder.grading.results import Result
from autograder.grading.rows import Rows
from autograder.lessons import Lesson

#: As `nbgrader generate_assignment` does, up to the step that fills the gradebook.
REGISTER = (
    preprocessors.LockCells,
    preprocessors.ClearSolutions,
    preprocessors.ClearOutput,
    preprocessors.CheckCellMetadata,
    preprocessors.ComputeChecksums,
    preprocessors.SaveCells,
)


def database(root: Path, config: Config) -> str:
    """The gradebook's address: what the configuration says, else gradebook.db in the course's folder."""
    return config.CourseDirectory.get("db_url") or f"sqlite:///{(root / 'gradebook.db').resolve()}"


@contextlib.contextmanager
def open_gradebook(root: Path) -> Iterator[Gradebook]:
    """nbgrader's gradebook of the course in `root`; its connections are closed at the end."""
    config = course_config(root)
    made = Gradebook(database(root, config), config.CourseDirectory.course_id)
    try:
        yield made
    finally:
        made.close()
        made.engine.dispose()


@dataclass
class Lateness:
    """How many hours after the due date, extensions counted in; and how many points that costs."""

    hours: float
    penalty: float


class Book:
    """The gradebook of the course in `root`, for one lesson. Use it from one thread, as a context manager."""

    def __init__(self, root: Path, lesson: Lesson) -> None:
        self.root, self.lesson = root, lesson
        self.config = course_config(root)
        self.config.CourseDirectory.root = str(root)
        self.url = database(root, self.config)
        self.opened = contextlib.ExitStack()

    def __enter__(self) -> Book:
        self.gradebook = self.opened.enter_context(open_gradebook(self.root))
        return self

    def __exit__(self, *error: Any) -> None:
        self.opened.__exit__(*error)

    def register(self) -> None:
        """Enter the lesson's exercises and points, as releasing it would.

        Raises RuntimeError if exercises came or went while there are submissions.
        """
        self.gradebook.update_or_create_assignment(self.lesson.name)
        notebook = instructor_source(self.lesson.notebook("solutions", self.root))
        about = {"notebook": self.lesson.stem, "assignment": self.lesson.name, "db_url": self.url}
        resources = {"nbgrader": about}
        for step in REGISTER:
            notebook, resources = step(config=self.config).preprocess(notebook, resources)
        self.gradebook.db.expire_all()

    def write(self, result: Result, notebook: NotebookNode, timestamp: str | None) -> Lateness | None:
        """Enter one result, as a first grading would, whatever an earlier one left.

        Only a grader's own manual scores and comments stay as they are. Returns how late it is; None for what
        came in time.
        """
        scores = {name: test.score for name, test in result.tests.items()}
        answers = {grade_id(cell): cell.source for cell in notebook.cells if is_solution(cell)}
        handed_in = parse_utc(timestamp) if timestamp else None
        self.rows.enter(result.student, handed_in, scores, answers)
        return self._lateness(result.student, notebook) if handed_in else None

    @cached_property
    def rows(self) -> Rows:
        """The lesson's rows, as they are once it is registered."""
        return Rows(self.gradebook.db, self.lesson.name, self.lesson.stem)

    def _lateness(self, student: str, notebook: NotebookNode) -> Lateness | None:
        submission = self.gradebook.find_submission(self.lesson.name, student)
        if not submission.total_seconds_late > 0:
            return None
        hours = submission.total_seconds_late / 3600
        self._penalise(student, notebook)
        self.gradebook.db.expire_all()
        return Lateness(hours, submission.late_submission_penalty or 0.0)

    def _penalise(self, student: str, notebook: NotebookNode) -> None:
        """The course's rule for late work, else nbgrader's own; by default there is no penalty."""
        about = {"notebook": self.lesson.stem, "assignment": self.lesson.name, "db_url": self.url}
        resources = {"nbgrader": {**about, "student": student}}
        preprocessors.AssignLatePenalties(config=self.config).preprocess(notebook, resources)
