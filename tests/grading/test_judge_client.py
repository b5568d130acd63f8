"""The judge is started when it is needed, and once again, for everybody who asks, when it died."""

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from autograder.grading.judge_client import Judge, JudgeError

WHERE = {"ask": "device"}


@pytest.fixture
def mortal() -> Iterator[Judge]:
    made = Judge("a judge to be killed")
    yield made
    made.close()


def test_a_judge_that_died_is_started_again_once_for_all(mortal):
    """Whoever notices the death last must not end the new judge, at which others may be asking."""
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
        where = mortal.ask(WHERE)
        assert [other.submit(mortal.ask, WHERE).result() for other in (one, two)] == [where] * 2
        mortal.process.kill()
        mortal.process.wait()
        assert one.submit(mortal.ask, WHERE).result() == where
        second = mortal.process
        assert two.submit(mortal.ask, WHERE).result() == where
        assert mortal.ask(WHERE) == where
    assert mortal.starts == 2
    assert mortal.process is second
    assert second.poll() is None


def test_cases_are_asked_for_once(judge, monkeypatch):
    opened = judge.cases("time_average", hidden=False)
    secret = judge.cases("time_average", hidden=True)
    assert [case[0].shape for case in opened] == [case[0].shape for case in secret]
    assert not any(np.array_equal(shown[0], hidden[0]) for shown, hidden in zip(opened, secret, strict=True))
    monkeypatch.setattr(judge, "ask", None)
    assert judge.cases("time_average", hidden=False) is opened


def test_a_judge_that_does_not_start_is_said(mortal, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("true"))
    with pytest.raises(JudgeError, match="the judge does not start"):
        mortal.ask(WHERE)
    assert mortal.starts == 1


def test_a_judge_that_was_closed_is_not_started_again(mortal):
    mortal.ask(WHERE)
    mortal.close()
    with pytest.raises(JudgeError, match="the judge was ended"):
        mortal.ask(WHERE)
    assert mortal.starts == 1
    assert not mortal.folder.exists()
