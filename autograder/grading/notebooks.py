"""Reading what a student handed in, and putting the answers into the instructor's notebook.

Only the source of solution cells is taken from a submission. Whatever else a person or a program did to
the file (cells deleted, copied, moved, added, tagged, retyped) has no effect, and each is said in a sentence.
"""

from __future__ import annotations

import json
import re
import stat
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

#: A lesson without pictures has some 50 kB; a notebook above this is not read.
MOST_BYTES = 20_000_000
HIDDEN_TESTS = re.compile(r"\n?### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
MISSING = "# This cell was missing from the submission."


class SubmissionError(ValueError):
    """A file that cannot be graded. The message is one sentence for the student."""


@dataclass
class Cell:
    """What is looked at of a submitted cell."""

    name: str
    kind: str
    source: str


@dataclass
class Submission:
    """The cells of a submitted notebook in their order, and what was noticed while reading."""

    cells: list[Cell]
    remarks: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The names of its cells: those of exercises, and ids."""
        return {cell.name for cell in self.cells}


@dataclass
class Rebuilt:
    """The instructor's notebook with a student's answers, and a sentence for everything left out."""

    notebook: NotebookNode
    remarks: list[str]


def read_submission(path: Path) -> Submission:
    """Read a submitted notebook.

    Raises SubmissionError for a file that is missing, too large, damaged, or no notebook.
    """
    name = plain_name(path.name)
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):  # a link may lead to the solutions, and a pipe never ends
            raise SubmissionError(f"{name} is no ordinary file: hand in the notebook itself.")
        size = about.st_size
        if size > MOST_BYTES:
            raise SubmissionError(
                f"{name} has {size / 1e6:.0f} MB, and at most {MOST_BYTES / 1e6:.0f} MB are read: "
                "clear its outputs, save, and hand it in again."
            )
        content = path.read_bytes()
    except FileNotFoundError:
        raise SubmissionError(f"{name} is missing: hand in the notebook under this name.") from None
    except OSError as error:
        raise SubmissionError(f"{name} cannot be read: {error.strerror}.") from None
    return parse_submission(content, name)


def parse_submission(content: bytes, name: str) -> Submission:
    """Read a submitted notebook from its bytes; raises SubmissionError as `read_submission` does."""
    if not content.strip():
        raise SubmissionError(f"{name} is empty: save it again in Jupyter, and hand that in.")
    try:
        data = json.loads(content.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise SubmissionError(
            f"{name} is damaged: it stops being JSON in line {error.lineno}. "
            "Hand in a copy that Jupyter opens."
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise SubmissionError(
            f"{name} is damaged: it is no JSON text. Hand in a copy that Jupyter opens."
        ) from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        raise SubmissionError(f"{name} is no Jupyter notebook: it has no list of cells.")
    read = [_cell(cell) for cell in cells]
    remarks = [f"{read.count(None)} cells are damaged and were left out."] if None in read else []
    return Submission([cell for cell in read if cell], remarks + _kernel_remarks(data))


def _cell(cell: Any) -> Cell | None:
    """A cell by its nbgrader name, else by its id, which the build makes the same; None if damaged."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    name = name if isinstance(name, str) else cell.get("id")
    return Cell(name if isinstance(name, str) else "", str(cell.get("cell_type")), source)


def _kernel_remarks(data: dict[str, Any]) -> list[str]:
    metadata = data.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    language = spec.get("language", "python") if isinstance(spec, dict) else "python"
    if language == "python":
        return []
    named = plain_name(str(language))
    return [f"The notebook was saved with a kernel for {named}; it was run with Python all the same."]


def plain_name(name: str) -> str:
    """A name that a student chose, as it may stand in a sentence: the sentence ends up in a web page."""
    return re.sub(r"[^\w .()+#-]", "", name)[:60]


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
