"""Which mistakes a class made, the most frequent first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.exercise import EXERCISES
from autograder.grading.results import Test
from autograder.grading.teaching.figures import state
from autograder.grading.teaching.marks import Marks
from autograder.judging.diagnosis import sentences

#: What differs between two students who are told the same: their own code, and numbers.
OWN = re.compile(r"`[^`]*`|-?\d[\d.,]*")


@dataclass
class Group:
    """Students who were told the same."""

    exercise: str
    #: The mistake's name; '' for what has none.
    name: str
    #: The sentence; where it differs from student to student, the first one's.
    told: str
    students: list[str] = field(default_factory=list)
    #: Points that they lost in this exercise, together.
    lost: float = 0.0
    #: Lines of their own that a search found: (number, code).
    lines: list[tuple[int, str]] = field(default_factory=list)

    def add(self, student: str, test: Test) -> None:
        self.students.append(student)
        self.lost += test.points - test.score


def named_mistakes(marks: Marks) -> list[Group]:
    """Every named mistake that somebody made."""
    found: dict[tuple[str, str], Group] = {}
    for student, exercise, test in _failed(marks):
        for name in dict.fromkeys(test.mistakes):
            key = (exercise, name)
            group = found.setdefault(key, Group(exercise, name, sentences(EXERCISES[exercise])[name]))
            group.add(student, test)
            group.lines += [(slip["line"], slip["code"]) for slip in test.slips]
    return ranked(found.values())


def located(marks: Marks) -> list[Group]:
    """Slips without a name whose line a search found, by what is wrong there."""
    found: dict[tuple[str, str], Group] = {}
    for student, exercise, test in _failed(marks):
        if not test.mistakes:
            for slip in test.slips[:1]:
                key = (exercise, OWN.sub("…", slip["what"]))
                group = found.setdefault(key, Group(exercise, "", slip["what"]))
                group.add(student, test)
                group.lines.append((slip["line"], slip["code"]))
    return ranked(found.values())


def unnamed(marks: Marks) -> list[Group]:
    """What else was told: exceptions, shapes, numbers by no known mistake. Empty answers are not among it."""
    found: dict[tuple[str, str], Group] = {}
    for student, exercise, test in _failed(marks):
        if not (test.mistakes or test.slips or test.blank) and test.lines:
            key = (exercise, OWN.sub("…", test.lines[0]))
            found.setdefault(key, Group(exercise, "", test.lines[0])).add(student, test)
    return ranked(found.values())


def ranked(groups: Iterable[Group]) -> list[Group]:
    """By how many made it, then by the points it cost."""
    return sorted(groups, key=lambda g: (-len(g.students), -g.lost, g.exercise, g.name))


def _failed(marks: Marks) -> list[tuple[str, str, Test]]:
    return [
        (student, exercise, test)
        for student, tests in marks.tests.items()
        for exercise, test in tests.items()
        if state(test) != "right"
    ]
