"""Notebooks as plain JSON, so that a learner's folder needs no more than the course itself."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]


class DamagedError(ValueError):
    """A file that is no notebook. The message is one sentence."""


def read(path: Path) -> Notebook:
    """The notebook at `path`. Raises DamagedError."""
    return parse(path.read_bytes(), path.name)


def parse(content: bytes, name: str) -> Notebook:
    """A notebook from what its file `name` holds, each cell's source as one text. Raises DamagedError."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
        for cell in found["cells"]:
            cell["source"] = "".join(cell["source"]).replace("\r\n", "\n")
            cell["cell_type"] + ""
            cell["metadata"] = dict(cell.get("metadata", {}))
        return {**found, "metadata": dict(found.get("metadata", {}))}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise DamagedError(f"{name} cannot be read as a notebook") from None


def write(path: Path, notebook: Notebook) -> None:
    """Write through a temporary file, so that a crash leaves the old notebook or the new, never half."""
    cells = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    text = json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False, sort_keys=True)
    replace(path, (text + "\n").encode())


def replace(path: Path, content: bytes) -> None:
    """Put a whole file in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def fingerprint(notebook: Notebook) -> str:
    """A hash of what a person can type into a notebook: the cells' kinds and sources."""
    typed = [(cell["cell_type"], cell["source"]) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(typed).encode()).hexdigest()[:16]


def text(cell: Cell | None) -> tuple[str, str] | None:
    """A cell's kind and text, without what programs change by themselves at its end."""
    return (str(cell["cell_type"]), str(cell["source"]).rstrip()) if cell else None


def is_answer(cell: Cell) -> bool:
    """Is this an exercise's cell, which the learner writes?"""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))
