"""A class of thirty made-up submissions, to see grading at work: what each is, and what it should score.

Six show one thing each; twenty-four more, with one name each, make known mistakes for an overview to count.
"""

from __future__ import annotations

import ast
import inspect
import shutil
import textwrap
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Exercise, Function, Mistake
from autograder.grading.notebooks import grade_id, is_solution, is_test
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.lessons import ROOT, Lesson

Answers = dict[str, str]
OTHERS = (
    *("amara", "bela", "chidi", "devi", "elif", "femi", "gita", "hugo", "iris", "jonas", "kira", "liam"),
    *("mona", "nuri", "otto", "paola", "quim", "rania", "sven", "tala", "umar", "vera", "wen", "yara"),
)


#: By exercise: a known mistake, and its code as an answer.
Mistakes = dict[str, tuple[Mistake, str]]


@dataclass
class Student:
    """One made-up submission: the code of each answered exercise, and the score it should get."""

    name: str
    answers: Answers
    score: float


def make_class(lesson: Lesson, folder: Path) -> list[Student]:
    """Write a course with `lesson` alone and its submissions into `folder`; returns what to expect."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(lesson.notebook("solutions").parent, folder / "solutions" / lesson.name)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    released = nbformat.read(lesson.notebook("course"), as_version=4)
    solved = nbformat.read(lesson.notebook("solutions"), as_version=4)
    solutions = {grade_id(c): c.source for c in solved.cells if is_solution(c)}
    points = {
        grade_id(c).removeprefix("test_"): c.metadata.nbgrader.points for c in solved.cells if is_test(c)
    }
    mistakes = {name: found for name in solutions if (found := _runnable_mistake(EXERCISES[name]))}
    students = [*six_students(solutions, points, mistakes), *other_students(solutions, points, mistakes)]
    for student in students:
        path = folder / "submitted" / student.name / lesson.name / f"{lesson.stem}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(_answered(released, student.answers), path)
    return students


def _answered(released: NotebookNode, answers: Answers) -> NotebookNode:
    made = deepcopy(released)
    for cell in made.cells:
        if is_solution(cell):
            cell.source = answers.get(grade_id(cell), cell.source)
    return made


def six_students(solutions: Answers, points: dict[str, int], mistakes: Mistakes) -> Iterator[Student]:
    """Solutions by exercise name -> six submissions that show one thing each."""
    everything, names = sum(points.values()), list(solutions)
    last, half = names[-1], names[: (len(names) + 1) // 2]
    loop = f"def {last}(*arguments):\n    while True:\n        pass"
    broken = f"import a_module_that_nobody_has\n\n\n{solutions[last]}"
    yield Student("ada-all-right", solutions, everything)
    yield Student("ben-half-right", {n: solutions[n] for n in half}, sum(points[n] for n in half))
    yield Student(
        "cleo-known-mistakes",
        {name: code for name, (_, code) in mistakes.items()},
        sum(m.credit * points[name] for name, (m, _) in mistakes.items()),
    )
    yield Student("dan-endless-loop", {**solutions, last: loop}, everything - points[last])
    yield Student("eva-broken-import", {**solutions, last: broken}, everything - points[last])
    yield Student("finn-nothing", {}, 0)


def other_students(solutions: Answers, points: dict[str, int], mistakes: Mistakes) -> Iterator[Student]:
    """Those who are right in most and make known mistakes in some, or leave the last ones blank.

    Only what no other exercise uses is made wrong: an early mistake would cost later points.
    """
    names = list(solutions)
    alone = [n for n in mistakes if not any(n in code for other, code in solutions.items() if other != n)]
    for i, student in enumerate(OTHERS):
        wrong = [name for k, name in enumerate(alone) if (i + k) % (k + 2) == 0]
        blank = names[-1:] if i % 8 == 7 else []
        answers = {**solutions, **{name: mistakes[name][1] for name in wrong}}
        credit = {name: mistakes[name][0].credit for name in wrong}
        given = {name: code for name, code in answers.items() if name not in blank}
        yield Student(student, given, sum(credit.get(name, 1.0) * points[name] for name in given))


def _runnable_mistake(exercise: Exercise) -> tuple[Mistake, str] | None:
    """The first known mistake whose code needs nothing but NumPy, under the exercise's own name."""
    for mistake in exercise.mistakes:
        code = as_answer(exercise.name, mistake.function)
        namespace: dict[str, Any] = {"np": np}
        exec(code, namespace)
        found = judge(exercise, partial(call, namespace[exercise.name])).findings
        if [f.name for f in found] == [mistake.name]:
            return mistake, code
    return None


def as_answer(name: str, function: Function) -> str:
    """The function's source without its decorator, renamed."""
    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    lines = source.splitlines()[node.lineno - 1 :]
    return "\n".join(lines).replace(f"def {function.__name__}(", f"def {name}(", 1)
