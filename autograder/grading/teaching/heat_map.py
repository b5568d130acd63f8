"""The heat map: a row per student, a column per exercise. Sortable; names can be hidden."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from autograder.grading.results import Test
from autograder.grading.teaching.figures import state
from autograder.grading.teaching.overview import Overview

SIGNS = {"right": "✓", "partial": "½", "wrong": "✗", "blank": "–"}
ORDER = {"right": 3, "partial": 2, "wrong": 1, "blank": 0}
HIDE = (
    '<p class="screen"><label><input type="checkbox" id="hide"> hide names</label>'
    " · the name of a column sorts by it</p>"
)


def heat_map(made: Overview) -> str:
    """Every student who is graded, the most points first."""
    marks, standing = made.marks, made.standing
    names = list(marks.points)
    heads = [_head("Student", flat=True), _head("Points", flat=True), *map(_head, names)]
    if standing.came:
        heads.append(_head("Handed in", flat=True))
    students = sorted(marks.tests, key=lambda s: (-marks.total(s), standing.called(s)))
    rows = "".join(_row(made, student, names, standing.called) for student in students)
    head = f"<thead><tr>{''.join(heads)}</tr></thead>"
    return (
        f"<h2>Everybody</h2>{HIDE}"
        f'<div class="map"><table>{head}<tbody>{rows}</tbody></table></div>'
        '<p class="soft">✓ right, ½ part of the points, ✗ wrong, – blank. Times are UTC.</p>'
    )


def _head(name: str, *, flat: bool = False) -> str:
    return (
        f'<th scope="col"{" class=flat" if flat else ""}><button type="button">{escape(name)}</button></th>'
    )


def _row(made: Overview, student: str, names: list[str], called: Callable[[str], str]) -> str:
    tests, total = made.marks.tests[student], made.marks.total(student)
    who = escape(called(student))
    cells = "".join(_cell(name, tests[name]) for name in names)
    return (
        f'<tr><th scope="row" class="who" data-v="{who}"><i>{who}</i></th>'
        f'<td class="n" data-v="{total:g}">{total:g}</td>{cells}{_time(made, student)}</tr>'
    )


def _cell(name: str, test: Test) -> str:
    kind = state(test)
    told = f"{name}: {test.score:g} of {test.points:g}"
    if test.mistakes:
        told += f", {', '.join(test.mistakes)}"
    return f'<td class="s {kind}" data-v="{ORDER[kind]}" title="{escape(told)}">{SIGNS[kind]}</td>'


def _time(made: Overview, student: str) -> str:
    if not made.standing.came:
        return ""
    came = made.standing.came.get(student)
    if came is None:
        return '<td data-v=""></td>'
    hours = made.standing.late.get(student, 0.0)
    late = f" ({hours:.1f} h late)" if hours else ""
    return f'<td class="n" data-v="{came:%Y-%m-%d %H:%M}">{came:%Y-%m-%d %H:%M}{late}</td>'
