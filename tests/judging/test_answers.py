"""The judge on answers as learners write them: verdicts, and what its reports speak of.

The two rates below only say how often; whether a report is true, readers judge (docs/diagnosis.md).
"""

import ast
import re

import pytest

from autograder.lessons import all_lessons, solutions
from tests.answers import FOLDER, SILENT, Judged, Row, judged, lesson_rows

#: Of the wrong answers, at most this share may hear that no mistake is known.
MOST_SILENT = 0.33
#: Of the wrong answers with a subject, at least this share must hear of it.
LEAST_SPOKEN = 0.64
#: Verdicts that are not right yet, by exercise and slip: to be mended in the exercises' cases, and emptied.
KNOWN = {
    (
        "activation_slope",
        "numerical differences would be wrong, but the exact identity s(z) s(-z) with a boolean ReLU slope",
    ),
    ("beam_search", "arguments sos and eos ignored: the notebook's constants SOS = 1 and EOS = 2 used"),
    (
        "beam_search",
        "log-softmax without subtracting the maximum: overflows for logits above 709",
    ),
    ("clip_by_global_norm", "PyTorch's 1e-6 in the denominator: the clipped length is not quite max_norm"),
    ("count_bigrams", "uint8 table: overflows at 256 equal pairs"),
    ("count_paths", "float recursion, int at the end: wrong above 2**53 (e.g. lag 90, k 2)"),
    ("count_paths", "int64 array: overflows silently from lag 63 (k = 1) on"),
    ("exact_match", "length and a weighted sum of the tokens compared (contrived: [1, 2] equals [3, 1])"),
    ("exponential_state", "result of x's type, truncates for integer x"),
    (
        "forecast",
        "the copy of history keeps an integer type: predictions fed back are truncated",
    ),
    ("greedy_decode", "arguments sos and eos ignored: the notebook's constants SOS = 1 and EOS = 2 used"),
    ("highway_step", "sigmoid as exp(z) / (1 + exp(z)): nan for z > 709"),
    (
        "masked_softmax",
        "-1e4 for hidden scores: zeros where all allowed ones are far below it",
    ),
    ("n_step", "eigendecomposition: fails where P is not diagonalisable"),
    (
        "sampled_softmax_backward",
        "exp without subtracting the maximum: overflows for large logits",
    ),
    ("transition_matrix", "probabilities clipped away from zero"),
}

LESSONS = [lesson.stem for lesson in all_lessons()]
ROWS = [row for stem in LESSONS for row in lesson_rows(stem)]
each_lesson = pytest.mark.parametrize("stem", LESSONS)


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


def known(row: Row) -> bool:
    return (row.exercise, row.what) in KNOWN


@each_lesson
def test_verdicts_are_right(stem):
    wrongly = [j for j in map(judged, lesson_rows(stem)) if j.passed == j.row.wrong]
    unknown = [j for j in wrongly if not known(j.row)]
    assert not unknown, f"{len(unknown)} verdicts are wrong:\n\n{listed(unknown)}"


def test_known_names_only_rows_that_exist():
    assert {(row.exercise, row.what) for row in ROWS} >= KNOWN


def test_few_reports_are_silent():
    wrong = [judged(row) for row in ROWS if row.wrong]
    silent = [j for j in wrong if j.way == "silent"]
    rate = share(len(silent), len(wrong))
    assert rate <= MOST_SILENT, f"{len(silent)} of {len(wrong)}, {rate:.1%}:\n\n{listed(silent)}"


def test_most_reports_speak_of_the_slip():
    asked = [judged(row) for row in ROWS if row.has_subject]
    mute = [j for j in asked if not j.speaks]
    rate = 1 - share(len(mute), len(asked))
    assert rate >= LEAST_SPOKEN, f"{len(mute)} of {len(asked)} do not, {rate:.1%} do:\n\n{listed(mute)}"
