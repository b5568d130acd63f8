"""The judge is started when it is needed, and once again, for everybody who asks, when it died."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograder.grading.judge_client import Judge, NotJudgedError, not_plain
from autograder.grading.judge_start import JudgeError
from autograder.grading.turns import Turns
from autograder.grading.wire import receive
from autograder.packing import LENGTH, pack

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


def test_a_judge_that_was_not_asked_yet_has_no_folder_to_be_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    asked_nothing = Judge("a judge that waits")
    assert list(tmp_path.iterdir()) == []
    asked_nothing.close()
    assert list(tmp_path.iterdir()) == []


def test_a_judge_whose_command_is_gone_before_it_is_ready_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "judge"
    folder.mkdir()
    command = [sys.executable, "-m", "autograder.grading.judge_process", str(folder / "socket")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin and process.stdout
        process.stdout.close()
        process.stdin.close()
        process.wait()
    assert not folder.exists()


def test_cases_are_asked_for_once(judge, monkeypatch):
    opened = judge.cases("time_average", hidden=False)
    secret = judge.cases("time_average", hidden=True)
    assert [case[0].shape for case in opened] == [case[0].shape for case in secret]
    assert not any(np.array_equal(shown[0], hidden[0]) for shown, hidden in zip(opened, secret, strict=True))
    monkeypatch.setattr(judge, "ask", None)
    assert judge.cases("time_average", hidden=False) is opened


def outcomes(judge: Judge, value: Callable[[np.ndarray], Any]) -> list[dict[str, Any]]:
    """What a student's process would say of a right or a wrong time_average."""
    calm: dict[str, Any] = {"error": None, "printed": "", "warned": []}
    cases = judge.cases("time_average", hidden=False)
    return [{"value": value(case[0]), "after": case, **calm} for case in cases]


def counted(judge: Judge, monkeypatch) -> list[dict[str, Any]]:
    """What the judge is asked from now on; its answer is always the same."""
    asked = []

    def ask(request: dict[str, Any], _said: object) -> dict[str, Any]:
        asked.append(request)
        return {"passed": False}

    monkeypatch.setattr(judge, "ask", ask)
    return asked


def test_outcomes_that_passed_pass_again_without_the_judge_and_all_others_are_judged(judge, monkeypatch):
    right = outcomes(judge, lambda x: x.mean(axis=1))
    first = judge.verdict("time_average", right, hidden=False, source="one way")
    asked = counted(judge, monkeypatch)
    again = judge.verdict("time_average", right, hidden=False, source="another way")
    assert first == again
    assert first["passed"]
    again["lines"].append("what is done with one student's verdict")
    assert judge.verdict("time_average", right, hidden=False) == first
    assert not asked
    touched = [dict(right[0], after=(right[0]["after"][0] + 1.0,)), *right[1:]]
    nudged = outcomes(judge, lambda x: np.nextafter(x.mean(axis=1), np.inf))
    for others in (touched, nudged, right[:-1], [dict(right[0], printed="so"), *right[1:]]):
        assert judge.verdict("time_average", others, hidden=False) == {"passed": False}
    judge.verdict("time_average", right, hidden=True)
    judge.verdict("sample_mean", right, hidden=False)
    assert len(asked) == 6


def test_a_wrong_answer_is_judged_each_time_since_its_source_counts(judge, monkeypatch):
    wrong = outcomes(judge, lambda x: x.mean(axis=0))
    assert not judge.verdict("time_average", wrong, hidden=False)["passed"]
    asked = counted(judge, monkeypatch)
    judge.verdict("time_average", wrong, hidden=False)
    assert len(asked) == 1


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


def raw(judge: Judge) -> socket.socket:
    """A connection of its own to a running judge."""
    judge.ask(WHERE)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(judge._path()))
    return connection


BAD = {
    "no plain value": (LENGTH.pack(3) + b"abc", "no plain message"),
    "too large": (LENGTH.pack(10**12), "no plain message: a message of 1,000,000,000,000 bytes"),
    "no question": (LENGTH.pack(len(pack([1]))) + pack([1]), "the judge failed with TypeError"),
    "an unknown exercise": (
        LENGTH.pack(len(pack({"ask": "cases", "exercise": "?", "hidden": False})))
        + pack({"ask": "cases", "exercise": "?", "hidden": False}),
        "the judge failed with KeyError",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_message_is_answered_with_an_error_and_the_judge_goes_on(judge, kind):
    starts = judge.starts
    message, said = BAD[kind]
    with raw(judge) as connection:
        connection.sendall(message)
        assert receive(connection, 10**6, 20)["error"].startswith(said)
    assert judge.ask(WHERE)
    assert judge.starts == max(starts, 1)


def test_a_connection_that_breaks_off_ends_nothing(judge):
    judge.ask(WHERE)
    starts = judge.starts
    for message in (b"", b"\x01", LENGTH.pack(1000) + b"x"):
        with raw(judge) as connection:
            connection.sendall(message)
    judge.local.connection.close()  # as if the judge had hung up on this thread
    assert judge.ask(WHERE)
    assert judge.starts == starts


def test_an_answer_over_which_the_judge_dies_is_served_alone_and_harms_nobody(mortal, monkeypatch):
    exchange, asking = mortal._exchange, []

    def deadly(request, *outcomes):
        if request.get("exercise") == "deadly":
            asking.append(mortal.turns.asking)
            mortal._judge()
            mortal.process.kill()
        return exchange(request, *outcomes)

    monkeypatch.setattr(mortal, "_exchange", deadly)
    with ThreadPoolExecutor(4) as pool:
        others = [pool.submit(mortal.ask, WHERE) for _ in range(8)]
        with pytest.raises(NotJudgedError, match="ended 3 times"):
            mortal.ask({"ask": "cases", "exercise": "deadly", "hidden": False})
        others += [pool.submit(mortal.ask, WHERE) for _ in range(8)]
        assert len({other.result() for other in others}) == 1
    assert len(asking) == 3
    assert asking[1:] == [1, 1]


def test_an_answer_that_is_too_much_to_send_is_a_wrong_one(judge):
    def told(value):
        outcome = {**not_plain(""), "error": None, "value": value}
        return judge.verdict("time_average", [outcome] * 4, hidden=False)

    assert "more than 50,000 values" in told([0.0] * 12_500)["text"]
    assert "more than 4 MB of text" in told("x" * 2**20)["text"]


def test_turns_let_whoever_must_be_alone_be_alone():
    turns, log = Turns(), []

    def work(alone: bool) -> None:
        with turns.taken(alone=alone):
            log.append(turns.asking)
            time.sleep(0.01)
            assert not alone or turns.asking == 1

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, i % 5 == 0) for i in range(40)]:
            done.result()
    assert max(log) > 1
    assert (turns.asking, turns.wanting) == (0, 0)
