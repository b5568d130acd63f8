"""Grades out of the gradebook, as spreadsheets and learning-management systems import them.

The three exporters are nbgrader export plug-ins, so that both commands work:

    autograder export --format canvas
    nbgrader export --exporter=autograder.grading.export.CanvasExport --to canvas.csv
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

Row = list[str | float]

#: A cell that starts with one of these would be run as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@")


def text(value: object) -> str:
    """A cell's text, harmless in a spreadsheet; nothing for None."""
    words = "" if value is None else str(value)
    plain = unicodedata.normalize(
        "NFKC", words
    )  # a spreadsheet may take the full-width signs for the plain ones
    first = next((c for c in plain if unicodedata.category(c)[0] not in "ZC"), "")
    return f"'{words}" if first in FORMULA_STARTS or words[:1] in ("\t", "\r") else words


class _Export(ExportPlugin):
    """Writes the rows that a subclass gives; `--to`, `--student` and `--assignment` as nbgrader has them."""

    default_name = ""
    #: A column (or, in the plain table, a line) for each exercise in place of one for the lesson.
    by_exercise = Bool(False).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write one CSV file in UTF-8 (with `--to`, to that path)."""
        path = Path(self.to or self.default_name)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(self.rows(gradebook))
        self.log.info("Exported grades to %s", path)

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        raise NotImplementedError

    def students(self, gradebook: Gradebook) -> list[Student]:
        """The chosen students, or all, in the order of their names."""
        chosen = [s for s in gradebook.students if not self.student or s.id in map(str, self.student)]
        return sorted(chosen, key=lambda s: (s.last_name or "", s.first_name or "", s.id))

    def assignments(self, gradebook: Gradebook) -> list[Assignment]:
        """The chosen assignments, or all, in the order of the course."""
        wanted = list(map(str, self.assignment))
        chosen = [a for a in gradebook.assignments if not wanted or a.name in wanted]
        return sorted(chosen, key=lambda a: a.name)

    def columns(self, gradebook: Gradebook) -> list[Column]:
        """What there are points for, in the order of the course."""
        split = parts if self.by_exercise else whole
        return [column for a in self.assignments(gradebook) for column in split(gradebook, a)]


@dataclass
class Column:
    """One thing that there are points for: a lesson, an exercise of it, or what lateness takes off."""

    assignment: str
    exercise: str
    most: float
    #: Student -> points; who handed nothing in is not among them.
    points: dict[str, float]

    @property
    def title(self) -> str:
        return f"{self.assignment}: {self.exercise}" if self.exercise else self.assignment


def whole(gradebook: Gradebook, assignment: Assignment) -> list[Column]:
    """Points for the lesson, after a late penalty."""
    found = {}
    for submission in _graded(gradebook, assignment):
        points = submission.score - (submission.late_submission_penalty or 0.0)
        found[submission.student_id] = max(0.0, points)
    return [Column(assignment.name, "", assignment.max_score, found)]


def parts(gradebook: Gradebook, assignment: Assignment) -> list[Column]:
    """Points for each exercise; where somebody is late, what it costs stands in a column of its own."""
    cells = [cell for notebook in assignment.notebooks for cell in notebook.grade_cells]
    made = {c.name: Column(assignment.name, c.name.removeprefix("test_"), c.max_score, {}) for c in cells}
    late = Column(assignment.name, "late", 0.0, {})
    for submission in _graded(gradebook, assignment):
        for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
            made[grade.name].points[submission.student_id] = grade.score
        penalty = min(submission.late_submission_penalty or 0.0, submission.score)
        late.points[submission.student_id] = -penalty if penalty else 0.0
    return [*made.values(), *([late] if any(late.points.values()) else [])]


def _graded(gradebook: Gradebook, assignment: Assignment) -> list[SubmittedAssignment]:
    return [s for s in gradebook.assignment_submissions(assignment.name) if graded(s)]


def graded(submission: SubmittedAssignment) -> bool:
    """Has it a score? nbgrader makes an entry without one for whoever was only given more time."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    scores = [s for g in grades for s in (g.auto_score, g.manual_score, g.extra_credit)]
    return any(score is not None for score in scores)


class CsvExport(_Export):
    """One line per student and assignment, or exercise."""

    default_name = "grades.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        what = ["assignment", *(["exercise"] if self.by_exercise else [])]
        who = ["student_id", "last_name", "first_name", "email"]
        yield [*what, *who, "score", "max_score", "handed_in"]
        for column in self.columns(gradebook):
            named = [column.assignment, *([column.exercise] if self.by_exercise else [])]
            for s in self.students(gradebook):
                points = column.points.get(s.id)
                person = [text(s.id), text(s.last_name), text(s.first_name), text(s.email)]
                handed_in = "no" if points is None else "yes"
                yield [*named, *person, points or 0.0, column.most, handed_in]


class CanvasExport(_Export):
    """Canvas: Gradebook > Import. The student id has to be the SIS user id of the Canvas course.

    Canvas matches a row by ID, else by SIS User ID; the second line holds the points possible.
    """

    default_name = "canvas.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        columns = self.columns(gradebook)
        head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        yield [*head, *(c.title for c in columns)]
        yield ["    Points Possible", "", "", "", "", *(c.most for c in columns)]
        for s in self.students(gradebook):
            name = ", ".join(filter(None, (s.last_name, s.first_name))) or s.id
            points = (c.points.get(s.id, "") for c in columns)
            yield [text(name), "", text(s.id), text(s.email), "", *points]


class MoodleExport(_Export):
    """Moodle: Grades > Import > CSV file; map "Email address" to useremail."""

    default_name = "moodle.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        columns = self.columns(gradebook)
        yield ["First name", "Last name", "ID number", "Email address", *(c.title for c in columns)]
        for s in self.students(gradebook):
            who = [text(s.first_name), text(s.last_name), text(s.id), text(s.email)]
            yield [*who, *(c.points.get(s.id, "-") for c in columns)]


EXPORTS = {"csv": CsvExport, "canvas": CanvasExport, "moodle": MoodleExport}
