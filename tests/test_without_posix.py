"""The course on Windows, as far as a Linux machine can tell: what Windows' Python lacks is taken away."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from autograder.judging.timing import TimeLimit, time_limit
from autograder.lessons import ROOT, find_lessons

#: The rooms that work without a sandbox.
FOR_LEARNERS = ("learner", "judging", "edition")


def posix_free(*arguments: str, home: Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.posix_free", *arguments]
    env = {**os.environ, "AUTOGRADER_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def answered(path: Path, code: str) -> None:
    data = json.loads(find_lessons(["00"])[0].notebook("course").read_text(encoding="utf-8"))
    for cell in data["cells"]:
        if cell["id"] == "time_average":
            cell["source"] = code
    path.write_text(json.dumps(data), encoding="utf-8")


def test_everything_that_a_learner_uses_is_imported(tmp_path):
    paths = [path for room in FOR_LEARNERS for path in (ROOT / "autograder" / room).rglob("*.py")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    names = [name for name in names if not name.endswith("__init__")]
    names += [
        "autograder.exercises",
        "autograder.cli",
        "coursekit.plots",
        "coursekit.data",
        "coursekit.training",
    ]
    names += [f"autograder.grading.{name}" for name in ("commands", "checking", "collecting")]
    code = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    done = posix_free("-c", code, home=tmp_path)
    assert done.returncode == 0, done.stderr


RIGHT_AND_WRONG = """
from autograder import check
from autograder.learner.words import CheckFailed
def time_average(x): return x.sum(axis=1)
try: check(time_average)
except CheckFailed: print('refused')
def time_average(x): return x.mean(axis=1)
check(time_average)
"""


def test_a_check_names_a_mistake_and_accepts_what_is_right(tmp_path):
    done = posix_free("-c", RIGHT_AND_WRONG, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "You added up the values, but did not divide" in done.stdout
    assert "refused" in done.stdout
    assert "✓ time_average: right." in done.stdout


LOOPS = {
    "one instruction": "def loop():\n    while True: pass",
    "two lines": "def loop():\n    while True:\n        pass",
    "a computation": "def loop():\n    n = 0\n    while True: n += 1",
}


@pytest.mark.parametrize("code", LOOPS.values(), ids=LOOPS)
def test_an_endless_loop_is_stopped_where_nothing_rings(code):
    """Signals' timers work in the main thread alone, so another thread is such a place."""
    space: dict[str, Any] = {}
    exec(code, space)
    ended = []

    def watched():
        try:
            with time_limit(0.2):
                space["loop"]()
        except TimeLimit:
            ended.append(True)

    thread = threading.Thread(target=watched, daemon=True)
    thread.start()
    thread.join(30)
    assert ended


def test_the_commands_for_learners_work(tmp_path):
    done = posix_free("start", str(tmp_path / "mine"), "--no-lab", home=tmp_path)
    assert done.stdout.startswith("20 notebooks laid out in "), done.stderr
    assert posix_free("update", str(tmp_path / "mine"), home=tmp_path).stdout.startswith("Nothing new")
    assert "00 start here" in posix_free("progress", home=tmp_path).stdout


def test_a_notebook_is_checked_on_the_cases_that_are_seen(tmp_path):
    path = tmp_path / "start_here.ipynb"
    answered(path, "def time_average(x):\n    return x.sum(axis=1)")
    done = posix_free("check", str(path), home=tmp_path)
    assert "You added up the values, but did not divide" in done.stdout, done.stderr
    assert "0.5 of 2 points" in done.stdout
    assert "in a sandbox, which needs Linux." in done.stdout


@pytest.mark.parametrize("command", ["grade 00", "grade-demo"])
def test_grading_says_that_it_needs_linux(tmp_path, command):
    done = posix_free(*command.split(), home=tmp_path)
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("Grading a class needs Linux: ")
