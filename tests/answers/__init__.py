"""Answers of learners, right and wrong, a file of JSON lines per lesson. docs/diagnosis.md tells of them.

A row holds `exercise`, `kind` ("wrong" or "right"), `what` (the slip in words), `source`, and

- `about`: what a good report speaks of, as regular expressions of which one must be found in its diagnosis;
- `line`, where the slip stands in one place: its line in `source`, counted from 1, or a list of lines.

A row with neither demands no subject. `new` marks the second collection.
"""

import json
import re
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.judging import judge_source
from autograder.judging.verdict import Verdict
from autograder.learner import make_report

FOLDER = Path(__file__).parent
SILENT = "No mistake that we know"
#: How a report can explain, in the order in which a table lists them.
WAYS = ("mistake", "repair", "pattern", "error", "kind", "silent")
NAMED_LINES = re.compile(r"\blines? (\d+(?:(?:, | and | or )\d+)*)", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One answer."""

    exercise: str
    kind: str
    what: str
    source: str
    about: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    new: bool = False

    @property
    def wrong(self) -> bool:
        return self.kind == "wrong"

    @property
    def two_slips(self) -> bool:
        return "two slips" in self.what

    @property
    def has_subject(self) -> bool:
        return self.wrong and bool(self.about or self.lines)


@dataclass(frozen=True)
class Judged:
    """An answer with what the judge made of it, and how long that took."""

    row: Row
    passed: bool
    way: str
    diagnosis: str
    text: str = field(repr=False)
    seconds: float = 0.0

    @property
    def speaks(self) -> bool:
        """Does the diagnosis speak of the row's subject, or name the line of the slip?"""
        found = any(re.search(word, self.diagnosis, re.IGNORECASE) for word in self.row.about)
        return found or names_line(self.diagnosis, self.row)


def row_of(line: str) -> Row:
    values = json.loads(line)
    lines = values.pop("line", [])
    lines = (lines,) if isinstance(lines, int) else tuple(lines)
    return Row(**values | {"about": tuple(values["about"]), "lines": lines})


@cache
def lesson_rows(stem: str) -> tuple[Row, ...]:
    """The answers to a lesson's exercises; none for a lesson without a file."""
    path = FOLDER / f"{stem}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(map(row_of, lines))


def names_line(diagnosis: str, row: Row) -> bool:
    """Is one of the slip's lines named, as `line 3` or by its code in backticks?"""
    numbers = {int(n) for group in NAMED_LINES.findall(diagnosis) for n in re.findall(r"\d+", group)}
    if numbers & set(row.lines):
        return True
    source = row.source.splitlines()
    code = [source[line - 1].strip() for line in row.lines]
    quoted = [quote.strip(" …") for quote in diagnosis.split("`")[1::2]]
    # A name such as `h` says nothing of a line; a piece of code that stands in it does.
    return any(len(quote) >= 6 and quote in line for quote in quoted for line in code)


def way_of(verdict: Verdict, diagnosis: str) -> str:
    """By which means a refused answer is explained: one of WAYS."""
    kinds = {finding.kind for finding in verdict.findings}
    if kinds:
        return next(way for way in WAYS if way in kinds)
    if SILENT in diagnosis:
        return "silent"
    return "error" if any(trial.outcome.error for trial in verdict.failures) else "kind"


@cache
def judged(row: Row) -> Judged:
    """Judge a row as a notebook would; each is judged once in a process."""
    started = time.perf_counter()
    verdict = judge_source(row.exercise, row.source)
    report = make_report(verdict)
    seconds = time.perf_counter() - started
    diagnosis = "\n".join(report.diagnosis)
    way = "passed" if verdict.passed else way_of(verdict, diagnosis)
    return Judged(row, verdict.passed, way, diagnosis, str(report), seconds)
