"""Which cells of a submission are the answer to an exercise, however they came apart or lost their names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.grading.submissions import Cell, Submission

STUB = "raise NotImplementedError("
LAST = "There are {} cells of exercise {}: the last one was graded."
JOINED = "Exercise {} stands in {} cells: they were joined in their order."
ELSEWHERE = "Exercise {} was found in a cell without its name, by its function."
TEXT = "The cell of exercise {} was turned into text: it was graded as code."
MISSING_CELL = "The cell of exercise {} is missing: it counts as not answered."


def answer(name: str, cells: list[Cell], nameless: list[Cell]) -> tuple[str | None, list[str]]:
    """The source of the answer to an exercise, and what is to be said about it; None where there is none.

    `cells` bear the exercise's name, `nameless` are the student's own: where the former have no answer, one
    of the latter that defines the function is taken.
    """
    found = [cell for cell in nameless if name in cell.functions]
    if found and not any(_answers(cell, name) for cell in cells):
        return found[-1].source, [ELSEWHERE.format(name)]
    if not cells:
        return None, [MISSING_CELL.format(name)]
    remarks = [TEXT.format(name)] if any(cell.kind != "code" for cell in cells) else []
    whole = [cell for cell in cells if name in cell.functions]
    parts = [cell for cell in cells if cell not in whole[:-1]]
    if len(whole) > 1:
        remarks.insert(0, LAST.format(len(whole), name))
    if len(parts) > 1:
        remarks.insert(0, JOINED.format(name, len(parts)))
    return joined(cell.source for cell in parts), remarks


def answered(submission: Submission, wanted: Iterable[str]) -> int:
    """How many of the exercises `wanted` have more than the stub that was handed out."""
    cells = submission.cells
    return sum(
        any(_answers(cell, name) for cell in cells if cell.name == name or name in cell.functions)
        for name in wanted
    )


def _answers(cell: Cell, name: str) -> bool:
    """Is there more in the cell than what was handed out?"""
    return bool(cell.source.strip()) and not (STUB in cell.source and name in cell.functions)


def joined(parts: Iterable[str]) -> str:
    """A cell from its parts: splitting it dropped the line's end, but not the spaces before the cursor."""
    made = ""
    for part in parts:
        last = made.rpartition("\n")[2]
        inside = last and not last.strip() and not re.match(r"\s|@|#|def |class |import |from ", part)
        made += part if inside or not made else f"\n{part}"
    return made
