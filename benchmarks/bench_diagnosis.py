"""How are wrong answers explained? Judges tests/answers/ and prints the table of docs/diagnosis.md.

    .venv/bin/python benchmarks/bench_diagnosis.py

A report counts once, by the best means that it has. The seconds are those of a whole check of a wrong answer.
"""

import os
import statistics
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.judging import judge_source
from autograder.lessons import all_lessons, solutions
from tests.answers import WAYS, Judged, judged, lesson_rows

HEAD = (
    "",
    "wrong",
    "refused",
    "named mistake",
    "points to a line",
    "pattern",
    "error's own sentence",
    "kind",
    "silent",
    "speaks of the slip",
    "median s",
    "slowest s",
)
#: Rows below the lessons: title, of the second collection?, two slips in one answer?
GROUPS = (
    ("first collection, one slip", False, False),
    ("first collection, two slips", False, True),
    ("second collection, one slip", True, False),
    ("second collection, two slips", True, True),
)


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table_row(name: str, wrong: list[Judged]) -> str:
    """Counts of one group of wrong answers as a row of the Markdown table."""
    ways = [str(sum(j.way == way for j in wrong)) for way in WAYS]
    asked = [j for j in wrong if j.row.has_subject]
    seconds = [j.seconds for j in wrong]
    cells = [
        name,
        str(len(wrong)),
        str(sum(not j.passed for j in wrong)),
        *ways[:-1],
        f"{ways[-1]} ({percent(int(ways[-1]), len(wrong))})",
        percent(sum(j.speaks for j in asked), len(asked)),
        f"{statistics.median(seconds):.3f}",
        f"{max(seconds):.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    name, code = next(iter(solutions().items()))
    judge_source(name, code)  # the first check of a session reads the solutions and the record
    print("| " + " | ".join(HEAD) + " |")
    print("|---" + "|---:" * (len(HEAD) - 1) + "|")
    everything = []
    for lesson in all_lessons():
        found = [judged(row) for row in lesson_rows(lesson.stem)]
        everything += found
        if wrong := [j for j in found if j.row.wrong]:
            print(table_row(f"{lesson.number} {lesson.stem.replace('_', ' ')}", wrong), flush=True)
    wrong = [j for j in everything if j.row.wrong]
    for title, new, two in GROUPS:
        print(table_row(title, [j for j in wrong if (j.row.new, j.row.two_slips) == (new, two)]))
    print(table_row("**all**", wrong))
    right = [j for j in everything if not j.row.wrong]
    print(f"\nRight answers: {sum(j.passed for j in right)} of {len(right)} accepted.")


if __name__ == "__main__":
    main()
