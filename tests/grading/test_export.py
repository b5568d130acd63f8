"""Grades leave the gradebook in the columns that each system imports."""

import csv

import pytest
from nbgrader.api import Gradebook

from autograder.grading.export import EXPORTS, text

# nbgrader's own way of adding a submission makes SQLAlchemy warn.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")

ANA = {"first_name": "Ana", "last_name": "Šimić, PhD", "email": "ana@example.org"}
BO = {"first_name": "Bo", "last_name": "=HYPERLINK(1)", "email": "bo@example.org"}


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    with Gradebook(f"sqlite:///{tmp_path_factory.mktemp('class')}/gradebook.db") as book:
        book.add_student("s1", **ANA)
        book.add_student("s2", **BO)
        book.add_assignment("01_sequences")
        book.add_notebook("sequences", "01_sequences")
        cell = {"max_score": 4, "cell_type": "code"}
        book.add_grade_cell("test_pad_batch", "sequences", "01_sequences", **cell)
        book.add_submission("01_sequences", "s1")
        book.find_grade("test_pad_batch", "sequences", "01_sequences", "s1").auto_score = 2.5
        for student, points, penalty in (("s3", 0, 0), ("s4", 3, 1), ("s5", 3, 4)):
            book.add_student(student, last_name=f"Ž{student}")
            book.add_submission("01_sequences", student)
            book.find_grade("test_pad_batch", "sequences", "01_sequences", student).auto_score = points
            handed_in = book.find_submission_notebook("sequences", "01_sequences", student)
            handed_in.late_submission_penalty = penalty
        book.db.commit()
        yield book


def exported(gradebook, tmp_path, name: str, **options) -> list[list[str]]:
    path = tmp_path / f"{name}.csv"
    EXPORTS[name](to=str(path), **options).export(gradebook)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_canvas_has_the_points_possible_and_the_sis_id(gradebook, tmp_path):
    head, possible, formula, ana, *others = exported(gradebook, tmp_path, "canvas")
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_sequences"]
    assert possible[0] == "    Points Possible"
    assert possible[-1] == "4.0"
    assert ana == ["Šimić, PhD, Ana", "", "s1", "ana@example.org", "", "2.5"]
    assert formula[0].startswith("'=")
    assert formula[-1] == ""
    assert [other[-1] for other in others] == ["0.0", "2.0", "0.0"]


def test_moodle_names_columns_as_moodle_does(gradebook, tmp_path):
    head, formula, ana, *others = exported(gradebook, tmp_path, "moodle")
    assert head == ["First name", "Last name", "ID number", "Email address", "01_sequences"]
    assert ana == ["Ana", "Šimić, PhD", "s1", "ana@example.org", "2.5"]
    assert formula[-1] == "-"
    assert [other[-1] for other in others] == ["0.0", "2.0", "0.0"]


def test_csv_says_who_handed_nothing_in(gradebook, tmp_path):
    rows = exported(gradebook, tmp_path, "csv")
    assert [row[1] for row in rows[1:]] == ["s2", "s1", "s3", "s4", "s5"]
    assert [row[-1] for row in rows[1:]] == ["no", "yes", "yes", "yes", "yes"]
    # Nothing handed in, points, no points, a penalty, and a penalty that is more than the points.
    assert [row[5] for row in rows[1:]] == ["0.0", "2.5", "0.0", "2.0", "0.0"]


def test_students_can_be_chosen(gradebook, tmp_path):
    assert len(exported(gradebook, tmp_path, "moodle", student=["s1"])) == 2


@pytest.mark.parametrize(
    "words",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r1",
        " =1",
        "\u200b=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        "﹦1",
        "\u3000＝1",
    ],
)
def test_what_a_spreadsheet_might_run_gets_an_apostrophe(words):
    assert text(words) == f"'{words}"


@pytest.mark.parametrize("words", ["Ana", "Šimić-Lee", "李明", "a=b", "o'neil", "3", ""])
def test_names_stay_as_they_are(words):
    assert text(words) == words


def test_points_by_exercise_add_up_to_those_of_the_lesson(gradebook, tmp_path):
    head, possible, *rows = exported(gradebook, tmp_path, "canvas", by_exercise=True)
    assert head[-2:] == ["01_sequences: pad_batch", "01_sequences: late"]
    assert possible[-2:] == ["4.0", "0.0"]
    found = {row[2]: row[-2:] for row in rows}
    assert found == {
        "s1": ["2.5", "0.0"],
        "s2": ["", ""],
        "s3": ["0.0", "0.0"],
        "s4": ["3.0", "-1.0"],
        "s5": ["3.0", "-3.0"],  # a penalty is never more than the points
    }
    head, *lines = exported(gradebook, tmp_path, "csv", by_exercise=True)
    assert head[:2] == ["assignment", "exercise"]
    assert ["01_sequences", "pad_batch", "s1"] in [line[:3] for line in lines]
    assert len(lines) == 2 * 5
    assert exported(gradebook, tmp_path, "moodle", by_exercise=True)[0][-1] == "01_sequences: late"
