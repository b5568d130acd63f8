"""The wire to a student's process: much is asked at once, and answered one after the other."""

import numpy as np
import pytest

from autograder.grading.sandbox.host import Sandbox
from autograder.grading.sandbox.student import CrashError, calling, holding, running
from autograder.packing import MOST_TEXT, pack, unpack

#: More than a socket holds, in both directions.
MANY, LARGE = 6, 80_000


@pytest.fixture(scope="module")
def sandbox():
    made = Sandbox("limits")
    yield made
    made.close()


def test_what_is_asked_at_once_is_answered_in_turn_however_much_it_is(sandbox):
    cases = [pack([(np.full(LARGE, float(n)),)]) for n in range(MANY)]
    with sandbox.student() as student:
        student.begin(
            [running("def twice(x):\n    return 2 * x"), *(calling("twice", c, again=False) for c in cases)]
        )
        assert student.ran()["error"] == ""
        for n in range(MANY):
            (outcome,), after = map(unpack, student.called())
            assert (outcome["value"] == 2.0 * n).all()
            assert (after[0][0] == n).all()
        student.begin([calling("twice", cases[3], again=True), running("print(twice(2))")])
        assert unpack(student.called()[0])[0]["value"][0] == 6.0
        assert student.ran()["printed"] == "4\n"


def test_a_process_that_ends_is_missed_at_the_step_that_ended_it(sandbox):
    with sandbox.student() as student:
        student.begin(
            [holding(["N = 3"]), running("x = N", 1), running("import os\nos._exit(1)"), running("x")]
        )
        assert student.ran() == {"printed": "", "error": "", "taken": "N", "magics": "0"}
        with pytest.raises(CrashError, match="its process ended"):
            student.ran()
        student.begin([running("x") for _ in range(MANY)])
        with pytest.raises(CrashError, match="its process ended"):
            student.ran()


def test_what_cannot_be_sent_is_the_students_loss_and_nobody_elses(sandbox):
    with sandbox.student() as student, pytest.raises(CrashError, match="far too much"):
        student.begin([running("#" * (MOST_TEXT + 1))])
