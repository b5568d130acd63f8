"""Grading one submission: every kind of answer gets its points and its sentence."""

import json
from typing import Any

import pytest

from autograder.grading import limits
from autograder.grading.grader import Grader
from autograder.grading.notebooks import MISSING, rebuild
from autograder.grading.reading import used
from autograder.grading.results import Result, kept, submission_key
from autograder.grading.sandbox import child
from autograder.grading.sandbox.host import Sandbox, SandboxError
from autograder.grading.single import grade_notebook
from autograder.judging.timing import TimeLimit
from tests.grading.conftest import HALF, RIGHT, WRONG, answered

TEST = "test_time_average"


def only(result) -> tuple[float, str]:
    """The score and the report of the one exercise."""
    return result.tests[TEST].score, result.tests[TEST].text


ANSWERS = {
    "right": (RIGHT, 1.0, "Verified on 4 cases"),
    "named mistake": (WRONG, 0.0, "You averaged over the batch (axis 0); time is axis 1."),
    "partial credit": (HALF, 0.5, "You added up the values, but did not divide"),
    "stub": ("def time_average(x):\n    raise NotImplementedError('later')", 0.0, "Not written yet"),
    "nothing": ("", 0.0, "time_average: not handed in."),
    "missing": (MISSING, 0.0, "time_average: not handed in."),
    "comment": ("# later", 0.0, "time_average is not defined: its cell does not define it."),
    "renamed": (RIGHT.replace("average", "mean"), 0.0, "its cell defines time_mean instead. Change the name"),
    "syntax": (
        "def time_average(x:\n  return",
        0.0,
        "time_average: not defined.\nIts cell stopped: SyntaxError in line 1: '(' was never closed",
    ),
    "import": (f"import nobody_has_this\n\n{RIGHT}", 0.0, "Its cell stopped: ModuleNotFoundError in line 1"),
    "torch": (f"import torch\n{RIGHT}", 0.0, "PyTorch is the judge's: write this with NumPy."),
    "torch inside": (
        "def time_average(x):\n    import torch.nn as nn",
        0.0,
        "PyTorch is the judge's: write this with NumPy.",
    ),
    "exit in the cell": (f"import sys\nsys.exit()\n{RIGHT}", 0.0, "Its cell stopped: SystemExit in line 2"),
    "exit in the call": ("def time_average(x):\n    raise SystemExit", 0.0, "raised SystemExit"),
    "own error": ("def time_average(x):\n    return x.nothing", 0.0, "raised AttributeError in line 2"),
    "prints": (f"print('hello')\n{RIGHT}\nprint('<b>')", 1.0, "right"),
    "warns": (f"import warnings\nwarnings.warn('careful')\n{RIGHT}", 1.0, "right"),
    "stderr": (f"import sys\nsys.stderr.write('noise')\n{RIGHT}\n3.7", 1.0, "right"),
    "magic": (f"%matplotlib inline\n{RIGHT}", 1.0, "right"),
    "thread": (f"import threading\nthreading.Thread(target=print).start()\n{RIGHT}", 1.0, "right"),
    "long number": ("def time_average(x):\n    return 10**5000", 0.0, "time_average: not right yet"),
    "big number": ("def time_average(x):\n    return 10**400", 0.0, "time_average: not right yet"),
    "hard exit": (
        "import os\ndef time_average(x):\n    os._exit(0)",
        0.0,
        "Your function was stopped: its process ended",
    ),
    "hard exit in the cell": (f"import os\nos._exit(0)\n{RIGHT}", 0.0, "Its cell stopped: its process ended"),
    "own channel": (
        "import os\ndef time_average(x):\n    for fd in range(3, 30):\n"
        "        try: os.write(fd, b'right!' * 9)\n        except OSError: pass",
        0.0,
        "Your function was stopped: it returned far too much, or wrote into the grader's own channel.",
    ),
    "deep": ("def time_average(x):\n    return " + "(" * 5000 + ")" * 5000, 0.0, "Its cell stopped: "),
    "too many values": (
        "def time_average(x):\n    return [0.0] * 60_000",
        0.0,
        "Your function returned more than 50,000 values, or nested more than 16 deep.",
    ),
    "segmentation fault": (
        "import ctypes\ndef time_average(x):\n    ctypes.string_at(0)",
        0.0,
        "its process ended",
    ),
    "memory": ("import numpy as np\ndef time_average(x):\n    return np.ones(10**10)", 0.0, "MemoryError"),
    "name taken later": (f"{RIGHT}\nnp = None", 1.0, "right"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_gets_its_points_and_its_sentence(grade, kind):
    code, points, sentence = ANSWERS[kind]
    score, text = only(grade(code))
    assert score == points
    assert sentence in text
    assert "hint" not in text


def test_what_cells_print_is_kept_as_text(grade):
    assert grade(f"print('<script>')\n{RIGHT}").printed["time_average"] == "<script>\n"
    assert len(grade(f"print('x' * 10**7)\n{RIGHT}").printed["time_average"]) <= 2000
    assert "ValueError in line 1: no" in grade("raise ValueError('no')").printed["time_average"]


def test_a_cell_that_does_not_end_is_said_so():
    assert child._in_a_line(TimeLimit()) == (
        "TimeLimit: still running after 30 seconds; is there a loop that never ends?"
    )


IN_PLACE = "def time_average(x):\n    x += 1\n    return (x - 1).mean(axis=1)"
#: What an answer may do to the process it runs in, so that nobody there sees its input change.
HIDING = {
    "nothing": "",
    "who compares": (
        "import autograder.judging.outcome as o\no.same_plain = lambda a, b: True\n"
        "o.compared = lambda outcome, arguments: outcome\n"
    ),
    "the message": (
        "import autograder.grading.sandbox.child as c\nsaid = c.outcome_message\n"
        "c.outcome_message = lambda o: {**said(o), 'modified': [], 'resized': []}\n"
    ),
    "what is left": (
        "import autograder.grading.sandbox.child as c\nsaid = c.outcome_message\n"
        "c.outcome_message = lambda o: {**said(o), 'after': ()}\n"
    ),
}


@pytest.mark.parametrize("what", HIDING)
def test_a_changed_input_is_seen_outside_the_process_that_changed_it(grade, what):
    score, text = only(grade(HIDING[what] + IN_PLACE))
    assert score == (0.0 if what == "what is left" else 0.5)
    if score:
        assert text.splitlines()[1].startswith(
            "Your numbers are right, but your function changes its input x:"
        )
        assert "Verified" not in text


TWICE = "def time_average(x):\n    return {}(x) * 2"


def outcomes(judge, factor: float, axis: int) -> list[Any]:
    """What a student's process says of a function that averages over `axis`, times `factor`."""
    cases = judge.cases("time_average", hidden=False)
    plain: dict[str, Any] = {"error": None, "printed": "", "warned": []}
    return [{**plain, "after": case, "value": case[0].mean(axis=axis) * factor} for case in cases]


def test_a_wrong_function_that_uses_a_wrong_one_is_told_to_begin_there(judge):
    def told(source, wrong, factor=2, axis=1):
        said = outcomes(judge, factor, axis)
        made = judge.verdict("time_average", said, hidden=False, source=source, wrong=wrong)
        return made["lines"], made["text"]

    first = "This function uses lstm_gates, which is not right yet: mend that first."
    lines, text = told(TWICE.format("lstm_gates"), ["lstm_gates", "other"])
    assert lines[0] == first
    assert text.splitlines()[1] == first
    both = told("def f(x):\n    return g(h(x))", ["g", "h"])[0]
    assert both[0] == "This function uses g and h, which are not right yet: mend them first."
    assert first not in told(TWICE.format("lstm_gates"), ["other"])[0]
    assert first not in told("import os\n%matplotlib inline\n", ["lstm_gates"])[0]
    assert first not in told(TWICE.format("lstm_gates"), ["lstm_gates"], 1)[0]
    lines, _ = told(TWICE.format("lstm_gates"), ["lstm_gates"], 1, 0)  # a mistake that has a name comes first
    assert lines[0].startswith("You averaged over the batch")
    assert lines[-1] == first


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(x):\n    return g(x)", ["g"]),
        ("def g(x): return x\ndef f(x):\n    return g(x)", []),
        ("def f(g):\n    return g(1)", []),
        ("g = f = 1", []),
        ("steps = map(g, range(3))", ["g"]),
        ("'\\d'", []),
        ("-" * 90_000 + "g", []),
        ("(" * 90_000, []),
        ("\0", []),
        ("not python", []),
    ],
)
def test_what_an_answer_uses_is_read_from_its_source(source, found):
    assert used(source, ["g", "h"]) == found


def test_endless_loops_end(grade, monkeypatch):
    assert "still running after 5 seconds" in only(grade("def time_average(x):\n    while True: pass"))[1]
    monkeypatch.setattr(limits, "CASES_SECONDS", 1.0)  # the outer limit, for code that defeats the inner one
    stubborn = (
        "import signal\ndef time_average(x):\n    signal.alarm(0)\n    signal.signal(14, signal.SIG_IGN)"
    )
    score, text = only(grade(f"{stubborn}\n    while True: pass"))
    assert score == 0
    assert "still running after" in text


def test_a_cell_that_kills_the_process_costs_only_itself(grader, lesson, instructor):
    source = instructor
    source.cells[1].source += "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    made = rebuild(source, answered(lesson, RIGHT))
    result = grader.grade(made.notebook, Result("somebody", lesson.name, "key"))
    assert result.score == 1
    assert "This cell was stopped: its process ended" in result.printed[source.cells[1].id]


def breaking(monkeypatch, times: int) -> list[str]:
    """Sandboxes that do not start, the first `times` times; the list grows with each attempt."""
    tries = []

    def start(kind: str) -> Sandbox:
        tries.append(kind)
        if len(tries) <= times:
            raise SandboxError("the sandbox does not answer")
        return Sandbox(kind)

    monkeypatch.setattr("autograder.grading.grader.Sandbox", start)
    return tries


def test_a_sandbox_that_always_fails_is_an_error_and_no_zero(judge, lesson, instructor, monkeypatch):
    tries = breaking(monkeypatch, 99)
    made = rebuild(instructor, answered(lesson, RIGHT))
    empty = Result("somebody", lesson.name, "key")
    with pytest.raises(SandboxError, match="the sandbox does not answer"):
        Grader(judge).grade(made.notebook, empty)
    assert len(tries) == 3
    assert empty.tests == {}


def test_a_sandbox_that_fails_twice_costs_nothing(judge, lesson, instructor, monkeypatch):
    tries = breaking(monkeypatch, 2)
    grader = Grader(judge)
    made = rebuild(instructor, answered(lesson, RIGHT))
    try:
        result = grader.grade(made.notebook, Result("somebody", lesson.name, "key"))
    finally:
        grader.close()
    assert (result.score, len(tries)) == (1.0, 3)
    assert result.isolation == tries[0] == grader.kind


def test_a_stopped_grader_does_not_try_again(judge, lesson, instructor, monkeypatch):
    tries = breaking(monkeypatch, 99)
    grader = Grader(judge)
    grader.stop()
    with pytest.raises(SandboxError):
        grader.grade(rebuild(instructor, answered(lesson, RIGHT)).notebook, Result("x", lesson.name, "key"))
    assert tries == []


def test_demonstrations_are_not_run(grader, lesson, instructor):
    source = instructor
    source.cells[1].source, source.cells[1].metadata["tags"] = "while True: pass", ["demo"]
    made = rebuild(source, answered(lesson, RIGHT))
    result = grader.grade(made.notebook, Result("somebody", lesson.name, "key"))
    assert result.score == 1
    assert source.cells[1].id not in result.printed


def test_a_function_is_judged_as_it_was_at_its_test(grader, lesson, instructor):
    """A later cell may use the same names for something else; hidden cases come after all cells."""
    source = instructor
    source.cells[-1].source = "scale = 7\ndel time_average"
    made = rebuild(source, answered(lesson, "scale = 1\ndef time_average(x): return scale * x.mean(axis=1)"))
    assert grader.grade(made.notebook, Result("somebody", lesson.name, "key")).score == 1


NOT_FRESH = "✗ time_average passed the visible cases, but not fresh ones.\n"
ELSEWHERE = "on inputs that the notebook does not show."
PREPARED = {
    "a common exception": ("no_such_name", 0.0, f"It failed with NameError {ELSEWHERE}"),
    "a rare one": ("next(iter([]))", 0.0, f"It failed with an error {ELSEWHERE}"),
    "a mistake": ("x.sum(axis=1)", 0.5, "You added up the values, but did not divide by how many there are."),
    "a sign": ("-x.mean(axis=1)", 0.0, f"Its results differ from the right ones {ELSEWHERE}"),
    "anything": ("x[:, 0] ** 3", 0.0, f"Its results differ from the right ones {ELSEWHERE}"),
}


@pytest.mark.parametrize("otherwise", PREPARED)
def test_answers_prepared_for_the_open_cases_fail_on_fresh_ones(grade, judge, otherwise):
    code, points, sentence = PREPARED[otherwise]
    known = judge.cases("time_average", hidden=False)
    table = [(case[0].tolist(), case[0].mean(axis=1).tolist()) for case in known]
    answer = f"""import numpy as np
table = {table!r}
def time_average(x):
    for given, out in table:
        if np.array_equal(given, x): return np.array(out)
    return {code}"""
    assert only(grade(answer)) == (points, NOT_FRESH + sentence)


DAMAGED = ["", "{half", "{}", "[]", "null", "3", '{"tests": {}}', '{"tests": []}', '{"tests": {"a": {}}}']


def test_a_result_is_kept_for_exactly_its_notebook(root, lesson, instructor, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "kept")
    made = rebuild(instructor, answered(lesson, HALF))
    first = grade_notebook(root, lesson.name, "ann", made.notebook)
    assert first.score == 0.5
    assert kept(root, lesson.name, "ann", first.key) == first
    made.notebook.cells[0].source += " (a text has no influence)"
    assert submission_key(lesson.name, made.notebook, "kept") == first.key
    made.notebook.cells[1].source += "\n# code has"
    assert kept(root, lesson.name, "ann", submission_key(lesson.name, made.notebook, "kept")) is None
    path = root / ".autograder" / "results" / lesson.name / "ann.json"
    assert json.loads(path.read_text())["key"] == first.key
    for damaged in DAMAGED:
        path.write_text(damaged)
        assert kept(root, lesson.name, "ann", first.key) is None
