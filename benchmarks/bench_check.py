"""How long does a check take? The first one of a session, and warm ones.

    .venv/bin/python benchmarks/bench_check.py

First: a fresh process that imports the course, with PyTorch out of reach, and checks one right answer (on
Linux); it should stay under half a second and 60 MB. Warm, per exercise: a right answer, and a wrong one that
no mistake explains. The wrong one is dearest: every mistake is run on every case. Both: under 100 ms.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Function
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.learner.report import make_report
from autograder.lessons import ROOT
from autograder.plain import leaves
from tests.solved import solution_functions

LIMIT_MS, ROUNDS = 100, 5


FIRST = """
import sys, time
start = time.perf_counter()
sys.modules["torch"] = None
from autograder import check

def time_average(x):
    return x.mean(axis=1)

check(time_average)
seconds = time.perf_counter() - start
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, int(peak.split()[1]) / 1024)
"""


def first_check() -> tuple[float, float]:
    """Seconds (median) and MB of a first check in a fresh process, with Python's own start left out."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as home:
        environment["AUTOGRADER_HOME"] = home
        command = [sys.executable, "-c", FIRST]
        runs = [
            subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
            for _ in range(ROUNDS + 1)
        ]
    measured = [[float(word) for word in run.stdout.split("\n")[-2].split()] for run in runs]
    seconds, megabytes = zip(*measured[1:], strict=True)  # the first one fills the disk's cache
    return statistics.median(seconds), max(megabytes)


def slightly_wrong(function: Function) -> Function:
    """The right answer with a small error in every float: no mistake gives these numbers."""

    def wrong(*arguments: Any) -> Any:
        value = function(*arguments)
        if isinstance(value, np.ndarray | float):
            return value * 1.001 + 0.001
        for leaf in leaves(value):
            if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f":
                leaf += 0.001
        return value

    return wrong


def milliseconds(name: str, function: Function) -> float:
    """Median time of a warm check, report included."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        make_report(judge(EXERCISES[name], partial(call, function))).to_html()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def main() -> int:
    seconds, megabytes = first_check()
    print(f"first check in a fresh process: {seconds:.2f} s, {megabytes:.0f} MB (limits .5 s, 60 MB)\n")
    print(f"{'exercise':<34}{'right':>9}{'wrong':>9}   ms, median of {ROUNDS}, warm")
    slow = 0
    for name, solution in solution_functions().items():
        right, wrong = milliseconds(name, solution), milliseconds(name, slightly_wrong(solution))
        late = max(right, wrong) > LIMIT_MS
        slow += late
        print(f"{name:<34}{right:>9.1f}{wrong:>9.1f}{'   over the limit' if late else ''}")
    print(f"{slow} of {len(solution_functions())} over {LIMIT_MS} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
