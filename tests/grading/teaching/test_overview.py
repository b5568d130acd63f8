"""The overview's numbers are those of a class whose mistakes are known; nothing a student wrote is markup."""

import csv
import io
import json
import re
from collections import Counter

import numpy as np
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.exercise import EXERCISES
from autograder.grading import results
from autograder.grading.gradebook import open_gradebook
from autograder.grading.results import Result, judge_key, keep
from autograder.grading.seed import class_seed
from autograder.grading.teaching.concepts import concept_rows, concepts_of
from autograder.grading.teaching.figures import class_figures, protected
from autograder.grading.teaching.marks import class_marks
from autograder.grading.teaching.overview import class_overview, write_overview
from autograder.grading.teaching.overview_page import overview_page
from autograder.grading.teaching.sources import anonymous


@pytest.fixture(scope="module")
def seen(large):
    return class_overview(large.root, large.lesson)


@pytest.fixture(scope="module")
def page(seen):
    return overview_page(seen)


def known(truth, *, least: int = 1) -> dict[tuple[str, str], int]:
    """The named mistakes that were made."""
    others = {"right", "blank", "slip", "odd"}
    return {key: n for key, n in truth.made.items() if key[1] not in others and n >= least}


def test_every_named_mistake_is_counted(seen, large):
    assert {(g.exercise, g.name): len(g.students) for g in seen.named} == known(large.truth)
    counts = [len(g.students) for g in seen.named]
    assert counts == sorted(counts, reverse=True)
    assert all(
        g.told == {m.name: m.message for m in EXERCISES[g.exercise].mistakes}[g.name] for g in seen.named
    )


def test_slips_and_other_sentences_are_counted(seen, large):
    for groups, what in ((seen.located, "slip"), (seen.unnamed, "odd")):
        expected = {name: n for (name, kind), n in large.truth.made.items() if kind == what}
        assert {g.exercise: len(g.students) for g in groups} == expected
    assert seen.located[0].lines[0] == (3, "h = x @ W_xh - b_h")


def test_shares_of_each_exercise(seen, large):
    for f in seen.figures:
        made = {what: n for (name, what), n in large.truth.made.items() if name == f.exercise}
        partial = {m.name for m in EXERCISES[f.exercise].mistakes if m.credit > 0}
        assert f.counts["right"] == made["right"]
        assert f.counts["blank"] == made.get("blank", 0)
        assert f.counts["partial"] == sum(made.get(name, 0) for name in partial)
        assert f.students == sum(made.values()) == 300


def test_difficulty_and_discrimination(seen, large):
    scores = np.array([list(of.values()) for of in large.truth.scores.values()])
    for i, f in enumerate(seen.figures):
        rest = scores.sum(axis=1) - scores[:, i]
        a, b = scores[:, i] - scores[:, i].mean(), rest - rest.mean()
        assert f.difficulty == pytest.approx(scores[:, i].mean() / f.points)
        assert f.discrimination == pytest.approx((a @ b) / np.sqrt((a @ a) * (b @ b)))


def test_an_exercise_that_all_had_right_tells_nobody_apart(small):
    marks = class_marks(small.root, small.lesson)
    for tests in marks.tests.values():
        tests["rnn_step"].score = tests["rnn_step"].points
    assert class_figures(marks)[0].discrimination is None
    assert class_figures(marks)[0].difficulty == 1


def test_the_three_most_frequent_stand_first_in_words(page, large):
    lead = page[page.index('class="lead"') : page.index("Exercise by exercise")]
    first = sorted(known(large.truth).values(), reverse=True)[:3]
    assert [int(n) for n in re.findall(r"<b>(\d+) students of 300", lead)] == first
    assert lead.count("<pre>def ") == 3


def test_who_is_late_and_who_is_missing(seen, large, page):
    assert seen.standing.late == pytest.approx(large.truth.late)
    assert len(seen.standing.missing) == 10
    assert "30 late" in page
    assert "10 handed in nothing" in page


def test_the_heat_map_has_a_cell_for_everybody_and_everything(page):
    cells = Counter(re.findall(r'<td class="s (\w+)"', page))
    assert sum(cells.values()) == 300 * 8
    assert set(cells) == {"right", "partial", "wrong", "blank"}


def test_mistakes_lead_to_the_concepts_of_the_lesson(seen, page, rnn):
    rows = concept_rows(rnn)
    assert rows["1.5"] == "the equation of the state"
    concepts = concepts_of(rnn)
    assert "1.5" in concepts["rnn_step"]
    assert concepts["cross_entropy"]
    for row in {row for rows in concepts.values() for row in rows}:
        assert f'href="#c{row}"' in page or row not in rows
        assert f'id="c{row}"' in page


def test_the_table_says_what_the_page_shows(large, seen):
    _, path = write_overview(large.root, large.lesson)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    counted = {(r["exercise"], r["name"]): int(r["value"]) for r in rows if r["what"] == "mistake"}
    assert counted == known(large.truth)
    right = {r["exercise"]: int(r["value"]) for r in rows if r["what"] == "right"}
    assert right == {f.exercise: f.counts["right"] for f in seen.figures}
    assert {r["students"] for r in rows} == {"300"}


def test_the_anonymous_edition_names_nobody_and_no_small_group(large):
    path, table = write_overview(large.root, large.lesson, anonymous=True)
    text = path.read_text(encoding="utf-8") + table.read_text(encoding="utf-8")
    assert not re.search(r"s0\d{3}", text)
    assert "Horvat" not in text
    assert "Everybody</h2>" not in text
    shown = {g.name for g in class_overview(large.root, large.lesson, anonymous=True).named}
    assert shown == {name for _, name in known(large.truth, least=5)}
    assert len(shown) < len(known(large.truth))


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((200, 50, 30, 20), (200, 50, 30, 20)),
        ((200, 0, 80, 20), (200, 0, 80, 20)),
        ((200, 3, 80, 17), (200, None, 80, None)),  # 3 alone would follow from the sum
        ((296, 0, 0, 4), (None, 0, 0, None)),
        ((290, 2, 4, 4), (290, None, None, None)),
        ((290, 1, 2, 7), (290, None, None, None)),  # 1 and 2 are fewer than five together
        ((4, 0, 0, 0), (None, 0, 0, 0)),
    ],
)
def test_a_small_group_cannot_be_worked_out_from_the_others(counts, shown):
    right, partial, wrong, blank = counts
    made = protected({"right": right, "partial": partial, "wrong": wrong, "blank": blank})
    assert tuple(made.values()) == shown


HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def hostile(small):
    """A class in which a name, comments, code and diagnoses are markup."""
    with open_gradebook(small.root) as book:
        book.find_student("s0003").first_name = HOSTILE
        book.db.commit()
    for path in (small.root / ".autograder" / "results").rglob("*.json"):
        data = json.loads(path.read_text())
        for test in data["tests"].values():
            test["lines"] = [f"NameError: {HOSTILE}" for _ in test["lines"]]
            for slip in test["slips"]:
                slip["code"] = slip["what"] = HOSTILE
        path.write_text(json.dumps(data))
    for path in (small.root / "autograded").rglob("*.ipynb"):
        data = json.loads(path.read_text())
        for cell in data["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution") and cell["source"]:
                cell["source"] = f"# {HOSTILE}\n{cell['source']}\n    x = '{HOSTILE}' < 3 < {HOSTILE!r}"
        path.write_text(json.dumps(data))
    return small


def test_nothing_that_a_student_wrote_is_markup(hostile):
    path, _ = write_overview(hostile.root, hostile.lesson)
    text = path.read_text(encoding="utf-8")
    assert "<img" not in text
    assert "<script>alert" not in text
    assert text.count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in text


def test_the_page_takes_no_style_and_no_script_but_its_own(page):
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert not re.search(r'\s(style|on\w+)="', page)
    assert not re.search(r"(src|href)=\"(?!#)", page)


def test_an_example_holds_no_words_of_its_author():
    code = '''# by Ann Lee
def f(x):
    """Ann Lee's own work"""
    y = np.einsum("nd,dh->nh", x, x)  # Ann
    print("Ann Lee", f"Ann {x}")
    "another remark of Ann"
    return (y,
        # Ann
        'Ann')
'''
    assert "Ann" not in anonymous(code)
    assert 'np.einsum("nd,dh->nh", x, x)\n' in anonymous(code)
    assert anonymous("def f(x:\n    (") == ""


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_the_command_says_where_it_wrote(small):
    code, said = run("overview", "04")
    assert code == 0
    assert said.count("written: ") == 2
    assert (small.root / "overview" / "04_numpy_rnn.html").exists()


def test_a_lesson_that_nobody_handed_in(small):
    code, said = run("overview", "05")
    assert code == 1
    assert "is missing" in said or "no submission" in said


def test_a_class_that_is_not_graded_yet(small):
    for path in (small.root / ".autograder" / "results").rglob("*.json"):
        path.unlink()
    assert run("overview", "04") == (
        1,
        "Nobody is graded in lesson 04_numpy_rnn yet: `autograder grade 04` does it.\n",
    )


def test_results_of_an_older_edition_are_said_and_left_out(small):
    paths = sorted((small.root / ".autograder" / "results").rglob("*.json"))
    for path in paths[:3]:
        path.write_text(path.read_text().replace('"key": "made-up-', '"key": "made-up-0'))
    seen = class_overview(small.root, small.lesson)
    assert seen.marks.outdated == ["s0000", "s0001", "s0002"]
    assert seen.students == 9
    assert "3 were graded by an older edition" in overview_page(seen)
    for path in paths[3:]:
        path.write_text("{}" if path.stem == "s0004" else path.read_text().replace("made-up-", "made-up-0"))
    code, said = run("overview", "04")
    assert code == 1
    assert said.startswith("All 11 results of lesson 04_numpy_rnn are of an older edition")


def test_a_course_toml_that_changed_makes_results_old(small):
    (small.root / "course.toml").write_text("[credit.rnn_step]\nbias_missing = 0.5\n")
    assert run("overview", "04")[0] == 1


def test_few_students_get_no_edition_for_the_class(small):
    for path in sorted((small.root / ".autograder" / "results").rglob("*.json"))[4:]:
        path.unlink()
    code, said = run("overview", "04", "--anonymous")
    assert code == 1
    assert "needs 5 at least" in said


def test_a_mistake_that_the_judge_names_is_on_record(grade):
    from tests.grading.conftest import HALF, WRONG

    assert grade(HALF).tests["test_time_average"].mistakes == ["forgets_to_divide"]
    assert grade(WRONG).tests["test_time_average"].mistakes
    stub = 'def time_average(x):\n    raise NotImplementedError("Write this.")'
    for code, blank in ((stub, True), ("", True), ("def time_average(x):\n    return 1 / 0", False)):
        assert grade(code).tests["test_time_average"].blank is blank


def test_a_student_who_fails_on_fresh_inputs_only_made_the_mistake(root, lesson, hand_in):
    key = f"x-{judge_key(lesson.name, class_seed(root))}"
    hand_in("ann", None)
    told = results.Test(
        0.0, 1.0, ["time_average passed the visible cases, but not fresh ones.", "..."], "", ""
    )
    told.mistakes = ["forgets_to_divide"]
    keep(root, Result("ann", lesson.name, key, tests={"test_time_average": told}))
    seen = class_overview(root, lesson)
    assert [(g.name, g.students) for g in seen.named] == [("forgets_to_divide", ["ann"])]
