"""Cells that are not run and that an answer may need a definition of; and what was taken, in a sentence."""

from __future__ import annotations

from nbformat import NotebookNode

from autograder.grading.notebooks import grade_id, is_run, is_solution, is_test
from autograder.grading.submissions import plain_name

TAKEN = "Exercise {} uses {} of other cells: the definitions were taken along."
MAGICS = "In the cell of exercise {}, what is IPython's and not Python (lines with ! or %) was left out."
MOST_NAMES = 10


def held_cells(notebook: NotebookNode) -> tuple[list[str], dict[str, int]]:
    """The cells that are not run, and by an answer's cell how many of them stand above its check."""
    held: list[str] = []
    before: dict[str, int] = {}
    waiting = ""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if is_solution(cell):
            waiting = cell.id
            before[waiting] = len(held)
        elif is_test(cell):
            before[waiting] = len(held)
        elif not is_run(cell):
            held.append(cell.source)
    return held, before


def taken_remarks(cell: NotebookNode, said: dict[str, str]) -> list[str]:
    """What a student's process says that it did for an answer, in sentences that are safe in a page."""
    if not is_solution(cell):
        return []
    names = [plain_name(name) for name in said["taken"].split() if name.isidentifier()][:MOST_NAMES]
    remarks = [TAKEN.format(grade_id(cell), ", ".join(names))] if names else []
    return [*remarks, MAGICS.format(grade_id(cell))] if said["magics"].strip("0") else remarks
