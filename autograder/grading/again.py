"""Judge one exercise again for all, and say whose points changed. What else is on record stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from autograder.grading.notebooks import grade_id, is_test
from autograder.grading.results import Result, Test
from autograder.grading.scores import Progress
from autograder.grading.strays import meant

NO_EXERCISE = "The lesson has no exercise {!r}{} It has {}."


@dataclass
class Change:
    """The points of one exercise before and after."""

    before: float
    after: float


@dataclass
class Again:
    """Which exercise is judged again, and whose points changed."""

    exercise: str
    changes: dict[str, Change] = field(default_factory=dict)

    @property
    def test(self) -> str:
        return f"test_{self.exercise}"

    def merge(self, old: Result, new: Result) -> Result:
        """The result with the exercise's new test, and all others as they were."""
        before, after = old.tests[self.test], new.tests[self.test]
        if before.score != after.score:
            self.changes[new.student] = Change(before.score, after.score)
        new.tests = {**old.tests, self.test: after}
        new.remarks, new.printed = old.remarks, old.printed
        return new

    def __str__(self) -> str:
        rows = sorted(self.changes.items())
        lines = [f"  {student}: {c.before:g} -> {c.after:g}" for student, c in rows]
        return "\n".join([f"{self.exercise} was judged again: the points of {len(rows)} changed.", *lines])


def one_exercise(notebook: NotebookNode, name: str) -> Again:
    """What is to be judged again. Raises ValueError if the lesson's notebook has no such exercise."""
    names = [grade_id(cell).removeprefix("test_") for cell in notebook.cells if is_test(cell)]
    if name not in names:
        raise ValueError(NO_EXERCISE.format(name, meant(name, names), ", ".join(names)))
    return Again(name)


def known_but_for(exercise: str, tests: dict[str, Test]) -> Progress:
    """The progress of a submission in which all but one exercise are judged already."""
    done = Progress()
    for test, of in tests.items():
        name, share = test.removeprefix("test_"), of.score / of.points
        if name != exercise:
            told: dict[str, Any] = {"passed": share == 1, "credit": share, "lines": of.lines}
            facts = {"mistakes": of.mistakes, "slips": of.slips, "blank": of.blank}
            done.open[name] = {**told, **facts, "text": of.text, "html": of.html, "unexplained": False}
            done.hidden[name] = done.open[name]
    return done
