"""A student's rows in nbgrader's tables, entered in a handful of statements.

nbgrader's own objects are made one by one and read back after every commit: for a class of a thousand most of
the time would go there. What stands in the tables afterwards is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

NO_RESPONSE = "No response."
#: Looked up once: building a statement costs more than running it.
FIND_STUDENT = select(Student.id).where(Student.id == bindparam("student"))
FIND_NOTEBOOK = (
    select(SubmittedAssignment.id, SubmittedNotebook.id)
    .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    .where(SubmittedAssignment.student_id == bindparam("student"))
    .where(SubmittedAssignment.assignment_id == bindparam("assignment"))
    .where(SubmittedNotebook.notebook_id == bindparam("notebook"))
)
DATED = (
    update(SubmittedAssignment.__table__)
    .where(SubmittedAssignment.__table__.c.id == bindparam("of"))
    .values(timestamp=bindparam("came"))
)
FREE = (
    update(SubmittedNotebook.__table__)
    .where(SubmittedNotebook.__table__.c.id == bindparam("of"))
    .values(late_submission_penalty=None)
)
GRADES, COMMENTS = Grade.__table__, Comment.__table__
NEW_STUDENT, NEW_SUBMISSION = insert(Student.__table__), insert(SubmittedAssignment.__table__)
NEW_NOTEBOOK, NEW_GRADES, NEW_COMMENTS = insert(SubmittedNotebook.__table__), insert(GRADES), insert(COMMENTS)
SCORE = (
    update(GRADES)
    .where(GRADES.c.notebook_id == bindparam("of"), GRADES.c.cell_id == bindparam("cell"))
    .values(auto_score=bindparam("score"), needs_manual_grade=GRADES.c.manual_score.is_not(None))
)
REMARK = (
    update(COMMENTS)
    .where(COMMENTS.c.notebook_id == bindparam("of"), COMMENTS.c.cell_id == bindparam("cell"))
    .values(auto_comment=bindparam("remark"))
)


class Rows:
    """The rows of one lesson, `assignment` and `notebook` by name, in the gradebook behind `db`."""

    def __init__(self, db: Session, assignment: str, notebook: str) -> None:
        self.db = db
        self.assignment, self.notebook = db.execute(
            select(Assignment.id, Notebook.id)
            .join(Notebook, Notebook.assignment_id == Assignment.id)
            .where(Assignment.name == assignment, Notebook.name == notebook)
        ).one()
        self.graded = self._cells(GradeCell)
        self.answered = self._cells(SolutionCell)
        sources = select(SourceCell.name, SourceCell.source).where(SourceCell.notebook_id == self.notebook)
        self.stubs = {row.name: row.source for row in db.execute(sources)}

    def _cells(self, kind: Any) -> dict[str, str]:
        cells = select(kind.name, kind.id).where(kind.notebook_id == self.notebook)
        return {row.name: row.id for row in self.db.execute(cells)}

    def enter(
        self,
        student: str,
        handed_in: datetime | None,
        scores: Mapping[str, float],
        answers: Mapping[str, str],
    ) -> None:
        """Enter the scores by test cell and nbgrader's remark on answers that are still the stub, and commit.

        What a person entered, manual scores and comments, stays.
        """
        execute = self.db.connection().execute  # the session's own would look for objects in each statement
        submission, notebook = self._of(student)
        execute(DATED, [{"of": submission, "came": handed_in}])
        execute(FREE, [{"of": notebook}])
        known = {name: score for name, score in scores.items() if name in self.graded}
        marks = [{"of": notebook, "cell": self.graded[name], "score": s} for name, s in known.items()]
        if marks:
            execute(SCORE, marks)
        remarks = [
            {"of": notebook, "cell": cell, "remark": self._remark(name, answers)}
            for name, cell in self.answered.items()
        ]
        if remarks:
            execute(REMARK, remarks)
        self.db.commit()

    def _remark(self, name: str, answers: Mapping[str, str]) -> str | None:
        return NO_RESPONSE if answers.get(name) == self.stubs.get(name) else None

    def _of(self, student: str) -> tuple[str, str]:
        """The student's submission and its notebook; made, with empty grades, where they are not there."""
        execute = self.db.connection().execute
        wanted = {"student": student, "assignment": self.assignment, "notebook": self.notebook}
        if found := execute(FIND_NOTEBOOK, wanted).first():
            return found[0], found[1]
        if execute(FIND_STUDENT, wanted).first() is None:
            execute(NEW_STUDENT, [{"id": student}])
        submission, notebook = new_uuid(), new_uuid()
        whole = {"id": submission, "assignment_id": self.assignment, "student_id": student}
        execute(NEW_SUBMISSION, [whole])
        execute(NEW_NOTEBOOK, [{"id": notebook, "assignment_id": submission, "notebook_id": self.notebook}])
        for new, cells in ((NEW_GRADES, self.graded), (NEW_COMMENTS, self.answered)):
            rows = [{"notebook_id": notebook, "cell_id": cell} for cell in cells.values()]
            if rows:
                execute(new, rows)
        return submission, notebook
