"""`autograder check NOTEBOOK`: one notebook, judged as graders do."""

import json

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.checking import check_notebook
from autograder.lessons import find_lessons

START_HERE = find_lessons(["00"])[0]


def test_the_solved_notebook_has_all_points():
    checked = check_notebook(START_HERE.notebook("solutions"))
    assert checked.score == checked.most > 0
    assert checked.text.endswith(f"{checked.most:g} of {checked.most:g} points")


def test_the_notebook_as_released_has_none_and_says_why():
    checked = check_notebook(START_HERE.notebook("course"))
    assert checked.score == 0
    assert "time_average: not right yet." in checked.text
    assert "Not written yet" in checked.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is damaged: it stops being JSON"),
        ("[]", "is no Jupyter notebook"),
        (json.dumps({"cells": []}), "holds no exercise of this course"),
        (None, "is missing"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "some.ipynb"
    if content is not None:
        path.write_text(content)
    done = CliRunner().invoke(app, ["check", str(path)])
    assert done.exit_code == 1
    assert sentence in done.output
    assert "Traceback" not in done.output
