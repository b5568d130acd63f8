"""Copies that were made to look different are found; what an exercise forces is held against nobody."""

import json

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.teaching.alike import alike, runs, shape
from autograder.grading.teaching.similar import NO_PROOF, write_similar
from autograder.grading.teaching.sources import answers
from benchmarks.variants import disguised

CODE = """def f(x, W):
    total = np.zeros(x.shape[0])  # the sum
    for t in range(x.shape[1]):
        total = total + np.tanh(x[:, t] @ W)
    return total / x.shape[1]
"""
OTHER = """def f(x, W):
    return np.mean([np.tanh(step @ W) for step in np.moveaxis(x, 1, 0)], axis=0)
"""


def test_layout_comments_and_own_names_do_not_count():
    given = frozenset({"f", "x", "W"})
    assert shape(CODE, given) == shape(disguised(CODE), given)
    assert "x" in shape(CODE, given)
    assert "tanh" in shape(CODE, given)
    assert "total" not in shape(CODE, given)
    assert shape(OTHER, given) != shape(CODE, given)


def test_what_the_solution_holds_counts_for_nothing():
    mine = {"f": runs(CODE)}
    class_ = {"ann": mine, "bo": mine, **{f"s{i}": {"f": runs(OTHER)} for i in range(8)}}
    assert [(p.first, p.second) for p in alike(class_, {"f": frozenset()})][:1] == [("ann", "bo")]
    assert alike(class_, {"f": runs(CODE)})[:1] == []


def test_a_class_that_all_wrote_the_same_is_alike_in_nothing():
    assert alike({f"s{i}": {"f": runs(CODE)} for i in range(5)}, {"f": frozenset()}) == []


@pytest.fixture(scope="module")
def found(large):
    return write_similar(large.root, large.lesson)


def test_disguised_copies_are_found_among_300(found, large):
    _, pairs, _ = found
    first = [(p.first, p.second) for p in pairs]
    ranks = [first.index(pair) for pair in large.truth.copied if pair in first]  # of 44,850 pairs
    assert len(ranks) >= 4  # of five: a pointer, and no proof
    assert sum(rank < 50 for rank in ranks) >= 3
    assert min(ranks) < 3
    assert len(first) < 200


def test_short_exercises_are_left_out_and_said(found):
    path, _, short = found
    assert "readout" in short
    assert "rnn_forward" not in short
    text = path.read_text(encoding="utf-8")
    assert f"Left out, since right answers are short and look alike: {', '.join(short)}." in text


def test_both_codes_stand_side_by_side_with_what_it_does_not_prove(found, large):
    path, pairs, _ = found
    text = path.read_text(encoding="utf-8")
    assert NO_PROOF in text
    pair = pairs[0]
    assert f"<b>{pair.first} and {pair.second}</b>" in text
    assert text.count("<details") == min(len(pairs), 50)
    for student in (pair.first, pair.second):
        code = answers(large.root, large.lesson, student)[next(iter(pair.likeness))]
        assert code.splitlines()[-1].strip().split(" ")[0] in text


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_a_student_can_write_no_markup_into_the_page(small):
    for student in ("s0001", "s0002"):
        path = small.root / "autograded" / student / small.lesson.name / f"{small.lesson.stem}.ipynb"
        data = json.loads(path.read_text())
        for cell in data["cells"]:
            if cell["id"] == "rnn_forward":
                steps = "".join(f"    a{i} = [q ** {i} for q in x if q - {i}]\n" for i in range(40))
                cell["source"] = f"# </pre><script>alert(1)</script>\ndef rnn_forward(x):\n{steps}"
        path.write_text(json.dumps(data))
    assert run("similar", "04")[0] == 0
    text = (small.root / "overview" / "04_numpy_rnn-similar.html").read_text()
    assert "s0001 and s0002" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_without_graded_answers_it_says_what_to_do(small):
    for path in (small.root / "autograded").rglob("*.ipynb"):
        path.unlink()
    code, said = run("similar", "04")
    assert code == 1
    assert said == "Lesson 04_numpy_rnn has no graded answers to compare: `autograder grade 04` first.\n"


def test_what_is_no_python_is_compared_as_far_as_it_goes():
    assert runs("def f(x:\n  (((((") is not None
    assert runs("%%bash\nls") is not None
    assert runs("") == frozenset()
