"""Which rows of docs/concepts.md an exercise is about: those that the cells after it give evidence for."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.lessons import ROOT, Lesson

PAGE = ROOT / "docs" / "concepts.md"
ROW = re.compile(r"^- (E\d+|\d\.\d+) (.*)", re.MULTILINE)
CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
SPAN = re.compile(r"(E|\d\.)(\d+)(?:-(?:E|\d\.)(\d+))?")


def concept_rows(lesson: Lesson, page: Path = PAGE) -> dict[str, str]:
    """The rows of a lesson, by id; none where the page is not at hand."""
    if not page.is_file():
        return {}
    head = f"## {lesson.name.replace('_', ' ')}"
    _, _, after = page.read_text(encoding="utf-8").partition(f"{head}\n")
    return dict(ROW.findall(after.partition("\n## ")[0]))


def concepts_of(lesson: Lesson) -> dict[str, list[str]]:
    """Exercise -> ids of the rows that the next cells with evidence confront."""
    found: dict[str, list[str]] = {}
    waiting: list[str] = []
    confronted = False
    for head in CELL.findall(lesson.path.read_text(encoding="utf-8")):
        if name := re.search(r'exercise="(\w+)"', head):
            waiting = [name[1]] if confronted else [*waiting, name[1]]
            confronted = False
        elif claims := re.search(r'claims="([^"]*)"', head):
            confronted = True
            for exercise in waiting:
                rows = found.setdefault(exercise, [])
                rows += [row for row in _ids(claims[1]) if row not in rows]
    return found


def _ids(text: str) -> list[str]:
    """'1.1-1.3 E2' -> ['1.1', '1.2', '1.3', 'E2']"""
    spans = SPAN.findall(text)
    return [f"{kind}{n}" for kind, first, last in spans for n in range(int(first), int(last or first) + 1)]
