"""Grades and diagnoses of a class just graded, for a table in the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.grading.graded import Graded, Summary
from autograder.grading.sandbox.isolation import SHORTFALL
from autograder.grading.wire import readable


@dataclass
class Line:
    """One student's result: the score, the most there is, and what was wrong, in sentences."""

    student: str
    score: float
    most: float
    diagnosis: list[str]


def line(done: Graded) -> Line:
    """The line of one graded submission: remarks on the file first, then each exercise that lost points."""
    tests = done.result.tests
    wrong = [
        f"{name.removeprefix('test_')}: {test.lines[0]}"
        for name, test in tests.items()
        if test.score < test.points and test.lines
    ]
    return Line(
        done.result.student,
        done.result.score,
        sum(test.points for test in tests.values()),
        [*done.made.remarks, *done.result.remarks, *wrong],
    )


def _late(summary: Summary) -> list[str]:
    """Who is late, by how much, what it costs, and the mean after that; nothing where nobody is."""
    if not summary.late:
        return []
    latest = sorted(summary.late.items(), key=lambda entry: -entry[1].hours)
    lines = [f"  {name}: {late.hours:.1f} h late, -{late.penalty:g} points" for name, late in latest]
    taken = sum(late.penalty for late in summary.late.values())
    mean = (sum(summary.scores.values()) - taken) / len(summary.scores)
    return [f"Late: {len(lines)}. Mean after penalties {mean:.1f}.", *lines]


def tell_summary(summary: Summary) -> str:
    """The end of a run: which files had something odd, how many were graded, their points, the isolation."""
    lines = [f"{student}: {remark}" for student, all_ in sorted(summary.remarks.items()) for remark in all_]
    lines += summary.strays
    lines += [f"{name[:80]}: could not be graded: {why}" for name, why in sorted(summary.ungraded.items())]
    if count := len(summary.ungraded):
        kept = "They keep the grade that they had, if any."
        lines.append(f"NOT GRADED: {count}, named above. {kept} Run the same command again to try again.")
    lines.append(f"{summary.graded} graded, {summary.reused} unchanged since the last run.")
    if scores := list(summary.scores.values()):
        mean, zeros = sum(scores) / len(scores), scores.count(0)
        lines.append(f"Mean {mean:.1f} of {summary.most:g} points; {zeros} with 0 points.")
        lines += _late(summary)
    if summary.outdated:
        lines.append(f"Outdated feedback was removed for {summary.outdated}: generate it again.")
    for kind in sorted(filter(None, summary.isolation)):
        lines.append(f"Isolation: {kind}. {SHORTFALL[kind] or 'There is none stronger.'}")
    return readable("\n".join(lines))  # a folder may have any name
