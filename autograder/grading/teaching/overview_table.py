"""What the overview shows, as a table: one line per figure and exercise, one per mistake."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from autograder.grading.export import Row, text
from autograder.grading.teaching.figures import protected
from autograder.grading.teaching.overview import Overview

HEAD: Row = ["exercise", "what", "name", "value", "students", "told", "concepts"]


def overview_table(made: Overview) -> str:
    """The table as CSV. Texts that a spreadsheet would run as formulas get an apostrophe in front."""
    file = io.StringIO()
    csv.writer(file).writerows([HEAD, *_figures(made), *_groups(made)])
    return file.getvalue()


def _figures(made: Overview) -> Iterator[Row]:
    for figures in made.figures:
        name, n = figures.exercise, figures.students
        counts = protected(figures.counts) if made.anonymous else figures.counts
        for state, count in counts.items():
            yield [name, state, "", "" if count is None else count, n, "", ""]
        if not made.anonymous:
            yield [name, "difficulty", "", round(figures.difficulty, 4), n, "", ""]
            told = figures.discrimination
            yield [name, "discrimination", "", "" if told is None else round(told, 4), n, "", ""]


def _groups(made: Overview) -> Iterator[Row]:
    kinds = {"mistake": made.named, "line found": made.located, "told": made.unnamed}
    for what, groups in kinds.items():
        for g in groups:
            concepts = " ".join(made.concepts.get(g.exercise, []))
            yield [g.exercise, what, g.name, len(g.students), made.students, text(g.told), concepts]
