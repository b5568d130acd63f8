"""What the gradebook knows of a class beside points: names, when work came, how late, who is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment

from autograder.grading.faults import faults_said
from autograder.grading.gradebook import open_gradebook


@dataclass
class Standing:
    """By student id. Times are UTC."""

    due: datetime | None = None
    names: dict[str, str] = field(default_factory=dict)
    #: When the work came, if that is known.
    came: dict[str, datetime] = field(default_factory=dict)
    #: Hours after the due date, extensions counted in; and the points that it costs.
    late: dict[str, float] = field(default_factory=dict)
    penalty: dict[str, float] = field(default_factory=dict)
    extended: list[str] = field(default_factory=list)
    #: Who is in the class and handed nothing in.
    missing: list[str] = field(default_factory=list)

    def called(self, student: str) -> str:
        """A student's name in the class list, else the name of the folder."""
        return self.names.get(student) or student


def class_standing(root: Path, lesson: str, handed_in: set[str]) -> Standing:
    """What the gradebook in `root` says of a lesson; `handed_in` are those whose work is there."""
    with faults_said(root), open_gradebook(root) as book:
        made = Standing()
        for student in book.students:
            made.names[student.id] = " ".join(filter(None, (student.first_name, student.last_name)))
            if student.id not in handed_in:
                made.missing.append(student.id)
        try:
            made.due = book.find_assignment(lesson).duedate
        except MissingEntry:
            return made
        for submission in _submissions(book, lesson):
            _enter(made, submission, submission.student_id in handed_in)
        return made


def _submissions(book: Gradebook, lesson: str) -> list[SubmittedAssignment]:
    return list(book.assignment_submissions(lesson))


def _enter(made: Standing, submission: SubmittedAssignment, handed_in: bool) -> None:
    student = submission.student_id
    if submission.extension:
        made.extended.append(student)
    if not handed_in or submission.timestamp is None:
        return
    made.came[student] = submission.timestamp
    if made.due and (seconds := submission.total_seconds_late) > 0:
        made.late[student] = seconds / 3600
        made.penalty[student] = sum(n.late_submission_penalty or 0.0 for n in submission.notebooks)
