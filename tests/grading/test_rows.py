"""What is entered at once is what nbgrader itself would have entered, table for table."""

import warnings
from datetime import datetime
from typing import Any

from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.exc import SAWarning

from autograder.grading.gradebook import open_gradebook
from autograder.grading.rows import NO_RESPONSE, Rows

TABLES = (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
#: Made anew for every row.
IDENTITIES = {"id", "assignment_id", "notebook_id"}
STUB_AND_MORE = {"time_average": "def time_average(x):\n    return 0"}


def rows_of(gradebook, kind) -> list[dict[str, Any]]:
    columns = [c.name for c in kind.__table__.columns if c.name not in IDENTITIES or kind is Student]
    return [{name: getattr(row, name) for name in columns} for row in gradebook.db.query(kind).all()]


def entered(root, lesson, work) -> list[list[dict[str, Any]]]:
    with open_gradebook(root) as gradebook:
        work(gradebook)
        gradebook.db.expire_all()
        return [rows_of(gradebook, kind) for kind in TABLES]


def test_a_first_grade_is_what_nbgrader_enters(root, lesson, tmp_path, course):
    when = datetime(2026, 11, 20, 12)

    def nbgraders(gradebook) -> None:
        gradebook.update_or_create_student("ann")
        with warnings.catch_warnings(), gradebook.db.no_autoflush:
            warnings.simplefilter("ignore", SAWarning)
            submission = gradebook.update_or_create_submission(lesson.name, "ann")
        submission.timestamp = when
        for grade in submission.notebooks[0].grades:
            grade.auto_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()

    def ours(gradebook) -> None:
        Rows(gradebook.db, lesson.name, lesson.stem).enter(
            "ann", when, {"test_time_average": 0.5}, STUB_AND_MORE
        )

    expected = entered(root, lesson, nbgraders)
    (root / "gradebook.db").write_bytes((course / "gradebook.db").read_bytes())
    assert entered(root, lesson, ours) == expected


def test_entering_again_changes_what_the_judge_gives_and_nothing_of_a_persons(root, lesson):
    def twice(gradebook) -> None:
        rows = Rows(gradebook.db, lesson.name, lesson.stem)
        rows.enter("ann", None, {"test_time_average": 0.5}, STUB_AND_MORE)
        mine = gradebook.find_grade("test_time_average", lesson.stem, lesson.name, "ann")
        mine.manual_score = 0.75
        gradebook.find_comment("time_average", lesson.stem, lesson.name, "ann").manual_comment = "Nearly!"
        gradebook.db.commit()
        rows.enter("ann", None, {"test_time_average": 1.0}, {})
        rows.enter("bob", None, {"test_time_average": 0.0, "test_of_another_edition": 1.0}, rows.stubs)

    students, _, _, grades, comments = entered(root, lesson, twice)
    assert [student["id"] for student in students] == ["ann", "bob"]
    assert [(g["auto_score"], g["manual_score"], g["needs_manual_grade"]) for g in grades] == [
        (1.0, 0.75, True),
        (0.0, None, False),
    ]
    assert [(c["auto_comment"], c["manual_comment"]) for c in comments] == [
        (None, "Nearly!"),
        (NO_RESPONSE, None),
    ]
