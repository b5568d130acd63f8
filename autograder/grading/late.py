"""What late work costs here, as nbgrader asks for it; and when it is due for whom."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin

from autograder.grading.faults import faults_said
from autograder.grading.gradebook import Book
from autograder.grading.policy import course_policy
from autograder.grading.strays import meant
from autograder.grading.times import moment
from autograder.lessons import Lesson

NO_DUE = (
    "Lesson {0} has no due date, so that nothing is late. Give it one: "
    'nbgrader db assignment add {0} --duedate="2026-11-20 12:00:00 UTC"'
)
NOBODY = "There is no student {}{} Name the folder in submitted/ or the id in the class list."
TOO_EARLY = "{} is before the due date, {} UTC: an extension ends after it."
GRANTED = "{} may hand in lesson {} until {} UTC. `autograder grade {}` works out penalties anew."


class CoursePolicy(LateSubmissionPlugin):
    """The rule in course.toml; where there is none, nbgrader's own."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        rule = course_policy(Path(self.config.CourseDirectory.get("root") or Path.cwd())).late
        if rule is None:
            nbgraders: float | None = super().late_submission_penalty(student_id, score, total_seconds_late)
            return nbgraders
        return rule.penalty(score, total_seconds_late)


def extend(root: Path, lesson: Lesson, student: str, until: str) -> str:
    """Let a student hand in until a moment; returns a sentence on it. `until` is read as timestamps are.

    An extension that was there is replaced. Raises ValueError for what cannot be.
    """
    try:
        end = moment(until)
    except ValueError as error:
        raise ValueError(f"--until {error}.") from None
    with faults_said(root), Book(root, lesson) as book:
        book.register()
        due = book.gradebook.find_assignment(lesson.name).duedate
        if due is None:
            raise ValueError(NO_DUE.format(lesson.name))
        if end < due:
            raise ValueError(TOO_EARLY.format(until, f"{due:%Y-%m-%d %H:%M}"))
        _known(root, book.gradebook, student)
        book.gradebook.update_or_create_student(student)
        with book.gradebook.db.no_autoflush:
            submission = book.gradebook.update_or_create_submission(lesson.name, student)
        submission.extension = end - due
        book.gradebook.db.commit()
    return GRANTED.format(student, lesson.name, f"{end:%Y-%m-%d %H:%M}", lesson.number)


def _known(root: Path, gradebook: Gradebook, student: str) -> None:
    """Raise ValueError for somebody who is neither in the class list nor in submitted/."""
    folder = root / "submitted"
    known = {s.id for s in gradebook.students} | {path.name for path in folder.glob("*")}
    if student not in known:
        raise ValueError(NOBODY.format(student, meant(student, known)))
