"""Find the line in answers that no known mistake explains, when all grades of a submission are safe.

The judge says what is to be found, the student's process searches its own code, and the judge puts into words
what came back. Only words change: what the process claims cannot earn a point.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from autograder.grading import limits
from autograder.grading.judge_client import Judge
from autograder.grading.sandbox.student import Said, Student
from autograder.grading.scores import Progress

#: The first word of a step's name; a process that ends in such a step has its grades already.
STEP = "explain"
#: Seconds that are worth a start.
LEAST = 0.3


#: The verdict on an exercise's outcomes, with what a search found.
Verdict = Callable[[str, Said, list[Any]], dict[str, Any]]


def explain(judge: Judge, student: Student, done: Progress, verdict: Verdict) -> Iterator[str]:
    """Yields each step's name before doing it."""
    end = time.monotonic() + limits.EXPLAIN_SECONDS
    for name in list(done.unexplained):
        seconds = end - time.monotonic()
        if seconds < LEAST:
            return
        yield f"{STEP} {name}"
        outcomes = done.unexplained.pop(name)
        sound = [other for other, told in done.open.items() if told["passed"]]
        found = student.explain(name, judge.task(name, outcomes), sound, seconds)
        if found:
            done.open[name] = {**verdict(name, outcomes, found), "credit": done.open[name]["credit"]}
