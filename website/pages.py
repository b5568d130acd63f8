"""The lessons as pages to read: pictures and tables as they came out, plumbing folded, answers left out."""

from __future__ import annotations

import ast
import base64
import hashlib
import struct
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.authoring import alone
from autograder.lessons import Lesson, all_lessons
from website.folds import summaries_with_maths
from website.links import for_the_site

SHOWS = {"show", "explore", "print"}
FOLDED = {"code_prompt_show": "Show the code", "code_prompt_hide": "Hide the code"}
IMPORTS = {"code_prompt_show": "Show what is imported", "code_prompt_hide": "Hide what is imported"}
SOLUTION = {"code_prompt_show": "Show a solution", "code_prompt_hide": "Hide the solution"}


def write_lessons(source: Path, *, answers: bool) -> None:
    """All lessons into `source`/lessons, their pictures into `source`/_static/pictures."""
    pictures = source / "_static" / "pictures"
    for folder in (source / "lessons", pictures):
        folder.mkdir(parents=True)
    for lesson in all_lessons():
        nbformat.write(reading_copy(lesson, pictures, answers=answers), source / _place(lesson))


def reading_copy(lesson: Lesson, pictures: Path, *, answers: bool) -> NotebookNode:
    """The executed lesson with the stubs that a learner gets; `answers` adds the solutions, folded."""
    solved = nbformat.read(lesson.notebook("solutions"), as_version=4)
    released = nbformat.read(lesson.notebook("course"), as_version=4)
    stubs = {cell.id: cell.source for cell in released.cells}
    cells: list[NotebookNode] = []
    for cell in solved.cells:
        graded = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown":
            cells.append(_prose(cell, lesson))
        elif graded.get("solution"):
            cells += _exercise(cell, stubs[cell.id], answers=answers)
        elif graded.get("grade"):
            cells.append(_check(cell, stubs[cell.id], answers=answers))
        elif "demo" in cell.metadata.get("tags", []):
            cells.append(_demonstration(cell, pictures))
        elif not graded:  # the functions carried from earlier lessons are answers, and left out
            cells.append(_code(alone.without(cell.source), cell.id, [], tags=["hide-input"], mystnb=IMPORTS))
    made: NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata=solved.metadata)
    return made


def _place(lesson: Lesson) -> str:
    return f"lessons/{lesson.name}.ipynb"


def _prose(cell: NotebookNode, lesson: Lesson) -> NotebookNode:
    file = Path("course") / lesson.name / f"{lesson.stem}.ipynb"
    text = for_the_site(cell.source, file, _place(lesson))
    if cell.id.startswith("banner-"):
        text = f'<div class="exercise">\n\n{text}\n\n</div>'
    made: NotebookNode = nbformat.v4.new_markdown_cell(summaries_with_maths(text), id=cell.id)
    return made


def _code(source: str, name: str, outputs: list[NotebookNode], **metadata: object) -> NotebookNode:
    made: NotebookNode = nbformat.v4.new_code_cell(source, id=name, outputs=outputs, metadata=metadata)
    return made


def _exercise(cell: NotebookNode, stub: str, *, answers: bool) -> list[NotebookNode]:
    shown = [_code(stub, cell.id, [])]
    if answers:
        shown.append(_code(cell.source, f"{cell.id}-solved", [], tags=["hide-input"], mystnb=SOLUTION))
    return shown


def _check(cell: NotebookNode, source: str, *, answers: bool) -> NotebookNode:
    """The judge's word on the solution is for those who see the solution."""
    return _code(source.strip(), cell.id, cell.outputs if answers else [])


def _demonstration(cell: NotebookNode, pictures: Path) -> NotebookNode:
    folded = "hide-input" in cell.metadata.get("tags", []) or only_shows(cell.source)
    marks = {"tags": ["hide-input"], "mystnb": FOLDED} if folded else {}
    return _code(cell.source, cell.id, [_with_alt(output, pictures) for output in cell.outputs], **marks)


def only_shows(code: str) -> bool:
    """Does a cell do nothing but call `show`, `explore` and `print`?"""
    return all(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Name)
        and line.value.func.id in SHOWS
        for line in ast.parse(code).body
    )


def _with_alt(output: NotebookNode, pictures: Path) -> NotebookNode:
    """A picture as HTML with its alt text, which MyST-NB would drop; every other output as it is."""
    data = output.get("data", {})
    if "image/png" not in data:
        return output
    picture = base64.b64decode(data["image/png"])
    name = f"{hashlib.sha256(picture).hexdigest()[:16]}.png"
    (pictures / name).write_bytes(picture)
    width, height = struct.unpack(">II", picture[16:24])  # PNG's first chunk
    alt = escape(output.metadata["image/png"]["alt"])
    html = (
        f'<div class="picture"><img src="../_static/pictures/{name}" alt="{alt}" width="{width}" '
        f'height="{height}" style="--natural:{width}px" class="dark-light"></div>'
    )
    made: NotebookNode = nbformat.v4.new_output("display_data", {"text/html": html})
    return made
