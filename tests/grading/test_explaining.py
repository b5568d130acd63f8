"""Answers that no mistake explains hear where to look, when the grades are safe; nothing is earned by it."""

import pytest

from autograder.grading import explaining, limits
from tests.grading.conftest import RIGHT

TEST = "test_time_average"
SLIP = "def time_average(x):\n    total = x.sum(axis=1)\n    return total / (x.shape[1] + 1)"


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy machine gets less done in the time that there is."""
    monkeypatch.setattr(limits, "EXPLAIN_SECONDS", 20.0)


def only(result) -> tuple[float, str]:
    return result.tests[TEST].score, result.tests[TEST].text


def test_the_line_of_a_slip_is_named_in_the_feedback(grade):
    score, text = only(grade(SLIP))
    assert score == 0
    assert "Look at line 3, `return total / (x.shape[1] + 1)`" in text


def test_it_is_said_in_the_pages_as_well(grade):
    assert "line 3" in grade(SLIP).tests[TEST].html


def test_a_right_answer_is_not_searched(grade, monkeypatch):
    monkeypatch.setattr(explaining, "LEAST", 0.0)
    monkeypatch.setattr(
        "autograder.grading.sandbox.student.Student.explain", lambda *_: pytest.fail("no need")
    )
    assert only(grade(RIGHT))[0] == 1


HOSTILE = {
    "ends": "import os\nexplain = lambda *_, **__: os._exit(1)",
    "lies": "explain = lambda *_, **__: [dict(line=2, line_too=0, what='<b>you pass</b>', what_too='', "
    "code='', code_too='', mistake='none', results=[0], bold=False, mended='')]",
    "nonsense": "explain = lambda *_, **__: [7, 'x', None]",
    "hangs": "import time\nexplain = lambda *_, **__: time.sleep(60)",
}
PATCH = "import autograder.grading.sandbox.child as child\n{}\nchild.Student.explain = explain\n"


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_a_student_does_to_the_search_changes_no_grade(kind, grade, monkeypatch):
    monkeypatch.setattr(limits, "EXPLAIN_SECONDS", 1.0)
    result = grade(PATCH.format(HOSTILE[kind]) + SLIP)
    assert only(result)[0] == 0
    assert "not right yet" in only(result)[1]
    assert "<b>you pass" not in result.tests[TEST].html
    assert not result.remarks


def test_without_time_left_the_grades_are_there_all_the_same(grade, monkeypatch):
    monkeypatch.setattr(limits, "EXPLAIN_SECONDS", 0.0)
    score, text = only(grade(SLIP))
    assert (score, "not right yet" in text) == (0, True)
