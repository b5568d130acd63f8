"""Grades out of the gradebook, as spreadsheets and learning-management systems import them.

The three exporters are nbgrader export plug-ins, so that both commands work:

    autograder export --format canvas
    nbgrader export --exporter=autograder.grading.export.CanvasExport --to canvas.csv
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin

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


def score(gradebook: Gradebook, assignment: Assignment, student: Student) -> float | None:
    """Points after a late penalty; None where nothing was handed in."""
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return None
    if not graded(submission):
        return None
    points: float = submission.score - (submission.late_submission_penalty or 0.0)
    return max(0.0, points)


def graded(submission: SubmittedAssignment) -> bool:
    """Has it a score? nbgrader makes an entry without one for whoever was only given more time."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    scores = [s for g in grades for s in (g.auto_score, g.manual_score, g.extra_credit)]
    return any(score is not None for score in scores)


class CsvExport(_Export):
    """One line per student and assignment."""

    default_name = "grades.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        yield [
            "assignment",
            "student_id",
            "last_name",
            "first_name",
            "email",
            "score",
            "max_score",
            "handed_in",
        ]
        for assignment in self.assignments(gradebook):
            for s in self.students(gradebook):
                points = score(gradebook, assignment, s)
                who = [text(s.id), text(s.last_name), text(s.first_name), text(s.email)]
                handed_in = "no" if points is None else "yes"
                yield [assignment.name, *who, points or 0.0, assignment.max_score, handed_in]


class CanvasExport(_Export):
    """Canvas: Gradebook > Import. The student id has to be the SIS user id of the Canvas course.

    Canvas matches a row by ID, else by SIS User ID; the second line holds the points possible.
    """

    default_name = "canvas.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        assignments = self.assignments(gradebook)
        head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        yield [*head, *(a.name for a in assignments)]
        yield ["    Points Possible", "", "", "", "", *(a.max_score for a in assignments)]
        for s in self.students(gradebook):
            name = ", ".join(filter(None, (s.last_name, s.first_name))) or s.id
            points = (score(gradebook, a, s) for a in assignments)
            yield [text(name), "", text(s.id), text(s.email), "", *("" if p is None else p for p in points)]


class MoodleExport(_Export):
    """Moodle: Grades > Import > CSV file; map "Email address" to useremail."""

    default_name = "moodle.csv"

    def rows(self, gradebook: Gradebook) -> Iterator[Row]:
        assignments = self.assignments(gradebook)
        yield ["First name", "Last name", "ID number", "Email address", *(a.name for a in assignments)]
        for s in self.students(gradebook):
            points = (score(gradebook, a, s) for a in assignments)
            who = [text(s.first_name), text(s.last_name), text(s.id), text(s.email)]
            yield [*who, *("-" if p is None else p for p in points)]


EXPORTS = {"csv": CsvExport, "canvas": CanvasExport, "moodle": MoodleExport}
