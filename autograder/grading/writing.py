"""A graded notebook as text, as nbformat writes it: cells that a class has in common are written once.

nbformat holds every notebook against its schema, and Python's JSON indents without its fast half: for a class
that took most of what the grading process does for a student.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import split_lines, strip_transient

INDENTED: dict[str, Any] = {"indent": 1, "sort_keys": True, "separators": (",", ": "), "ensure_ascii": False}
NO_CELLS, NO_SOURCE = '"cells": []', '"source": []'


def notebook_text(notebook: NotebookNode) -> str:
    """What `nbformat.writes` makes of a notebook that is known to be valid."""
    cells = [_cell_text(cell) for cell in notebook.cells]
    around = _around(json.dumps({**notebook, "cells": []}, sort_keys=True, ensure_ascii=False))
    written = ",\n".join(cells)
    return around.replace(NO_CELLS, f'"cells": [\n{written}\n ]', 1) if cells else around


@lru_cache(maxsize=16)
def _around(notebook: str) -> str:
    """A notebook without cells, given as JSON in one line."""
    return json.dumps(strip_transient(nbformat.from_dict(json.loads(notebook))), **INDENTED)


def _cell_text(cell: NotebookNode) -> str:
    """A cell in the lines of a notebook's file. Only its source is every student's own."""
    frame = _frame(json.dumps({**cell, "source": ""}, sort_keys=True, ensure_ascii=False))
    before, _, after = frame.rpartition(NO_SOURCE)
    lines = [f"    {json.dumps(line, ensure_ascii=False)}" for line in cell.source.splitlines(keepends=True)]
    written = ",\n".join(lines)
    return f'{before}"source": [\n{written}\n   ]{after}' if lines else frame


@lru_cache(maxsize=1024)
def _frame(cell: str) -> str:
    """A cell without source, given as JSON in one line."""
    made = split_lines(strip_transient(nbformat.from_dict({"cells": [json.loads(cell)], "metadata": {}})))
    lines = json.dumps(made.cells[0], **INDENTED).split("\n")
    return "\n".join(f"  {line}" for line in lines)
