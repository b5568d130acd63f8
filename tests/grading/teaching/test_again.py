"""What a mistake earns can be set in course.toml, and one exercise judged again for all."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.exercise import EXERCISES
from autograder.grading.classroom import Classroom
from autograder.grading.demo import as_answer
from autograder.grading.gradebook import open_gradebook
from autograder.grading.results import last_result
from autograder.lessons import ROOT, find_lessons

LESSON = find_lessons(["00"])[0]
FIRST, SECOND = [e for e in EXERCISES.values() if e.lesson == LESSON.stem]
#: The first named mistake of each that earns nothing as the course is.
SLIPS = {e.name: next(m for m in e.mistakes if m.credit == 0) for e in (FIRST, SECOND)}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Ann makes a known mistake in both exercises, Bo in the first alone."""
    root = tmp_path / "class"
    shutil.copytree(LESSON.notebook("solutions").parent, root / "solutions" / LESSON.name)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    monkeypatch.setenv("AUTOGRADER_COURSE_ROOT", str(root))
    data = json.loads(LESSON.notebook("solutions").read_text())
    cells = {cell["id"]: cell for cell in data["cells"]}
    for student, names in (("bo", [FIRST.name]), ("ann", [FIRST.name, SECOND.name])):
        for name in names:
            cells[name]["source"] = as_answer(name, SLIPS[name].function)
        path = root / "submitted" / student / LESSON.name / f"{LESSON.stem}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(data))
    return root


def points(root) -> dict[str, list[float]]:
    found = {name: last_result(root, LESSON.name, name) for name in ("ann", "bo")}
    return {name: [test.score for test in result.tests.values()] for name, result in found.items() if result}


def test_credit_is_the_courses_own_and_one_exercise_is_judged_again(made):
    Classroom(made, LESSON).grade(1, lambda _one: None)
    assert points(made) == {"ann": [0, 0], "bo": [0, SECOND.points]}
    credit = "".join(f"[credit.{name}]\n{slip.name} = 0.5\n" for name, slip in SLIPS.items())
    (made / "course.toml").write_text(credit)
    done = CliRunner().invoke(app, ["grade", "00", "--jobs", "1", "--exercise", SECOND.name])
    assert done.exit_code == 0, done.output
    half = SECOND.points / 2
    assert f"{SECOND.name} was judged again: the points of 1 changed.\n  ann: 0 -> {half:g}\n" in done.output
    assert points(made) == {"ann": [0, half], "bo": [0, SECOND.points]}  # the first is as it was
    with open_gradebook(made) as book:
        assert book.find_submission(LESSON.name, "ann").score == half
    again = Classroom(made, LESSON).grade(1, lambda _one: None)
    assert (again.graded, again.reused) == (0, 2)


def test_who_handed_in_another_notebook_is_judged_as_a_whole(made):
    Classroom(made, LESSON).grade(1, lambda _one: None)
    shutil.copy(
        LESSON.notebook("solutions"), made / "submitted" / "bo" / LESSON.name / f"{LESSON.stem}.ipynb"
    )
    Classroom(made, LESSON, SECOND.name).grade(1, lambda _one: None)
    assert points(made)["bo"] == [FIRST.points, SECOND.points]


def test_an_exercise_of_another_lesson_is_refused(made):
    done = CliRunner().invoke(app, ["grade", "00", "--exercise", f"{SECOND.name}s"])
    assert done.exit_code == 1
    assert f"has no exercise '{SECOND.name}s'; did you mean {SECOND.name}?" in done.output


def test_a_course_toml_that_makes_no_sense_ends_grading_with_a_sentence(made):
    (made / "course.toml").write_text("[credit.nothing]\n")
    done = CliRunner().invoke(app, ["grade", "00"])
    assert done.exit_code == 1
    assert "'nothing' means nothing here" in done.output
    assert not (made / "autograded").exists()
