"""Nobody pays for another: a class with hostile submissions gives everybody else the same grades."""

import errno
import time
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading import classroom
from autograder.grading.classroom import Classroom
from autograder.grading.cluster import grade_on
from autograder.grading.faults import FaultError
from autograder.grading.gradebook import Book
from autograder.grading.graded import Ungraded, ungraded
from autograder.grading.judge_client import Judge, NotJudgedError
from autograder.grading.judge_start import JudgeError
from autograder.grading.results import Result
from autograder.packing import unpack
from tests.grading.conftest import HALF, RIGHT, WRONG, Unasked, answered_text, cluster
from tests.grading.hostile import ANSWERS, NO_GRADE, hand_in_all

HONEST = {f"honest{i}": (RIGHT, HALF, WRONG)[i % 3] for i in range(9)}


@pytest.fixture(autouse=True)
def known_seed(monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "known")


def here(root, lesson, tell, jobs: int = 4):
    return Classroom(root, lesson).grade(jobs, tell)


def on_a_cluster(root, lesson, tell):
    with cluster() as address:
        return grade_on(address, Classroom(root, lesson), tell)


def graded(root, lesson, grade=here):
    results: dict[str, Result] = {}
    summary = grade(root, lesson, lambda one: results.update({one.result.student: one.result}))
    return results, summary


@pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed", "ignore::ResourceWarning")
@pytest.mark.parametrize("grade", [here, on_a_cluster])
def test_hostile_submissions_cost_nobody_else_anything(root, lesson, hand_in, grade):
    for student, code in HONEST.items():
        hand_in(student, code)
    alone, _ = graded(root, lesson)
    for student in HONEST:
        (root / ".autograder" / "results" / lesson.name / f"{student}.json").write_text('{"tests": []}')
    surrogate = {"half a character": f"# \ud800\n{RIGHT}", "empty lines": RIGHT + "\n    " * 10_000 + "#"}
    hand_in_all(root, lesson.name, answered_text(lesson, None), {**ANSWERS, **surrogate})
    together, summary = graded(root, lesson, grade)
    assert {student: together[student] for student in HONEST} == alone
    assert set(summary.ungraded) == set(NO_GRADE)
    assert {student: together[student].score for student in ANSWERS} == dict.fromkeys(ANSWERS, 0.0)
    assert [together[student].score for student in surrogate] == [1.0, 1.0]
    assert "half characters" in summary.remarks["half a character"][0]
    assert "long runs of empty lines: 20 of each" in summary.remarks["empty lines"][0]
    assert "4,200 kB, and at most 100 kB" in summary.remarks["four megabytes of comments"][0]
    assert "has 50,000 cells, and at most 2,000 are read" in summary.remarks["many cells"][0]
    assert "it started more than 100 threads" in together["a crowd"].printed["time_average"]


def test_who_could_not_be_graded_is_named_and_tried_again(root, lesson, hand_in, monkeypatch):
    hand_in("ann", RIGHT)
    hand_in("bo", RIGHT.replace("return", "return 0 *"))
    exchange = Judge._exchange

    def deadly(self, request, said):
        """A judge that dies over zeros."""
        outcomes = unpack(said[0]) if said else ()
        if outcomes and not any(np.any(outcome["value"]) for outcome in outcomes):
            self._judge()
            self.process.kill()
        return exchange(self, request, said)

    monkeypatch.setattr(Judge, "_exchange", deadly)
    run = CliRunner().invoke(app, ["grade", "00", "--jobs", "2"])
    assert run.exit_code == 1
    assert "bo: could not be graded: the judge ended 3 times over the same answer" in run.output
    assert "NOT GRADED: 1, named above." in run.output
    assert "1 graded, 0 unchanged" in run.output
    assert [path.name for path in (root / ".autograder" / "results" / lesson.name).iterdir()] == ["ann.json"]
    assert not (root / "autograded" / "bo").exists()
    monkeypatch.undo()
    monkeypatch.setenv("AUTOGRADER_SEED", "known")
    monkeypatch.setenv("AUTOGRADER_COURSE_ROOT", str(root))
    run = CliRunner().invoke(app, ["grade", "00", "--jobs", "2"])
    assert run.exit_code == 0, run.output
    assert "1 graded, 1 unchanged" in run.output


@pytest.mark.parametrize("surprise", [KeyError("x"), RecursionError("deep"), MemoryError(), OSError("odd")])
def test_a_surprise_is_named_in_a_sentence(surprise):
    assert ungraded("ann", surprise) == Ungraded("ann", f"{type(surprise).__name__}: {surprise}")


def test_an_answer_without_a_verdict_and_a_folder_that_is_none_have_their_own_sentences():
    assert ungraded("ann", NotJudgedError("no verdict")).why == "no verdict"
    assert ungraded("ann", ValueError("a link is no folder")).why == "a link is no folder"


@pytest.mark.parametrize("fault", [JudgeError("none"), OSError(errno.ENOSPC, "full"), FaultError("locked")])
def test_a_fault_of_the_machine_is_nobodys(fault):
    with pytest.raises(type(fault)):
        ungraded("ann", fault)


@pytest.mark.parametrize(("owner", "name"), [(Unasked, "grade"), (classroom, "keep"), (Book, "write")])
def test_whatever_is_raised_over_one_is_said_of_this_one(
    root, lesson, hand_in, unasked, monkeypatch, owner, name
):
    for student in ("ann", "bo", "cy"):
        hand_in(student, RIGHT)
    done = getattr(owner, name)
    calls = []

    def fail_once(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyError("x")
        return done(*arguments)

    monkeypatch.setattr(owner, name, fail_once)
    kept, summary = graded(root, lesson, partial(here, jobs=1))
    assert (set(kept), summary.ungraded) == ({"ann", "cy"}, {"bo": "KeyError: 'x'"})


def test_where_no_judge_can_be_had_the_run_ends(root, lesson, hand_in, monkeypatch):
    def fail(*arguments):
        raise JudgeError("the judge does not start")

    hand_in("ann", RIGHT)
    monkeypatch.setattr("autograder.grading.judge_client.Judge._judge", fail)
    with pytest.raises(JudgeError):
        graded(root, lesson, partial(here, jobs=1))


def test_time_that_the_judge_takes_for_others_is_nobodys(grader, judge, monkeypatch):
    def slow(*_request):
        time.sleep(0.3)
        return {"seconds": 0.1, "error": "", "value": 3}

    begun = grader._clock()
    monkeypatch.setattr(judge, "_exchange", slow)
    assert judge.ask({}) == 3
    assert 0.1 <= grader._clock() - begun < 0.25
