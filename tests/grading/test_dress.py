"""What a graded notebook shows: remarks in one cell at its top, and results below their cells."""

import nbformat
import pytest

from autograder.grading import results
from autograder.grading.dress import dress, with_remarks
from autograder.grading.notebooks import instructor_source
from autograder.grading.writing import notebook_text
from autograder.lessons import all_lessons


def test_remarks_share_one_cell_at_the_top(instructor):
    before = [cell.id for cell in instructor.cells]
    with_remarks(instructor, [])
    assert [cell.id for cell in instructor.cells] == before
    with_remarks(instructor, ["It came late."])
    with_remarks(instructor, ["A cell was missing.", "Two were moved."])
    assert [cell.id for cell in instructor.cells] == ["about-this-submission", *before]
    assert instructor.cells[0].cell_type == "markdown"
    assert instructor.cells[0].source.split("\n") == [
        "**About this submission**",
        "",
        "- It came late.",
        "- A cell was missing.",
        "- Two were moved.",
    ]


def test_printed_text_and_reports_stand_below_their_cells(instructor):
    result = results.Result("ann", "00_start_here", "key", printed={"time_average": "<b>"})
    result.tests["test_time_average"] = results.Test(1.0, 1.0, [], "right", "<p>right</p>")
    shown = {cell.id: cell.outputs for cell in dress(instructor, result).cells if cell.get("outputs")}
    assert list(shown) == ["time_average", "test_time_average"]
    assert [(out.name, out.text) for out in shown["time_average"]] == [("stdout", "<b>")]
    [report] = shown["test_time_average"]
    assert report.data == {"text/plain": "right", "text/html": "<p>right</p>"}


@pytest.mark.parametrize(
    "words",
    ["<b>\n", "two\nlines\n\n", 'ends in a quote"\\ ', "\u2028 é \x0b", '"cells": []', '"source": []', ""],
)
def test_a_notebook_is_written_as_nbformat_writes_it(instructor, words):
    """Twice: the second time from what is known of the first."""
    result = results.Result("ann", "00_start_here", "key", printed={"time_average": words})
    result.tests["test_time_average"] = results.Test(0.5, 1.0, [], words, f"<p>{words}</p>")
    made = with_remarks(dress(instructor, result), [words])
    made.metadata.signature, made.cells[0].metadata.trusted, made.cells[1].source = words, True, words
    assert [notebook_text(made) for _ in range(2)] == [nbformat.writes(made)] * 2
    nbformat.validate(made)


def test_every_lesson_is_written_as_nbformat_writes_it():
    for lesson in all_lessons()[::4]:
        notebook = instructor_source(lesson.notebook("solutions"))
        assert notebook_text(notebook) == nbformat.writes(notebook), lesson.name
