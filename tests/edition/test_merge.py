"""A new edition in a notebook that was worked in: what the learner wrote is there afterwards, as it was."""

import json
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.edition.merge import ABOVE, merge
from autograder.edition.notebooks import text
from autograder.lessons import all_lessons

STUB = 'def f(x):\n    """Sum."""\n    raise NotImplementedError'


def cell(key: str, source: str, kind: str = "markdown", **metadata):
    made = {"id": key, "cell_type": kind, "source": source, "metadata": metadata}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def exercise(source: str = STUB):
    return cell("f", source, "code", nbgrader={"grade_id": "f", "solution": True, "points": 1})


def notebook(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


BASE = notebook(cell("a", "one"), exercise(), cell("t", "check(f)", "code"), cell("b", "two"))
ANSWER = "def f(x):\n    return x.sum()"


def changed(**sources):
    made = deepcopy(BASE)
    for one in made["cells"]:
        one["source"] = sources.get(one["id"], one["source"])
    return made


def merged(mine, theirs, base=BASE):
    before = deepcopy((base, mine, theirs))
    made = merge(base, mine, theirs)
    assert (base, mine, theirs) == before
    assert len({c["id"] for c in made.notebook["cells"]}) == len(made.notebook["cells"])
    return made


def sources(made) -> list[str]:
    return [c["source"] for c in made.notebook["cells"]]


def test_an_answer_stays_while_everything_around_it_is_new():
    theirs = changed()
    theirs["cells"][0] = cell("a2", "one, in better words")
    theirs["cells"].append(cell("c", "three"))
    made = merged(changed(f=ANSWER), theirs)
    assert sources(made) == ["one, in better words", ANSWER, "check(f)", "two", "three"]
    assert made.both == 0
    assert [c["id"] for c in made.notebook["cells"]] == ["a2", "f", "t", "b", "c"]


def test_an_exercise_that_both_changed_keeps_the_answer_and_shows_the_new_stub_as_text():
    made = merged(changed(f=ANSWER), changed(f=STUB.replace("Sum", "Sum over time")))
    above, mine = made.notebook["cells"][1:3]
    assert made.both == 1
    assert above["cell_type"] == "markdown"  # a second definition in code would replace the answer
    assert "Sum over time" in above["source"]
    assert mine["source"] == ANSWER
    assert mine["id"] == "f"
    assert mine["metadata"]["nbgrader"]["solution"] is True


def test_another_cell_that_both_changed_stands_twice_the_learners_last():
    theirs = changed()
    theirs["cells"][0] = cell("a2", "new words")
    made = merged(changed(a="my notes on it"), theirs)
    assert sources(made)[:3] == ["new words", ABOVE, "my notes on it"]
    assert made.both == 1


def test_running_it_again_after_a_crash_doubles_nothing():
    theirs = changed(f=STUB.replace("Sum", "Sum over time"))
    theirs["cells"][0] = cell("a2", "new words")
    once = merged(changed(f=ANSWER, a="my notes"), theirs)
    again = merged(once.notebook, theirs)
    assert sources(again) == sources(once)


def test_own_cells_follow_what_they_followed_and_deleted_ones_stay_away():
    mine = changed(f=ANSWER)
    mine["cells"].insert(2, cell("mine", "import math", "code"))
    del mine["cells"][0]
    theirs = changed(b="two, in better words")
    theirs["cells"].insert(1, cell("new", "between"))
    assert sources(merged(mine, theirs)) == [
        "between",
        ANSWER,
        "import math",
        "check(f)",
        "two, in better words",
    ]


def test_cells_that_the_learner_moved_stay_where_they_are():
    mine = changed(f=ANSWER)
    mine["cells"].append(mine["cells"].pop(0))
    theirs = changed(a="one, in better words")
    assert sources(merged(mine, theirs)) == [ANSWER, "check(f)", "two", "one, in better words"]


def test_a_cell_that_the_edition_dropped_goes_unless_it_was_written_in():
    theirs = notebook(*changed()["cells"][:3])
    assert sources(merged(changed(), theirs)) == ["one", STUB, "check(f)"]
    assert sources(merged(changed(b="mine"), theirs)) == ["one", STUB, "check(f)", "mine"]


def test_cells_whose_ids_a_program_dropped_or_made_anew_are_recognised():
    mine = changed(f=ANSWER)
    for number, one in enumerate(mine["cells"]):
        one["id"] = f"random-{number}"
    del mine["cells"][0]["id"]
    made = merged(mine, changed(b="two, in better words"))
    assert sources(made) == ["one", ANSWER, "check(f)", "two, in better words"]


def test_outputs_stay_below_code_that_is_the_same_and_metadata_are_the_new_ones():
    mine, theirs = changed(), changed(t="check(f)  # now")
    mine["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
    mine["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "old"}]
    theirs["cells"][1]["metadata"]["nbgrader"]["points"] = 3
    made = merged(mine, theirs).notebook["cells"]
    assert made[1]["outputs"]
    assert not made[2]["outputs"]
    assert made[1]["metadata"]["nbgrader"]["points"] == 3


PIECES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@settings(deadline=None)
@given(PIECES, PIECES, PIECES, st.lists(st.sampled_from("abcdefgh")), st.lists(st.sampled_from("abcdefgh")))
def test_nothing_that_a_learner_wrote_is_ever_lost(base, mine, theirs, by_me, by_them):
    """Whatever cells either side dropped, added, moved or changed."""
    old = notebook(*(cell(key, key) for key in base))
    yours = notebook(*(cell(key, f"{key} mine" if key in by_me else key) for key in mine))
    new = notebook(*(cell(key, f"{key} theirs" if key in by_them else key) for key in theirs))
    made = merged(yours, new, old)
    untouched = {text(c) for c in old["cells"]}
    left = [c["source"] for c in yours["cells"] if text(c) not in untouched]
    assert set(left) <= set(sources(made))
    known = {c["id"] for c in old["cells"]}
    assert {c["source"] for c in new["cells"] if c["id"] not in known} <= set(sources(made))


def test_an_edition_merged_into_itself_is_the_same_notebook():
    for lesson in all_lessons():
        nb = json.loads(lesson.notebook("course").read_text(encoding="utf-8"))
        for one in nb["cells"]:
            one["source"] = "".join(one["source"])
        assert merged(nb, nb, nb).notebook == nb
