"""Put a result into its notebook, for formgrader and feedback: printed text and the judge's reports."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.grading.notebooks import grade_id, is_test
from autograder.grading.results import Result

ABOUT = "about-this-submission"


def with_remarks(notebook: NotebookNode, remarks: list[str]) -> NotebookNode:
    """The notebook with the remarks in a cell at its top, where feedback shows them."""
    if remarks:
        lines = "".join(f"\n- {remark}" for remark in remarks)
        if notebook.cells[0].id != ABOUT:
            cell = nbformat.v4.new_markdown_cell("**About this submission**\n")
            cell.id = ABOUT
            notebook.cells.insert(0, cell)
        notebook.cells[0].source += lines
    return notebook


def dress(notebook: NotebookNode, result: Result) -> NotebookNode:
    """Give the cells their outputs. Nothing of it is a student's own HTML: printed text stays text."""
    for cell in notebook.cells:
        if is_test(cell):
            test = result.tests[grade_id(cell)]
            data = {"text/plain": test.text, "text/html": test.html}
            cell.outputs = [_output(output_type="display_data", metadata={}, data=data)]
        elif cell.cell_type == "code" and (text := result.printed.get(cell.id)):
            cell.outputs = [_output(output_type="stream", name="stdout", text=text)]
    return notebook


def _output(**parts: Any) -> NotebookNode:
    """An output as nbformat.v4.new_output makes it, which holds each one against the format's schema."""
    made: NotebookNode = nbformat.from_dict(parts)
    return made
