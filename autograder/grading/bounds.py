"""What is too large, too long or too odd to be graded as it is: each with its sentence."""

from __future__ import annotations

import re
from pathlib import Path

from nbformat import NotebookNode

from autograder.grading import limits
from autograder.grading.names import SIGNS, is_name

_EMPTY = re.compile(rf"(?:[ \t]*\n){{{limits.EMPTY_LINES + 2},}}")


def bound_cells(notebook: NotebookNode) -> list[str]:
    """Cut what is too much out of the notebook's code cells -> a sentence for each cell that had some."""
    remarks = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source, said = _bounded(cell.source)
            name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
            remarks += [f"The cell {name} {sentence}" for sentence in said]
    return remarks


def _bounded(source: str) -> tuple[str, list[str]]:
    """A cell's source as it can be graded, and the ends of sentences on what was done to it."""
    said = []
    if len(source) > limits.CELL_CHARACTERS:
        most = f"{limits.CELL_CHARACTERS / 1000:.0f} kB"
        return "", [f"has {len(source) / 1000:,.0f} kB, and at most {most} are graded: it counts as empty."]
    whole = source if source.isascii() else source.encode("utf-8", "replace").decode("utf-8")
    if whole != source:
        said.append("holds half characters, which no file can: each became a question mark.")
    long = whole.count("\n") > limits.EMPTY_LINES
    short = _EMPTY.sub("\n" * (limits.EMPTY_LINES + 1), whole) if long else whole
    if short != whole:
        said.append(f"has long runs of empty lines: {limits.EMPTY_LINES} of each were kept.")
    if (lines := short.count("\n") + 1) > limits.CELL_LINES:
        most = f"{limits.CELL_LINES:,}"
        return "", [f"has {lines:,} lines, and at most {most} are graded: it counts as empty."]
    return short, said


def name_fault(student: str) -> str:
    """Why a folder's name cannot be a student's; '' if it can."""
    try:
        size = len(student.encode("utf-8"))
    except UnicodeEncodeError:
        return "the folder's name is not UTF-8: rename it."
    if size > limits.NAME_BYTES:
        return f"the folder's name has {size} bytes, and at most {limits.NAME_BYTES} are possible: rename it."
    if odd := sorted({c for c in student if not c.isprintable() or c in '<>&"'}):
        return f"the folder's name holds {''.join(odd)!a}, which must not get into web pages: rename it."
    return "" if is_name(student) else f"the folder's name must be of letters, digits and {SIGNS}: rename it."


def link_fault(folder: Path) -> str:
    """Whether a submission's folder or the student's leads elsewhere, to somebody else's work; '' if not."""
    links = [path.name for path in (folder.parent, folder) if path.is_symlink()]
    return f"{links[0]} is a link, and no folder: put the folder itself there." if links else ""
