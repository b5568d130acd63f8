"""Putting a student's answers into the instructor's notebook.

Only the source of solution cells is taken from a submission. Whatever else a person or a program did to
the file (cells deleted, copied, moved, added, tagged, retyped) has no effect, and each is said in a sentence.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.grading.bounds import bound_cells
from autograder.grading.submissions import Cell, Submission

HIDDEN_TESTS = re.compile(r"\n?### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
MISSING = "# This cell was missing from the submission."


@dataclass
class Rebuilt:
    """The instructor's notebook with a student's answers, and a sentence for everything left out."""

    notebook: NotebookNode
    remarks: list[str]


def is_solution(cell: NotebookNode) -> bool:
    """Is this cell of the instructor's notebook one that the student writes?"""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Is this cell of the instructor's notebook one that earns points?"""
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def grade_id(cell: NotebookNode) -> str:
    """The cell's name in the gradebook."""
    return str(cell.metadata["nbgrader"]["grade_id"])


def instructor_source(path: Path) -> NotebookNode:
    """The instructor's notebook in solutions/, without the outputs of its execution."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def without_hidden_tests(source: str) -> str:
    """A test cell's source as students see it."""
    return HIDDEN_TESTS.sub("", source)


def _visible(source: str) -> str:
    return without_hidden_tests(source).strip()


def rebuild(instructor: NotebookNode, submission: Submission | None) -> Rebuilt:
    """Put the student's answers into a copy of `instructor`; without a submission every answer is missing."""
    made, remarks = deepcopy(instructor), []
    handed_in = submission or Submission([])
    for cell in made.cells:
        if is_solution(cell):
            name = grade_id(cell)
            found = [c for c in handed_in.cells if c.name == name]
            cell.source = found[-1].source if found else MISSING
            remarks += _answer_remarks(name, found) if submission else []
    remarks += bound_cells(made)
    return Rebuilt(made, [*handed_in.remarks, *remarks, *_other_remarks(instructor, handed_in)])


def _answer_remarks(name: str, found: list[Cell]) -> list[str]:
    if not found:
        return [f"The cell of exercise {name} is missing: it counts as not answered."]
    remarks = []
    if len(found) > 1:
        remarks.append(f"There are {len(found)} cells named {name}: the last one was graded.")
    if found[-1].kind != "code":
        remarks.append(f"The cell of exercise {name} was turned into text: it was graded as code.")
    return remarks


def _other_remarks(instructor: NotebookNode, submission: Submission) -> list[str]:
    """Sentences on moved answers, on cells of the course that are gone, and on cells that were added."""
    remarks = []
    wanted = [grade_id(c) for c in instructor.cells if "nbgrader" in c.metadata]
    names = list(dict.fromkeys(c.name for c in submission.cells if c.name in wanted))
    if names != [name for name in wanted if name in names]:
        remarks.append("The cells stand in another order: they were graded in the course's own order.")
    tests = [grade_id(c) for c in instructor.cells if is_test(c)]
    if submission.cells and (gone := [name for name in tests if name not in names]):
        remarks.append(f"The test cells {', '.join(gone)} were missing: they were put back.")
    checks = {grade_id(c): _visible(c.source) for c in instructor.cells if is_test(c)}
    changed = {c.name for c in submission.cells if c.name in checks and _visible(c.source) != checks[c.name]}
    if changed:
        remarks.append(
            f"The test cells {', '.join(sorted(changed))} were changed: the course's own were run."
        )
    known = {c.source.strip() for c in instructor.cells}
    own = [c for c in submission.cells if c.kind == "code" and c.name not in wanted]
    own = [c for c in own if c.source.strip() and c.source.strip() not in known]
    if own:
        remarks.append(
            f"{len(own)} code cell{'s' if len(own) > 1 else ''} outside the exercises had no effect: "
            "an answer must stand in its own exercise cell, helper functions and imports included."
        )
    return remarks
