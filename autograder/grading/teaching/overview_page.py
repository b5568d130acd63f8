"""The overview as a page: three misunderstandings in words, then bars, figures, people, and the heat map."""

from __future__ import annotations

from html import escape

from autograder.grading.teaching import html
from autograder.grading.teaching.figures import SMALLEST_GROUP, STATES, Figures, protected
from autograder.grading.teaching.heat_map import heat_map
from autograder.grading.teaching.misunderstandings import Group
from autograder.grading.teaching.overview import FIRST, Overview
from autograder.grading.teaching.people import people
from autograder.learner.pages import sentence

#: Bars and sentences of one kind that are shown; the table has all of them.
MOST_BARS = 30
#: Lines of students' own code that are shown with a mistake.
MOST_PLACES = 5
KEY = {"right": "right", "partial": "part of the points", "wrong": "wrong", "blank": "blank"}
NO_NAMED = "Nobody made a mistake that has a name."
NO_GROUP = f"No mistake that has a name was made by {SMALLEST_GROUP} students or more."
HIDDEN = f"Groups under {SMALLEST_GROUP} are not shown: dashed, or left out."
FIRST_ONES = "Where a sentence holds numbers or code, they are the first student's."
READ = (
    "Difficulty is the mean share of the points: 1 is an exercise that everybody had right. Discrimination "
    "is the correlation of an exercise's points with those of the rest of the lesson: near 0, who does well "
    "elsewhere does not do better here, and the exercise is worth a look. With fewer than about 50 students "
    "it is rough. Points are the judge's, before late penalties and scores given by hand."
)


def overview_page(made: Overview) -> str:
    """The page as HTML. What students and the class list wrote is text in it, never markup."""
    title = f"Lesson {made.marks.lesson.name.replace('_', ' ')}: what the class made of it"
    sections = [_head(made, title), _first(made), _exercises(made), _mistakes(made)]
    if not made.anonymous:
        sections += [_others(made), people(made), heat_map(made)]
    return html.page(title, [*sections, _concepts(made)])


def _head(made: Overview, title: str) -> str:
    totals = [made.marks.total(student) for student in made.marks.tests]
    mean = sum(totals) / len(totals)
    told = f"{made.students} students; mean {mean:.1f} of {made.marks.most:g} points."
    penalties = made.standing.penalty.values()
    if late := len(made.standing.late):
        told += f" {late} late"
        told += f"; mean after penalties {made.mean_after_penalties:.1f}." if any(penalties) else "."
    if made.anonymous:
        told += f" {HIDDEN}"
    return f"<h1>{escape(title)}</h1>\n<p>{told}</p>"


def _first(made: Overview) -> str:
    """The misunderstandings that most need ten minutes in the next class."""
    shown = list(zip(made.named[:FIRST], made.examples, strict=True))
    items = "".join(f"<li>{_in_words(made, group, example)}</li>" for group, example in shown)
    body = f"<ol>{items}</ol>" if items else f"<p>{NO_GROUP if made.anonymous else NO_NAMED}</p>"
    head = "<h2>Worth ten minutes in the next class</h2>"
    return f'<section class="lead">{head}{body}{_left_blank(made)}</section>'


def _in_words(made: Overview, group: Group, example: str) -> str:
    count = len(group.students)
    who = f"<b>{_people(count)} of {made.students} ({count / made.students:.0%})</b>"
    code = f"<pre>{escape(example)}</pre>" if example else ""
    shown = "An answer that does it, as most of them wrote it:" if code else ""
    links = _links(made, group.exercise)
    return f"{who} in <code>{escape(group.exercise)}</code>: {sentence(group.told)} {links} {shown}{code}"


def _left_blank(made: Overview) -> str:
    most = max(made.figures, key=lambda f: f.counts["blank"])
    count = most.counts["blank"]
    if count < (SMALLEST_GROUP if made.anonymous else 1) or count < made.students / 10:
        return ""
    who = f"{_people(count)} ({count / made.students:.0%})"
    return f"<p>Most often left blank: <code>{escape(most.exercise)}</code>, by {who}.</p>"


def _people(count: int) -> str:
    return "1 student" if count == 1 else f"{count} students"


def _links(made: Overview, exercise: str) -> str:
    known = [row for row in made.concepts.get(exercise, []) if row in made.rows]
    links = ", ".join(f'<a href="#c{row}" title="{escape(made.rows[row])}">{row}</a>' for row in known)
    return f'<span class="soft">(concepts {links})</span>' if links else ""


def _exercises(made: Overview) -> str:
    key = "".join(f'<span class="{name}">{told}</span>' for name, told in KEY.items())
    bars = "".join(map(_anonymous_bar if made.anonymous else _bar, made.figures))
    figures = "" if made.anonymous else _figures(made)
    return f'<h2>Exercise by exercise</h2><p class="key">{key}</p><div class="bars">{bars}</div>{figures}'


def _bar(figures: Figures) -> str:
    counts, n = figures.counts, figures.students
    told = ", ".join(f"{count} {KEY[name]}" for name, count in counts.items() if count)
    drawn = html.stack([(name, counts[name] / n) for name in STATES], f"{figures.exercise}: {told}")
    return _row(figures.exercise, drawn, f"{counts['right'] / n:.0%}")


def _anonymous_bar(figures: Figures) -> str:
    counts, n = protected(figures.counts), figures.students
    open_ = {name: count for name, count in counts.items() if count is not None}
    parts = [(str(name), count / n) for name, count in open_.items() if count]
    rest = n - sum(open_.values())
    told = ", ".join(f"{count} {KEY[name]}" for name, count in open_.items() if count)
    drawn = html.stack([*parts, ("hidden", rest / n)], f"{figures.exercise}: {told or 'not shown'}")
    right = open_.get("right")
    return _row(figures.exercise, drawn, "" if right is None else f"{right / n:.0%}")


def _row(name: str, drawn: str, value: str) -> str:
    label = f'<a href="#m-{escape(name)}"><code>{escape(name)}</code></a>'
    return f'<div class="name">{label}</div>{drawn}<div class="n">{value}</div>'


def _figures(made: Overview) -> str:
    head = [
        "Exercise",
        "Points",
        *(KEY[s].capitalize() for s in STATES),
        "Difficulty",
        "Discrimination",
        "Students",
    ]
    rows = [
        [
            f"<code>{escape(f.exercise)}</code>",
            f.points,
            *(float(f.counts[s]) for s in STATES),
            round(f.difficulty, 2),
            "–" if f.discrimination is None else round(f.discrimination, 2),
            float(f.students),
        ]
        for f in made.figures
    ]
    return f'{html.table(head, rows)}<p class="soft">{READ}</p>'


def _mistakes(made: Overview) -> str:
    if not made.named:
        return ""
    first: set[str] = set()
    rows = []
    for group in made.named[:MOST_BARS]:
        anchor = "" if group.exercise in first else f' id="m-{escape(group.exercise)}"'
        first.add(group.exercise)
        rows.append(_group(made, group, anchor, _links(made, group.exercise)))
    left = len(made.named) - MOST_BARS
    more = f'<p class="soft">{left} more are in the table beside this page.</p>' if left > 0 else ""
    return f'<h2>Mistakes that have a name</h2><div class="bars">{"".join(rows)}</div>{more}'


def _group(made: Overview, group: Group, anchor: str, links: str) -> str:
    count = len(group.students)
    most = len((made.named or made.located or made.unnamed)[0].students)
    drawn = html.bar("wrong", count / max(most, count), f"{group.exercise}, {group.name}: {_people(count)}")
    name = f"<code>{escape(group.exercise)}</code>"
    if group.name:
        name += f'<br><span class="soft">{escape(group.name.replace("_", " "))}</span>'
    places = "" if made.anonymous else _places(group)
    told = f'<div class="told">{sentence(group.told)} {links}{places}</div>'
    return f'<div class="name"{anchor}>{name}</div>{drawn}<div class="n">{count}</div>{told}'


def _places(group: Group) -> str:
    if not group.lines:
        return ""
    shown = "".join(
        f"<li>line {number}: <code>{escape(code)}</code></li>" for number, code in group.lines[:MOST_PLACES]
    )
    return f"<details><summary>Where it was found</summary><ul>{shown}</ul></details>"


def _others(made: Overview) -> str:
    kinds = {"Slips without a name, whose line was found": made.located, "What else was told": made.unnamed}
    parts = []
    for title, groups in kinds.items():
        if groups:
            rows = "".join(_group(made, group, "", "") for group in groups[:MOST_BARS])
            note = (
                ""
                if title.startswith("Slips")
                else '<p class="soft">Numbers and code are the first student\'s.</p>'
            )
            parts.append(f'<h2>{title}</h2>{note}<div class="bars">{rows}</div>')
    return "".join(parts)


def _concepts(made: Overview) -> str:
    if not made.rows:
        return ""
    items = "".join(f'<li id="c{row}"><b>{row}</b> {sentence(told)}</li>' for row, told in made.rows.items())
    return f"<h2>Concepts of this lesson (docs/concepts.md)</h2><ul>{items}</ul>"
