"""A new edition of a notebook, merged cell by cell into one that a learner has worked in.

Three notebooks are compared: the edition that was laid out (`base`), the learner's (`mine`) and the new
edition (`theirs`). Cells are matched by id. Whatever the learner wrote stays, to the letter: where both
changed a cell, both are kept, and a line between them says so. A general merge of notebooks (nbdime's)
marks conflicts inside the source, and an answer would no longer run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from uuid import uuid4

from autograder.edition.notebooks import Cell, Notebook, is_answer, text

ABOVE = "**A new edition of the course changed the cell above.** The one below is yours, as you left it."
STUB = (
    "**A new edition of the course changed this exercise.** The cell below is yours, as you left it; "
    "this is the course's new one, for you to compare:\n\n```python\n{}\n```"
)
#: How the ids of the lines between two cells begin.
OURS = "edition-"
Cells = dict[str, Cell]


@dataclass(frozen=True)
class Merged:
    """The merged notebook, and how many cells the course and the learner had both changed."""

    notebook: Notebook
    both: int


def merge(base: Notebook, mine: Notebook, theirs: Notebook) -> Merged:
    """What the learner wrote in `mine`, in the notebook `theirs`; neither is changed."""
    old, yours = _by_id(base["cells"], {}), _by_id(mine["cells"], _by_id(base["cells"], {}))
    new = _renamed(old, _by_id(theirs["cells"], {}), yours)
    moved = [i for i in yours if i in old] != [i for i in old if i in yours]
    order = _woven(list(yours), list(new)) if moved else _woven(list(new), list(yours))
    cells, both = [], 0
    for key in order:
        found = list(_resolved(key, old.get(key), yours.get(key), new.get(key)))
        both += len(found) > 1
        cells += [cell for cell in found if not _told_before(cell, yours)]
    metadata = {**theirs["metadata"], **mine["metadata"]}
    metadata |= {k: v for k, v in theirs["metadata"].items() if k == "autograder"}
    return Merged({**theirs, "cells": cells, "metadata": metadata}, both)


def _by_id(cells: list[Cell], known: Cells) -> Cells:
    """Cells by id, in their order.

    Programs drop ids or make new ones: such a cell is found among the `known` by its name in the gradebook
    or by its text. Of two cells with one id the second gets its own.
    """
    ids = [str(cell.get("id", "")) for cell in cells]
    claimed = {i for i in ids if i in known}
    made: Cells = {}
    for cell, key in zip(cells, ids, strict=True):
        if known and key not in known:
            key = _known_as(cell, known, claimed) or key
        key = uuid4().hex[:8] if key in made or not key else key
        claimed.add(key)
        made[key] = {**cell, "id": key}
    return made


def _known_as(cell: Cell, known: Cells, claimed: set[str]) -> str:
    name = str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
    if name in known and name not in claimed:
        return name
    return next((i for i, other in known.items() if i not in claimed and text(other) == text(cell)), "")


def _renamed(old: Cells, new: Cells, yours: Cells) -> Cells:
    """The new cells under their old ids: a text that changed has a new id, but stands where it stood."""
    names = dict(zip(new, new, strict=True))
    before, now = list(old), list(new)
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        pairs = list(zip(before[i1:i2], now[j1:j2], strict=False))
        same = all(old[i]["cell_type"] == new[j]["cell_type"] for i, j in pairs)
        if kind == "replace" and i2 - i1 == j2 - j1 and same:
            names |= {j: i for i, j in pairs if i in yours and i not in new and j not in {*old, *yours}}
    return {names[key]: cell for key, cell in new.items()}


def _woven(first: list[str], second: list[str]) -> list[str]:
    """All of `first` in its order; what only `second` has follows whatever it follows there."""
    order = list(first)
    for before, key in pairwise(["", *second]):
        if key not in order:
            order.insert(order.index(before) + 1 if before else 0, key)
    return order


def _resolved(key: str, old: Cell | None, yours: Cell | None, new: Cell | None) -> Iterator[Cell]:
    """What becomes of one cell: nothing, one of the three, or both with a line between them."""
    if new is None:
        if yours and text(yours) != text(old):  # the learner's own, or one that the course has no more
            yield yours
    elif yours is None:
        if old is None:
            yield new
    elif text(yours) == text(new) or text(new) == text(old):
        yield {**yours, "id": new["id"], "metadata": {**yours["metadata"], **new["metadata"]}}
    elif text(yours) == text(old):
        yield new
    elif is_answer(new):
        yield _note(STUB.format(new["source"]), key)
        yield {**yours, "metadata": {**yours["metadata"], **new["metadata"]}}
    else:
        yield from (new, _note(ABOVE, key), {**yours, "id": f"yours-{key}"[:64]})


def _told_before(cell: Cell, yours: Cells) -> bool:
    """Is this a note that stands in the learner's notebook already? A run that broke off is run again."""
    return cell["id"].startswith(OURS) and cell["id"] in yours and cell is not yours[cell["id"]]


def _note(words: str, key: str) -> Cell:
    """A text cell of our own; the same words about the same cell have the same id."""
    digest = hashlib.sha256(f"{key}\n{words}".encode()).hexdigest()[:8]
    return {"cell_type": "markdown", "id": f"{OURS}{digest}", "metadata": {}, "source": words}
