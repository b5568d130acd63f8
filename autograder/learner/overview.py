"""The learner's overview: exercises and points per lesson, and what their record tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Exercise
from autograder.learner import store
from autograder.learner.pages import sentence
from autograder.learner.story import Mistake, Open, overcome, working_on
from autograder.lessons import all_lessons


@dataclass
class Row:
    """One lesson's line."""

    lesson: str
    passed: int
    exercises: int
    earned: int
    points: int
    next_exercise: str


@dataclass
class Overview:
    """All lessons' lines, in the order of the course; below them what the learner's record tells."""

    rows: list[Row]
    overcome: list[Mistake] = field(default_factory=list)
    working_on: list[Open] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{r.lesson:<36} {r.passed:>2} of {r.exercises:>2} exercises, {r.earned:>3} of {r.points:>3}"
            + (f" points, next: {r.next_exercise}" if r.next_exercise else " points, done")
            for r in self.rows
        ]
        if self.working_on:
            lines += ["", "Not passed yet", *(f"  {one}" for one in self.working_on)]
        if self.overcome:
            lines += ["", "Mistakes that you overcame"]
            lines += [f"  {mistake.exercise}: {mistake.told}" for mistake in self.overcome]
        return "\n".join(lines)

    def to_html(self) -> str:
        head = "<tr><th>Lesson</th><th>Exercises</th><th>Points</th><th>Next</th></tr>"
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(r.lesson)}</td>"
            f"<td><progress max='{r.exercises}' value='{r.passed}'></progress> "
            f"{r.passed} of {r.exercises}</td>"
            f"<td>{r.earned} of {r.points}</td>"
            f"<td style='text-align:left'>{escape(r.next_exercise) or '✓'}</td></tr>"
            for r in self.rows
        )
        return f"<table>{head}{rows}</table>{self._story()}"

    def _story(self) -> str:
        parts = []
        if self.working_on:
            items = "".join(f"<li>{escape(str(one))}</li>" for one in self.working_on)
            parts.append(f"<div><b>Not passed yet</b><ul>{items}</ul></div>")
        if self.overcome:
            items = "".join(
                f"<li><code>{escape(m.exercise)}</code>: {sentence(m.told)}</li>" for m in self.overcome
            )
            told = f"<summary><b>Mistakes that you overcame: {len(self.overcome)}</b></summary>"
            parts.append(f"<details>{told}<ul>{items}</ul></details>")
        return "".join(parts)


def overview() -> Overview:
    """The rows of every lesson that has exercises, and what the record tells."""
    kept = store.load()
    passed = set(kept["passed"])
    rows = []
    for lesson in all_lessons():
        if group := [e for e in EXERCISES.values() if e.lesson == lesson.stem]:
            rows.append(_row(lesson.name.replace("_", " "), group, passed))
    return Overview(rows, overcome(kept), working_on(kept))


def _row(name: str, group: list[Exercise], passed: set[str]) -> Row:
    done = [e for e in group if e.name in passed]
    to_do = [e.name for e in group if e.name not in passed]
    return Row(
        name,
        len(done),
        len(group),
        sum(e.points for e in done),
        sum(e.points for e in group),
        to_do[0] if to_do else "",
    )
