"""How long does a check take? Warm, per exercise: a right answer, and a wrong one that no mistake explains.

    .venv/bin/python benchmarks/bench_check.py

The wrong one is dearest: every mistake is run on every case. Both should stay under 100 ms.
"""

import statistics
import sys
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
from autograder.plain import leaves
from tests.answers import solution_functions

LIMIT_MS, ROUNDS = 100, 5


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
