"""Reading what a student handed in: whatever the file holds, a list of cells or one sentence comes of it."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.grading import limits

FUNCTION = r"^(?:async )?def (\w+)"


class SubmissionError(ValueError):
    """A file that cannot be graded. The message is one sentence for the student."""


@dataclass
class Cell:
    """What is looked at of a submitted cell."""

    name: str
    kind: str
    source: str

    @property
    def functions(self) -> list[str]:
        """The functions that lines of it begin. It is not parsed: students' code is parsed elsewhere."""
        return re.findall(FUNCTION, self.source, re.MULTILINE) if self.kind == "code" else []


@dataclass
class Submission:
    """The cells of a submitted notebook in their order, and what was noticed while reading."""

    cells: list[Cell]
    remarks: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The names of its cells: those of exercises, and ids."""
        return {cell.name for cell in self.cells}

    @property
    def functions(self) -> set[str]:
        """The functions that its cells define, exercises of other lessons included."""
        return {name for cell in self.cells for name in cell.functions}


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
        if size > limits.NOTEBOOK_BYTES:
            raise SubmissionError(
                f"{name} has {size / 1e6:.0f} MB, and at most {limits.NOTEBOOK_BYTES / 1e6:.0f} MB are read: "
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
    marked = content.startswith(codecs.BOM_UTF8)
    try:
        data = json.loads(content.decode("utf-8-sig"))
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
    if len(cells) > limits.NOTEBOOK_CELLS:
        raise SubmissionError(
            f"{name} has {len(cells):,} cells, and at most {limits.NOTEBOOK_CELLS:,} are read: "
            "remove those that are yours, and hand it in again."
        )
    read = [_cell(cell) for cell in cells]
    remarks = [f"{name} begins with a byte-order mark: it was read all the same."] if marked else []
    remarks += [f"{read.count(None)} cells are damaged and were left out."] if None in read else []
    return Submission([cell for cell in read if cell], remarks + _kernel_remarks(data))


def _cell(cell: Any) -> Cell | None:
    """A cell by its nbgrader name, else by its id, which the build makes the same; None if damaged."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", "")
    with contextlib.suppress(TypeError):  # not all of its lines are text
        source = "".join(source) if isinstance(source, list) else source
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
