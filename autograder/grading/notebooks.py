"""Putting a student's answers into the instructor's notebook.

Only the source of solution cells is run. Other cells that the student wrote stay in the notebook, for an
answer that needs a definition in them. Whatever else a person or a program did to the file (cells deleted,
copied, split, moved, tagged, retyped) has no effect, and each is said in a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.grading.answers import answer
from autograder.grading.bounds import bound_cells
from autograder.grading.submissions import Cell, Submission

BEGIN = "### BEGIN HIDDEN TESTS"
HIDDEN_TESTS = re.compile(rf"\n?{BEGIN}.*?### END HIDDEN TESTS", re.DOTALL)
MISSING = "# This cell was missing from the submission."
#: The tag of a student's own cell in a rebuilt notebook.
OWN = "own"
#: Characters of own cells that are kept; each counts for OWN_CELL more, since a page shows it in a frame.
MOST_OWN, OWN_CELL = 100_000, 200
TOO_MUCH = "There is much code of your own beside the exercises: the last {} cells of it were left out."


@dataclass
class Rebuilt:
    """The instructor's notebook with a student's answers, and a sentence for everything left out."""

    notebook: NotebookNode
    remarks: list[str]


def is_solution(cell: NotebookNode) -> bool:
    """Is this cell of the instructor's notebook one that the student writes?"""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Is this cell of the instructor's notebook one that earns points?"""
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


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
    return HIDDEN_TESTS.sub("", source) if BEGIN in source else source


def _visible(source: str) -> str:
    return without_hidden_tests(source).strip()


def rebuild(instructor: NotebookNode, submission: Submission | None) -> Rebuilt:
    """Put the student's answers into a copy of `instructor`; without a submission every answer is missing.

    The student's other cells stand where they stood, tagged: an answer may need a definition in them.
    """
    made, remarks = _copied(instructor), []
    handed_in = submission or Submission([])
    own, taken = own_cells(instructor, handed_in), set()
    for cell in filter(is_solution, made.cells):
        name = grade_id(cell)
        named = [c for c in handed_in.cells if c.name == name]
        source, told = answer(name, named, [c for _, c in own])
        cell.source = MISSING if source is None else source
        taken.add(source)
        remarks += told if submission else []
    remarks += _insert(made, [(above, cell) for above, cell in own if cell.source not in taken])
    remarks += bound_cells(made)
    return Rebuilt(made, [*handed_in.remarks, *remarks, *_other_remarks(instructor, handed_in)])


def _copied(node: Any) -> Any:
    """A copy of a part of a notebook; copy.deepcopy, which knows more than JSON, takes five times as long."""
    if isinstance(node, dict):
        return type(node)({key: _copied(value) for key, value in node.items()})
    return [_copied(item) for item in node] if isinstance(node, list) else node


def own_cells(instructor: NotebookNode, submission: Submission) -> list[tuple[str, Cell]]:
    """The code cells that are not the course's as they stand, each with the course's cell above it."""
    course = {c.id for c in instructor.cells}
    graded = {c.id for c in instructor.cells if is_test(c) or is_solution(c)}
    known = {_visible(c.source) for c in instructor.cells if not is_solution(c)}
    above, found = "", []
    for cell in submission.cells:
        if cell.name in course:
            above = cell.name
        if cell.kind == "code" and cell.name not in graded and _visible(cell.source) not in known:
            found.append((above, cell))
    return found


def _insert(made: NotebookNode, own: list[tuple[str, Cell]]) -> list[str]:
    """Put the student's own cells behind the course's cells that they follow, up to a size."""
    sizes = accumulate(len(cell.source) + OWN_CELL for _, cell in own)
    fitting = sum(size <= MOST_OWN for size in sizes)
    after: dict[str, list[NotebookNode]] = {}
    for number, (above, cell) in enumerate(own[:fitting]):
        inserted = nbformat.v4.new_code_cell(cell.source, metadata={"tags": [OWN]})
        inserted.id = f"own-{number}"
        after.setdefault(above, []).append(inserted)
    behind = ([cell, *after.get(cell.id, [])] for cell in made.cells)
    made.cells = [*after.get("", []), *chain.from_iterable(behind)]
    return [TOO_MUCH.format(len(own) - fitting)] if own[fitting:] else []


def is_run(cell: NotebookNode) -> bool:
    """Is this code cell of a rebuilt notebook run? Demonstrations and the student's own cells are not."""
    return cell.cell_type == "code" and not {"demo", OWN} & set(cell.metadata.get("tags", ()))


def _other_remarks(instructor: NotebookNode, submission: Submission) -> list[str]:
    """Sentences on moved answers, and on cells of the course that are gone or were changed."""
    remarks = []
    wanted = [grade_id(c) for c in instructor.cells if "nbgrader" in c.metadata]
    names = list(dict.fromkeys(c.name for c in submission.cells if c.name in wanted))
    if names != [name for name in wanted if name in names]:
        remarks.append("The cells stand in another order: they were graded in the course's own order.")
    tests = [grade_id(c) for c in instructor.cells if is_test(c)]
    if names and (gone := [name for name in tests if name not in names]):
        remarks.append(f"The test cells {', '.join(gone)} were missing: they were put back.")
    checks = {grade_id(c): _visible(c.source) for c in instructor.cells if is_test(c)}
    changed = {c.name for c in submission.cells if c.name in checks and _visible(c.source) != checks[c.name]}
    if changed:
        remarks.append(
            f"The test cells {', '.join(sorted(changed))} were changed: the course's own were run."
        )
    return remarks
