"""What nbgrader's autograde runs in place of its own steps; named in nbgrader_config.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.grading.notebooks import (
    SubmissionError,
    instructor_source,
    read_submission,
    rebuild,
)


class SubmissionExporter(NotebookExporter):
    """Lets a file that is no notebook through as an empty one, so that Rebuild can say what is wrong."""

    def from_file(self, file_stream: TextIO, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        try:
            notebook = nbformat.read(file_stream, as_version=4)
        except Exception:  # nbformat raises a dozen types; Rebuild reads the file again and names the reason
            notebook = nbformat.v4.new_notebook()
        return self.from_notebook_node(notebook, resources, **kw)


class Rebuild(NbGraderPreprocessor):
    """Replaces the submitted notebook by the instructor's one with the student's answers in it.

    Expects to run in the course's root, as nbgrader's converters do.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        here, info = resources["metadata"], resources["nbgrader"]
        instructor = instructor_source(Path("solutions") / info["assignment"] / f"{info['notebook']}.ipynb")
        try:
            made = rebuild(instructor, read_submission(Path(here["path"]) / f"{here['name']}.ipynb"))
        except SubmissionError as error:
            made = rebuild(instructor, None)
            made.remarks.append(str(error))
        for remark in made.remarks:
            self.log.warning("%s: %s", info["student"], remark)
        return with_remarks(made.notebook, made.remarks), resources


def with_remarks(notebook: NotebookNode, remarks: list[str]) -> NotebookNode:
    """The notebook with the remarks in a cell at its top, where feedback shows them."""
    if remarks:
        lines = "\n".join(f"- {remark}" for remark in remarks)
        cell = nbformat.v4.new_markdown_cell(f"**About this submission**\n\n{lines}")
        cell.id = "about-this-submission"
        notebook.cells.insert(0, cell)
    return notebook
