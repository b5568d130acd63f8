"""Progress tells which mistakes were overcome, how long ago an exercise was begun, and what to read again."""

import json
import time
from typing import Any

import pytest

import autograder
from autograder.exercise import EXERCISES
from autograder.learner import store
from autograder.learner.overview import overview
from autograder.learner.story import where_to_read

HALF = "def time_average(x):\n    return x.sum(axis=1)"
RIGHT = "def time_average(x):\n    return x.mean(axis=1)"
TOLD = next(m.message for m in EXERCISES["time_average"].mistakes if m.name == "forgets_to_divide")


def checked(code: str) -> None:
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    autograder.check(namespace["time_average"])


@pytest.fixture
def failed(capsys):
    for _ in range(2):
        with pytest.raises(autograder.CheckFailed):
            checked(HALF)


def test_an_open_exercise_says_since_when_what_was_found_and_what_to_read(failed, capsys):
    kept = store.load()
    assert kept["met"] == {"time_average": ["forgets_to_divide"]}
    assert kept["begun"]["time_average"] == pytest.approx(time.time(), abs=60)
    kept["begun"]["time_average"] -= 34 * 60
    store.save(kept)
    capsys.readouterr()
    autograder.progress()
    said = capsys.readouterr().out
    assert "Not passed yet\n  time_average: first checked 34 minutes ago. Found so far: " + TOLD in said
    assert "Read again: lesson 00 start here, “" in said
    assert "overcame" not in said


def test_a_mistake_is_overcome_when_the_exercise_is_passed(failed, capsys):
    checked(RIGHT)
    capsys.readouterr()
    autograder.progress()
    said = capsys.readouterr().out
    assert f"Mistakes that you overcame\n  time_average: {TOLD}" in said
    assert "Not passed yet" not in said
    assert "Mistakes that you overcame: 1</b>" in overview().to_html()


def test_breaking_what_was_passed_is_no_new_mistake(capsys):
    checked(RIGHT)
    with pytest.raises(autograder.CheckFailed):
        checked(HALF)
    assert store.load()["met"] == {}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "just now"),
        (90, "90 minutes ago"),
        (180, "3 hours ago"),
        (3 * 24 * 60, "3 days ago"),
        (-9, "just now"),
    ],
)
def test_long_ago_is_not_told_in_minutes(minutes, words):
    store.save({"passed": [], "hints": {}, "begun": {"softmax": time.time() - 60 * minutes}, "met": {}})
    assert f"softmax: first checked {words}." in str(overview())


def write(kept: object) -> None:
    store.store_path().parent.mkdir(parents=True)
    store.store_path().write_text(json.dumps(kept))


def test_a_record_of_an_earlier_edition_is_read_and_kept(capsys):
    write({"passed": ["time_average"], "hints": {"softmax": 2}})
    assert store.load() == {"passed": ["time_average"], "hints": {"softmax": 2}, "begun": {}, "met": {}}
    autograder.hint("softmax")
    assert store.load()["hints"] == {"softmax": 3}
    assert store.load()["passed"] == ["time_average"]


def test_what_no_longer_exists_is_passed_over():
    met = {"time_average": ["gone"], "gone": ["gone"]}
    write({"passed": ["time_average", "gone"], "hints": {}, "begun": {"gone": 3.0}, "met": met})
    assert "overcame" not in str(overview())
    assert "gone" not in str(overview())


@pytest.mark.parametrize(
    "bad", [{"begun": 3}, {"met": [1]}, {"met": {"softmax": 3}}, {"begun": {"softmax": "x"}}]
)
def test_a_damaged_record_is_set_aside(bad):
    write({"passed": [], "hints": {}, **bad})
    assert store.load()["begun"] == {}
    assert store.store_path().with_suffix(".damaged.json").exists()


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_every_exercise_says_where_to_read(name):
    assert where_to_read(name).startswith("lesson ")
    assert where_to_read(name).endswith("”")
