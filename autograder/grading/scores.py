"""Points and words for one exercise, from what grading a submission found out."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

from nbformat import NotebookNode

from autograder.grading.notebooks import grade_id, is_solution
from autograder.grading.results import Test
from autograder.grading.sandbox.student import Said

FRESH = "passed the visible cases, but not fresh ones."


@dataclass
class Progress:
    """What is known of a submission so far; survives a crash of the student's process."""

    printed: dict[str, str] = field(default_factory=dict)
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: The error that each cell ended with, by the cell's id; '' where there was none.
    errors: dict[str, str] = field(default_factory=dict)
    #: Steps at which the process ended: once, and so often that they are left out.
    fallen: set[str] = field(default_factory=set)
    crashed: set[str] = field(default_factory=set)
    #: What came of wrong answers that no known mistake explains, packed.
    unexplained: dict[str, Said] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    end: float = 0.0


def exercise_name(cell: NotebookNode) -> str:
    """The exercise that a test cell is for."""
    return grade_id(cell).removeprefix("test_")


def answer_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """By the exercise's name the cell in which the student writes it."""
    return {grade_id(cell): cell for cell in notebook.cells if is_solution(cell)}


def scored(cell: NotebookNode, done: Progress) -> Test:
    """Points for one exercise: what is worth least, the open cases or the hidden ones."""
    name, points = exercise_name(cell), float(cell.metadata["nbgrader"]["points"])
    shown, secret = done.open.get(name), done.hidden.get(name)
    if shown is None or (shown["credit"] > 0 and secret is None):
        text = f"✗ {name}: not graded, because too much went wrong before it."
        return Test(0.0, points, [text], text, f"<p>{escape(text)}</p>")
    if secret is None or secret["credit"] >= shown["credit"]:
        return Test(
            points * shown["credit"], points, shown["lines"], shown["text"], shown["html"], **_facts(shown)
        )
    lines = [f"{name} {FRESH}", *secret["lines"]]
    text = "✗ " + "\n".join(lines)
    return Test(points * secret["credit"], points, lines, text, f"<p>{escape(text)}</p>", **_facts(secret))


def _facts(verdict: dict[str, Any]) -> dict[str, Any]:
    return {key: verdict[key] for key in ("mistakes", "slips", "blank")}
