"""The map of the lessons, read from where it stands: README.md's table, the lessons' heads, the exercises."""

from __future__ import annotations

import re
from dataclasses import dataclass

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.lessons import ROOT, all_lessons

ROW = re.compile(r"^\| *(\d\d)? *\| *([^|]+?) *\| *([^|]*?) *\|[^|]*\|$", re.MULTILINE)
TIME = re.compile(r"\*\*Time:\*\*\s+(?:about )?([^.,;(]+)")


@dataclass(frozen=True)
class Entry:
    """A lesson on the map."""

    name: str
    title: str
    question: str
    time: str
    exercises: int


def parts() -> dict[str, list[Entry]]:
    """The parts of the course by name, each with its lessons in order."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## The lessons")[2]
    found: dict[str, list[Entry]] = {}
    for number, second, question in ROW.findall(table):
        if number:
            found[list(found)[-1]].append(_entry(number, second, question))
        elif second.startswith("**"):
            found[second.strip("*")] = []
    return found


def _entry(number: str, link: str, question: str) -> Entry:
    lesson = next(lesson for lesson in all_lessons() if lesson.number == number)
    head = lesson.path.read_text(encoding="utf-8").partition("\n# %%\n")[0].replace("\n# ", " ")
    told = TIME.search(head)
    if told is None:
        raise ValueError(f"{lesson.path.name}: its head has no **Time:**")
    count = sum(exercise.lesson == lesson.stem for exercise in EXERCISES.values())
    return Entry(lesson.name, link[1:].partition("]")[0], question, told[1].strip(), count)
