"""Pairs of submissions that are alike, as a page with both codes side by side."""

from __future__ import annotations

import inspect
import re
import textwrap
from html import escape
from pathlib import Path

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.grading.classroom import Classroom
from autograder.grading.teaching import html
from autograder.grading.teaching.alike import Pair, Runs, alike, long_enough, runs
from autograder.grading.teaching.overview import FOLDER
from autograder.grading.teaching.sources import answers
from autograder.lessons import Lesson, solutions

MOST_PAIRS = 50
NO_PROOF = (
    "Alike is not copied. People who learn from the same hints, a tutor, a textbook, a language model or "
    "each other write alike, too, and a few pairs of a large class are alike by chance. Nothing here is "
    "evidence by itself: look at both codes, and talk with both students before you think anything of them."
)
HOW = (
    "Compared are runs of five tokens; layout, comments and names of one's own are left out. What the "
    "solution holds, or code that makes a named mistake, counts for nothing; what many of the class wrote "
    "counts little. The percentage is the weighted share of what two answers hold beyond that and have in "
    "common."
)
NOBODY = "Lesson {} has no graded answers to compare: `autograder grade {}` first."
TOO_SHORT = "All exercises of lesson {} are short: right answers look alike there, and nothing was compared."


def write_similar(root: Path, lesson: Lesson) -> tuple[Path, list[Pair], list[str]]:
    """Write overview/LESSON-similar.html; returns its path, the pairs, and the exercises that were left out.

    Raises ValueError where there is nothing to compare.
    """
    found = {student: answers(root, lesson, student) for student in Classroom(root, lesson).students()}
    if not any(found.values()):
        raise ValueError(NOBODY.format(lesson.name, lesson.number))
    known = solutions()
    names = list(dict.fromkeys(name for of in found.values() for name in of if name in known))
    short = [name for name in names if not long_enough(known[name])]
    if len(short) == len(names):
        raise ValueError(TOO_SHORT.format(lesson.name))
    forced = {name: _forced(name, known[name]) for name in names if name not in short}
    taken = {student: _runs(of, forced, known) for student, of in found.items()}
    pairs = alike(taken, forced)
    path = root / FOLDER / f"{lesson.name}-similar.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(_page(lesson, pairs, short, found), encoding="utf-8")
    return path, pairs, short


def _forced(name: str, solution: str) -> Runs:
    """What the solution and the named mistakes hold: whoever writes one of them has to write that."""
    sources = [textwrap.dedent(inspect.getsource(m.function)) for m in EXERCISES[name].mistakes]
    bare = [source[source.index("def ") :] for source in sources if "def " in source]
    return runs(solution, _given(solution)).union(*(runs(source, _given(source)) for source in bare))


def _given(solution: str) -> frozenset[str]:
    """The names that the exercise gives: the function's and its arguments'."""
    return frozenset(re.findall(r"\w+", solution.partition(":\n")[0]))


def _runs(of: dict[str, str], forced: dict[str, Runs], known: dict[str, str]) -> dict[str, Runs]:
    return {name: runs(code, _given(known[name])) for name, code in of.items() if name in forced}


def _page(lesson: Lesson, pairs: list[Pair], short: list[str], found: dict[str, dict[str, str]]) -> str:
    title = f"Lesson {lesson.name.replace('_', ' ')}: answers that are alike"
    left = (
        f"<p>Left out, since right answers are short and look alike: {', '.join(short)}.</p>" if short else ""
    )
    none = "" if pairs else "<p>No two submissions are alike beyond what the exercises make alike.</p>"
    more = len(pairs) - MOST_PAIRS
    rest = f"<p>{more} more pairs are alike, less than these.</p>" if more > 0 else ""
    shown = [_pair(number, pair, found) for number, pair in enumerate(pairs[:MOST_PAIRS], 1)]
    head = f"<h1>{escape(title)}</h1><p><b>{NO_PROOF}</b></p><p class='soft'>{HOW}</p>{left}{none}"
    return html.page(title, [head, *shown, rest])


def _pair(number: int, pair: Pair, found: dict[str, dict[str, str]]) -> str:
    most = sorted(pair.likeness.items(), key=lambda entry: -entry[1])
    told = ", ".join(f"<code>{escape(name)}</code> {share:.0%}" for name, share in most)
    who = f"{escape(pair.first)} and {escape(pair.second)}"
    codes = "".join(_codes(name, pair, found) for name, _ in most)
    opened = " open" if number <= 3 else ""
    return f"<details{opened}><summary>{number}. <b>{who}</b>: {told}</summary>{codes}</details>"


def _codes(name: str, pair: Pair, found: dict[str, dict[str, str]]) -> str:
    codes = (f"<pre>{escape(found[student][name])}</pre>" for student in (pair.first, pair.second))
    return f'<h3><code>{escape(name)}</code></h3><div class="sides">{"".join(codes)}</div>'
