"""Late work: the rule in course.toml, a time of grace, extensions, and the list of who is late."""

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.classroom import Classroom
from autograder.grading.export import EXPORTS
from autograder.grading.gradebook import open_gradebook
from autograder.grading.overview import tell_summary
from autograder.grading.policy import Late, course_policy, lesson_credits
from tests.grading.conftest import HALF, RIGHT

DUE = "2026-11-20 12:00"
TEN = '[late]\ngrace = "30 min"\npenalty = "10 % a day"\n'


@pytest.fixture
def due(root, lesson, unasked, monkeypatch):
    """A course in which the lesson has a due date, and nothing has to be judged."""
    monkeypatch.setenv("AUTOGRADER_SEED", "known")
    with open_gradebook(root) as book:
        book.update_or_create_assignment(lesson.name, duedate=DUE)
    return root


@pytest.fixture
def came(hand_in):
    """Hand in at a time."""

    def handed_in(student: str, code: str, when: str) -> None:
        hand_in(student, code).with_name("timestamp.txt").write_text(f"{when} UTC")

    return handed_in


def grade(root, lesson):
    return Classroom(root, lesson).grade(1, lambda _one: None)


@pytest.mark.parametrize(
    ("seconds", "penalty"),
    [(0, 0), (1800, 0), (1801, 1), (86400, 1), (86401, 2), (9.5 * 86400, 10), (400 * 86400, 10)],
)
def test_each_day_begun_costs_its_share_and_never_more_than_all(seconds, penalty):
    assert Late(1800, 0.1, 86400).penalty(10, seconds) == pytest.approx(penalty)


def test_the_rule_of_the_course_is_applied_and_the_late_are_listed(due, lesson, came):
    (due / "course.toml").write_text(TEN)
    came("ann", RIGHT, "2026-11-20 12:20:00")
    came("bo", RIGHT, "2026-11-20 14:00:00")
    came("cy", HALF, "2026-11-22 13:00:00")
    came("di", RIGHT, "2026-11-19 12:00:00")
    summary = grade(due, lesson)
    told = {name: (late.hours, late.penalty) for name, late in summary.late.items()}
    assert told == {
        "ann": (pytest.approx(1 / 3), 0),
        "bo": (2, pytest.approx(0.1)),
        "cy": (49, pytest.approx(0.15)),
    }
    said = tell_summary(summary)
    assert "Late: 3. Mean after penalties 0.8." in said
    assert said.index("cy: 49.0 h late, -0.15 points") < said.index("bo: 2.0 h late, -0.1 points")


def test_without_a_rule_nbgraders_own_holds(due, lesson, came):
    config = due / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    came("bo", RIGHT, "2026-11-20 14:00:00")
    assert grade(due, lesson).late["bo"].penalty == 1
    (due / "course.toml").write_text(TEN)
    assert grade(due, lesson).late["bo"].penalty == pytest.approx(0.1)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


@pytest.fixture
def known_lesson(lesson, monkeypatch):
    monkeypatch.setattr("autograder.grading.commands.find_lessons", lambda _words, _root=None: [lesson])


def test_an_extension_counts_and_can_be_replaced(due, lesson, came, known_lesson):
    (due / "course.toml").write_text(TEN)
    came("bo", RIGHT, "2026-11-22 11:00:00")
    assert grade(due, lesson).late["bo"].penalty == pytest.approx(0.2)
    code, said = run("extend", "bo", "00", "--until", "2026-11-22 13:00 +01:00")
    assert (code, "until 2026-11-22 12:00 UTC" in said) == (0, True)
    assert not grade(due, lesson).late
    assert run("extend", "bo", "00", "--until", "2026-11-21 12:00")[0] == 0
    assert grade(due, lesson).late["bo"].hours == pytest.approx(23)


def test_an_extension_alone_is_no_submission(due, lesson, came, known_lesson, tmp_path):
    came("ann", RIGHT, "2026-11-19 11:00:00")
    with open_gradebook(due) as book:
        book.update_or_create_student("bo")
    assert run("extend", "bo", "00", "--until", "2026-11-25 12:00")[0] == 0
    grade(due, lesson)
    with open_gradebook(due) as book:
        EXPORTS["csv"](to=str(tmp_path / "grades.csv")).export(book)
    rows = (tmp_path / "grades.csv").read_text().splitlines()
    assert [row.rpartition(",")[2] for row in rows] == ["handed_in", "yes", "no"]
    came("bo", HALF, "2026-11-24 12:00:00")
    summary = grade(due, lesson)
    assert summary.scores == {"ann": 1.0, "bo": 0.5}
    assert not summary.late


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ghost", "2026-11-25 12:00"), "There is no student ghost."),
        (("an", "2026-11-25 12:00"), "There is no student an; did you mean ann?"),
        (("ann", "2026-11-19 12:00"), "is before the due date, 2026-11-20 12:00 UTC"),
        (("ann", "tomorrow"), "--until holds no time, such as 2026-11-20 12:00:00 UTC"),
        (("ann", "2026-11-25 12:00 CEST"), "names the zone CEST"),
    ],
)
def test_an_extension_that_cannot_be_is_refused(due, came, known_lesson, arguments, sentence):
    came("ann", RIGHT, "2026-11-19 11:00:00")
    code, said = run("extend", arguments[0], "00", "--until", arguments[1])
    assert code == 1
    assert sentence in said


def test_a_lesson_without_a_due_date_is_said(root, hand_in, known_lesson):
    hand_in("ann", RIGHT)
    code, said = run("extend", "ann", "00", "--until", "2026-11-25 12:00")
    assert code == 1
    assert "has no due date" in said
    assert "nbgrader db assignment add 00_start_here" in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[late]\ngrace = 30", "grace is a time such as"),
        ('[late]\npenalty = "ten a day"', "penalty is a rule such as"),
        ('[late]\npenalties = "10 % a day"', "'penalties' means nothing here ('penalty' does)"),
        ("[lat]", "'lat' means nothing here ('late' does)"),
        ("late = 3", "3 stands where a table"),
        ("[credit.rnn_stp]\nbias_missing = 0.5", "('rnn_step' does)"),
        ("[credit.rnn_step]\nbias_mising = 0.5", "('bias_missing' does)"),
        ("[credit.rnn_step]\nbias_missing = 1.0", "rnn_step.bias_missing = 1.0 is none"),
        ("[credit.rnn_step]\nbias_missing = true", "rnn_step.bias_missing = True is none"),
        ("[late", "course.toml: "),
    ],
)
def test_what_makes_no_sense_in_course_toml_is_said(tmp_path, text, sentence):
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(ValueError, match=r"course\.toml: ") as error:
        course_policy(tmp_path)
    assert sentence in str(error.value)


def test_only_a_lessons_own_credits_belong_to_its_grades(tmp_path):
    (tmp_path / "course.toml").write_text("[credit.rnn_step]\nbias_missing = 0.25\n")
    assert lesson_credits(tmp_path, "04_numpy_rnn") == '{"rnn_step": {"bias_missing": 0.25}}'
    assert lesson_credits(tmp_path, "05_backpropagation_through_time") == "{}"
    assert course_policy(tmp_path).late is None
    assert course_policy(tmp_path / "nowhere").credit == {}
