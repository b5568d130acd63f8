"""Who is late, missing or without a grade, for the teacher's edition of the overview."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from autograder.grading.teaching import html
from autograder.grading.teaching.overview import Overview
from autograder.learner.pages import sentence

UNGRADED = "could not be graded or are not graded yet: `autograder grade {}` says why"
OUTDATED = (
    "were graded by an older edition of the exercises or of course.toml, and are left out: run "
    "`autograder grade {}`"
)


def people(made: Overview) -> str:
    """The section on people; nothing where nobody stands out."""
    marks, number = made.marks, made.marks.lesson.number
    called = made.standing.called
    lists = {
        "handed in nothing": made.standing.missing,
        UNGRADED.format(number): marks.ungraded,
        OUTDATED.format(number): marks.outdated,
        "have an extension": made.standing.extended,
    }
    items = [_item(told, who, called) for told, who in lists.items() if who]
    late = _late(made) if made.standing.late else ""
    if not items and not late:
        return ""
    return f'<section class="people"><h2>People</h2>{late}<ul>{"".join(items)}</ul></section>'


def _item(told: str, who: Iterable[str], called: Callable[[str], str]) -> str:
    names = sorted(map(called, who))
    verb = f"{len(names)} {told}"
    return f"<li>{sentence(verb)}: {escape(', '.join(names))}</li>"


def _late(made: Overview) -> str:
    standing, marks = made.standing, made.marks
    rows: list[list[str | float]] = []
    for student, hours in sorted(standing.late.items(), key=lambda entry: -entry[1]):
        points = marks.total(student) if student in marks.tests else 0.0
        penalty = standing.penalty.get(student, 0.0)
        rows.append([escape(standing.called(student)), round(hours, 1), points, round(penalty, 2)])
    return html.table(["Late", "Hours", "Points", "Penalty"], rows)
