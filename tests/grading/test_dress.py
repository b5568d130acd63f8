"""What a graded notebook shows: remarks in one cell at its top, and results below their cells."""

from autograder.grading import results
from autograder.grading.dress import dress, with_remarks


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
