"""What a learner's own record tells beside points: mistakes overcome, and what is being worked on.

It stays on their machine: nothing of it is handed in.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from autograder.exercise import EXERCISES
from autograder.judging.diagnosis import sentences
from autograder.learner.store import Kept
from autograder.lessons import ROOT, all_lessons

#: Hours after which minutes say nothing any more.
LONG_AGO = 48
HEADING = re.compile(r"^# ##+ (.*)$")


@dataclass
class Mistake:
    """A named mistake that a check found, in its sentence."""

    exercise: str
    told: str


@dataclass
class Open:
    """An exercise that was checked and has not passed yet."""

    exercise: str
    since: str
    told: list[str]
    read: str

    def __str__(self) -> str:
        said = f"{self.exercise}: first checked {self.since}."
        if self.told:
            said += f" Found so far: {' '.join(self.told)}"
        return f"{said} Read again: {self.read}."


def overcome(kept: Kept) -> list[Mistake]:
    """The named mistakes in exercises that were passed since."""
    done = [name for name in kept["met"] if name in kept["passed"] and name in EXERCISES]
    return [Mistake(name, told) for name in done for told in _sentences(name, kept["met"][name])]


def working_on(kept: Kept) -> list[Open]:
    """The exercises that were checked and not passed, the first checked first."""
    waiting = {n: t for n, t in kept["begun"].items() if n not in kept["passed"] and n in EXERCISES}
    found = sorted(waiting.items(), key=lambda entry: entry[1])
    return [Open(n, _since(t), _sentences(n, kept["met"].get(n, [])), where_to_read(n)) for n, t in found]


def where_to_read(exercise: str) -> str:
    """The lesson and its section in which the exercise stands, else what the exercise cites."""
    about = EXERCISES[exercise]
    for lesson in all_lessons(ROOT):
        if lesson.stem == about.lesson:
            text = lesson.path.read_text(encoding="utf-8").partition(f'exercise="{exercise}"')[0]
            headings = [found[1] for line in text.splitlines() if (found := HEADING.match(line))]
            place = f"lesson {lesson.name.replace('_', ' ')}"
            return f"{place}, “{headings[-1]}”" if headings else place
    return about.source


def _sentences(exercise: str, names: list[str]) -> list[str]:
    known = sentences(EXERCISES[exercise])
    return [known[name] for name in names if name in known]


def _since(when: float) -> str:
    minutes = max(0, round((time.time() - when) / 60))
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes} minutes ago"
    hours = round(minutes / 60)
    return f"{hours} hours ago" if hours < LONG_AGO else f"{round(hours / 24)} days ago"
