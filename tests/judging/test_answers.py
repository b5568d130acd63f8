"""The judge on answers as learners write them: verdicts, and what its reports speak of.

The two rates below only say how often; whether a report is true, readers judge (docs/diagnosis.md).
"""

import ast
import re

import pytest

from autograder.judging.repair import explain
from autograder.lessons import all_lessons, solutions
from tests.answers import FOLDER, SILENT, Judged, judged, lesson_rows

#: Of the wrong answers, at most this share may hear that no mistake is known: of the first collection, and of
#: the second, in which a fifth holds two slips that have nothing to do with each other.
MOST_SILENT, MOST_SILENT_NEW = 0.03, 0.1
#: Of the wrong answers with a subject, at least this share must hear of it.
LEAST_SPOKEN = 0.78
#: Seconds for the search behind one report: a busy machine gets less done in the time that a learner waits.
PATIENCE = 4.0

LESSONS = [lesson.stem for lesson in all_lessons()]
ROWS = [row for stem in LESSONS for row in lesson_rows(stem)]
each_lesson = pytest.mark.parametrize("stem", LESSONS)


@pytest.fixture(scope="module", autouse=True)
def patience():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explain, "SECONDS", PATIENCE)
        yield


def listed(found: list[Judged]) -> str:
    """Failures as a person wants to read them: the slip, the code, what the judge said."""
    return "\n\n".join(f"--- {j.row.exercise}: {j.row.what}\n{j.row.source}\n{j.text}" for j in found)


def share(part: int, whole: int) -> float:
    return part / max(whole, 1)


@each_lesson
def test_every_row_is_complete(stem):
    for row in lesson_rows(stem):
        where = f"{row.exercise}: {row.what}"
        assert row.exercise in solutions(), where
        assert row.kind in ("wrong", "right"), where
        assert row.what, where
        ast.parse(row.source)
        code = row.source.splitlines()
        assert all(1 <= line <= len(code) and code[line - 1].strip() for line in row.lines), where
        assert row.wrong or not (row.about or row.lines), f"{where}: a right answer has no subject"
        silent = f"{SILENT} gives these numbers. The smallest failing case helps."
        assert not any(re.search(word, silent, re.IGNORECASE) for word in row.about), where


@each_lesson
def test_rows_are_sorted_and_none_is_there_twice(stem):
    rows = lesson_rows(stem)
    assert [row.exercise for row in rows] == sorted(row.exercise for row in rows)
    assert len({(row.exercise, row.source) for row in rows}) == len(rows)


def test_every_file_belongs_to_a_lesson():
    assert {path.stem for path in FOLDER.glob("*.jsonl")} <= set(LESSONS)


@each_lesson
def test_verdicts_are_right(stem):
    wrongly = [j for j in map(judged, lesson_rows(stem)) if j.passed == j.row.wrong]
    assert not wrongly, f"{len(wrongly)} verdicts are wrong:\n\n{listed(wrongly)}"


@pytest.mark.parametrize(("new", "most"), [(False, MOST_SILENT), (True, MOST_SILENT_NEW)])
def test_few_reports_are_silent(new, most):
    wrong = [judged(row) for row in ROWS if row.wrong and row.new is new]
    silent = [j for j in wrong if j.way == "silent"]
    rate = share(len(silent), len(wrong))
    assert rate <= most, f"{len(silent)} of {len(wrong)}, {rate:.1%}:\n\n{listed(silent)}"


def test_most_reports_speak_of_the_slip():
    asked = [judged(row) for row in ROWS if row.has_subject]
    mute = [j for j in asked if not j.speaks]
    rate = 1 - share(len(mute), len(asked))
    assert rate >= LEAST_SPOKEN, f"{len(mute)} of {len(asked)} do not, {rate:.1%} do:\n\n{listed(mute)}"
