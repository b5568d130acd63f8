"""Which rows of docs/concepts.md an exercise is about: those that the cells after it give evidence for."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.lessons import ROOT, Lesson

PAGE = ROOT / "docs" / "concepts.md"
ROW = re.compile(r"^- (E\d+|\d\.\d+) (.*)", re.MULTILINE)
#: In a lesson's text: an exercise, a cell with evidence, or a section's heading.
MARK = re.compile(r'^# %%.*exercise="(\w+)"|^# %%.*claims="([^"]*)"|^# (##) ', re.MULTILINE)
SPAN = re.compile(r"(E|\d\.)(\d+)(?:-(?:E|\d\.)(\d+))?")


def concept_rows(lesson: Lesson, page: Path = PAGE) -> dict[str, str]:
    """The rows of a lesson, by id; none where the page is not at hand."""
    if not page.is_file():
        return {}
    head = f"## {lesson.name.replace('_', ' ')}"
    _, _, after = page.read_text(encoding="utf-8").partition(f"{head}\n")
    return dict(ROW.findall(after.partition("\n## ")[0]))


def concepts_of(lesson: Lesson) -> dict[str, list[str]]:
    """Exercise -> ids of the rows that the next cells with evidence confront, to the end of their section."""
    found: dict[str, list[str]] = {}
    waiting: list[str] = []
    confronted = False
    for exercise, claims, heading in MARK.findall(lesson.path.read_text(encoding="utf-8")):
        if confronted and (exercise or heading):
            waiting, confronted = [], False
        if exercise:
            waiting.append(exercise)
        for name in waiting if claims else ():
            confronted = True
            rows = found.setdefault(name, [])
            rows += [row for row in _ids(claims) if row not in rows]
    return found


def _ids(text: str) -> list[str]:
    """'1.1-1.3 E2' -> ['1.1', '1.2', '1.3', 'E2']"""
    spans = SPAN.findall(text)
    return [f"{kind}{n}" for kind, first, last in spans for n in range(int(first), int(last or first) + 1)]
