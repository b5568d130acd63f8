"""From a lesson's text to the instructor's notebook: exercise, check and carry cells get their metadata.

A lesson is a jupytext py:percent file. These cells are special there:

    # %% exercise="rnn_step"            the full function, its body between BEGIN and END SOLUTION
    check(rnn_step)                     the next code cell
    # %% carry="rnn_step rnn_forward"   an empty cell, filled with those functions from earlier lessons

A cell tagged "hide-input" only draws or prints: its code is folded away, in JupyterLab and on the site.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

import autograder.exercises  # noqa: F401  fills the registry
from autograder.authoring import alone
from autograder.exercise import EXERCISES, Exercise, Function
from autograder.lessons import MARKER, ROOT, Lesson, all_lessons, solutions

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
#: What a cell of a lesson may be marked with; jupytext adds notes of its own, about blank lines.
MARKS = {"exercise", "carry", "tags", "claims"}
#: The header's lists are for tests (docs/concepts.md; tests/lessons/test_figures.py), not for learners.
FOR_TESTS = re.compile(r"\n*^(?:covers|quoted):.*$", re.MULTILINE)
HIDDEN = """check({name})
### BEGIN HIDDEN TESTS
from autograder import recheck

recheck({name})
### END HIDDEN TESTS"""


class LessonError(ValueError):
    """A lesson's text breaks a rule; the message names the file, the cell and the rule."""


def instructor_notebook(lesson: Lesson, root: Path = ROOT) -> NotebookNode:
    """The notebook with solutions and all nbgrader metadata, not executed; the same bytes every time."""
    text = jupytext.reads(lesson.path.read_text(encoding="utf-8"), fmt="py:percent")
    cells: list[NotebookNode] = []
    waiting: Exercise | None = None
    for cell in text.cells:
        marks = cell.metadata
        _refuse_unknown_marks(lesson, marks)
        if cell.source.startswith("\n"):
            first = cell.source.lstrip("\n").partition("\n")[0]
            raise LessonError(f"{lesson.path.name}: a cell begins with an empty line, before {first!r}")
        if cell.cell_type == "code" and waiting:
            cells.append(_test_cell(lesson, cell, waiting))
            waiting = None
        elif name := marks.get("exercise"):
            waiting = _known(lesson, name)
            cells += [_banner(waiting), _solution_cell(lesson, cell, waiting)]
        elif names := marks.get("carry"):
            if cell.source.strip():
                raise LessonError(f"{lesson.path.name}: the cell that carries {names} must be empty")
            cells.append(_carry_cell(lesson, names.split(), root))
        else:
            cells.append(_plain_cell(lesson, cell))
    if waiting:
        raise LessonError(f"{lesson.path.name}: after exercise {waiting.name} comes no check cell")
    imports = next(cell for cell in cells if cell.cell_type == "code")
    imports.source = alone.lines() + imports.source
    _number_twins(cells)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    made: NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    return made


def _refuse_unknown_marks(lesson: Lesson, marks: dict[str, Any]) -> None:
    unknown = sorted(m for m in marks if m not in MARKS and not m.startswith("lines_to_"))
    if unknown:
        raise LessonError(
            f"{lesson.path.name}: a cell is marked {', '.join(unknown)}; known are {', '.join(sorted(MARKS))}"
        )


def _known(lesson: Lesson, name: str) -> Exercise:
    if name not in EXERCISES:
        raise LessonError(
            f"{lesson.path.name}: exercise {name} is declared nowhere; "
            f"declare it in autograder/exercises/{lesson.stem}/{name}.py"
        )
    return EXERCISES[name]


def _grade_metadata(name: str, *, grade: bool, solution: bool, points: int | None = None) -> dict[str, Any]:
    made = {
        "grade": grade,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": made if points is None else {**made, "points": points}}


def _banner(exercise: Exercise) -> NotebookNode:
    stars = "★" * exercise.difficulty + "☆" * (3 - exercise.difficulty)
    points = f"{exercise.points} point{'s' if exercise.points > 1 else ''}"
    made: NotebookNode = nbformat.v4.new_markdown_cell(
        f"**Exercise `{exercise.name}`** · {stars} · about {exercise.minutes} minutes · {points}"
        f" · {exercise.source}"
    )
    made.id = f"banner-{exercise.name}"
    return made


def _solution_cell(lesson: Lesson, cell: NotebookNode, exercise: Exercise) -> NotebookNode:
    if MARKER.findall(cell.source) != ["BEGIN", "END"]:
        raise LessonError(
            f"{lesson.path.name}: exercise {exercise.name} needs exactly one line `# BEGIN SOLUTION` and, "
            "after it, one line `# END SOLUTION`"
        )
    if f"def {exercise.name}(" not in cell.source:
        raise LessonError(f"{lesson.path.name}: cell {exercise.name} defines no function of that name")
    made: NotebookNode = nbformat.v4.new_code_cell(cell.source)
    made.metadata.update(_grade_metadata(exercise.name, grade=False, solution=True))
    made.id = exercise.name
    return made


def _test_cell(lesson: Lesson, cell: NotebookNode, exercise: Exercise) -> NotebookNode:
    if cell.source.strip() != f"check({exercise.name})":
        raise LessonError(
            f"{lesson.path.name}: the code cell after exercise {exercise.name} must be "
            f"check({exercise.name}), not {cell.source.strip()[:40]!r}"
        )
    made: NotebookNode = nbformat.v4.new_code_cell(HIDDEN.format(name=exercise.name))
    name = f"test_{exercise.name}"
    made.metadata.update(_grade_metadata(name, grade=True, solution=False, points=exercise.points))
    made.id = name
    return made


def _carry_cell(lesson: Lesson, names: list[str], root: Path) -> NotebookNode:
    known = solutions(root)
    earlier = {other.stem for other in all_lessons(root) if other.number < lesson.number}
    parts = []
    for name in names:
        if name not in known:
            raise LessonError(f"{lesson.path.name}: carries {name}, which no lesson defines")
        if EXERCISES[name].lesson not in earlier:
            raise LessonError(
                f"{lesson.path.name}: carries {name}, and would show its answer: only functions of earlier "
                f"lessons can be carried, and {name} is of {EXERCISES[name].lesson}"
            )
        parts.append(known[name])
    head = "# From earlier lessons, so that this notebook stands alone."
    made: NotebookNode = nbformat.v4.new_code_cell("\n\n\n".join([head, *parts]))
    made.id = f"carry-{'-'.join(names)}"[:64]
    made.metadata.update(_grade_metadata(made.id, grade=False, solution=False))
    return made


def _plain_cell(lesson: Lesson, cell: NotebookNode) -> NotebookNode:
    make: Function = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    made: NotebookNode = make(FOR_TESTS.sub("", cell.source) if cell.cell_type == "markdown" else cell.source)
    digest = hashlib.sha256(f"{lesson.stem}\n{cell.cell_type}\n{cell.source}".encode())
    made.id = digest.hexdigest()[:8]
    if tags := cell.metadata.get("tags"):
        made.metadata["tags"] = list(tags)
    if "hide-input" in made.metadata.get("tags", []):
        made.metadata["jupyter"] = {"source_hidden": True}
    return made


def _number_twins(cells: list[NotebookNode]) -> None:
    """Ids come from content, so that inserting a cell changes no other id; equal ones get a number."""
    seen: dict[str, int] = {}
    for cell in cells:
        seen[cell.id] = seen.get(cell.id, 0) + 1
        if seen[cell.id] > 1:
            cell.id = f"{cell.id}-{seen[cell.id]}"
