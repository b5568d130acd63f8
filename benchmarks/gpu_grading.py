"""How fast is a class of 1,000 graded, with a job per core and the references on a device?"""

import tempfile
import time
from pathlib import Path

import torch

from autograder.grading.classroom import Classroom
from autograder.lessons import find_lessons
from autograder.oracle.pytorch import CPU
from benchmarks.gpu_judging import answering_on
from benchmarks.made_class import make_course
from benchmarks.tables import number, table
from benchmarks.timing import cores

STUDENTS, LESSON = 1000, "04"


def grade_class(where: torch.device, students: int) -> tuple[float, int]:
    """Seconds of a whole run, start-up included, and how many submissions have all points.

    Raises RuntimeError where one could not be graded: the seconds would be no figure.
    """
    lesson = find_lessons([LESSON])[0]
    with tempfile.TemporaryDirectory() as place, answering_on(where):
        make_course(Path(place), lesson, students, demos=False)
        started = time.perf_counter()
        summary = Classroom(Path(place), lesson).grade(cores(), lambda _one: None)
        taken = time.perf_counter() - started
    if summary.ungraded:
        student, why = next(iter(summary.ungraded.items()))
        raise RuntimeError(f"{len(summary.ungraded)} submissions could not be graded. {student}: {why}")
    return taken, sum(s == summary.most for s in summary.scores.values())


def row(where: torch.device, students: int) -> tuple[str, ...]:
    """One line of the table."""
    taken, right = grade_class(where, students)
    return str(where), number(taken), number(students / taken), f"{right} of {students}"


def report(where: torch.device, students: int = STUDENTS) -> str:
    """A class on the CPU and another on `where`."""
    head = ("references on", "seconds", "submissions a second", "all points")
    return table(head, [row(place, students) for place in (CPU, where)])
