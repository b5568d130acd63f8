"""`autograder check NOTEBOOK`: a report per exercise and the points, for any notebook of the course."""

import json

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.notebooks import grade_id, is_solution
from autograder.lessons import find_lessons

LESSON = find_lessons(["01"])[0]


def check(path):
    return CliRunner().invoke(app, ["check", str(path)])


def test_a_solved_and_a_half_solved_notebook(tmp_path):
    solved = nbformat.read(LESSON.notebook("solutions"), as_version=4)
    path = tmp_path / "under_another_name.ipynb"
    nbformat.write(solved, path)
    done = check(path)
    assert done.exit_code == 0, done.output
    assert "✓ make_windows: right." in done.output
    last = [cell for cell in solved.cells if is_solution(cell)][-1]
    last.source = last.source.replace("return ", "return 2 * ")
    nbformat.write(solved, path)
    done = check(path)
    assert done.exit_code == 1
    assert f"✗ {grade_id(last)}: not right yet" in done.output
    assert done.output.rstrip().endswith(" points")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file"),
        ("", "is empty"),
        ("{", "stops being JSON"),
        ("[]", "is no Jupyter notebook"),
        (json.dumps({"cells": []}), "holds no exercise of this course"),
    ],
)
def test_what_cannot_be_checked_is_said(tmp_path, content, sentence):
    path = tmp_path / "n.ipynb"
    if content is not None:
        path.write_text(content)
    done = check(path)
    assert done.exit_code == 1
    assert sentence in done.output


def test_a_folder_cannot_be_checked(tmp_path):
    assert "is a folder: name a notebook in it." in check(tmp_path).output


def test_a_notebook_without_names_is_checked_by_its_functions(tmp_path):
    later = find_lessons(["03"])[0]
    solved = nbformat.read(later.notebook("solutions"), as_version=4)
    for cell in solved.cells:
        cell.metadata = nbformat.NotebookNode()
        cell.id = f"x{cell.id[:50]}"
    nbformat.write(solved, tmp_path / "n.ipynb")
    done = check(tmp_path / "n.ipynb")
    assert done.exit_code == 0, done.output
    assert "was found in a cell without its name, by its function." in done.output
    assert "✓ hmm_filter: right." in done.output
