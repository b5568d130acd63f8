"""A made-up class that is graded already: who made which mistake is known, and nothing has to be judged.

What grading would have recorded is written as it would have been: results, notebooks, the gradebook.
"""

import json
import random
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import api

from autograder.exercise import EXERCISES, Mistake
from autograder.grading.demo import as_answer
from autograder.grading.gradebook import Book
from autograder.grading.notebooks import grade_id, instructor_source, is_solution, is_test
from autograder.grading.policy import lesson_credits
from autograder.grading.results import Result, Test, judge_key, keep
from autograder.grading.seed import class_seed
from autograder.lessons import ROOT, Lesson, solutions
from benchmarks.variants import disguised, variant

FIRST = ("Ada", "Bo", "Chen", "Dana", "Emeka", "Farah", "Goran", "Hana", "Ines", "Jun", "Kofi", "Lea", "Mira")
LAST = (
    "Abe",
    "Berg",
    "Cruz",
    "Diaz",
    "Ebert",
    "Fofana",
    "Garcia",
    "Horvat",
    "Ito",
    "Jansen",
    "Khan",
    "Lopez",
)
DUE = datetime(2026, 11, 20, 12)
SLIP = {"line": 3, "code": "h = x @ W_xh - b_h", "what": "`-` stands where `+` belongs."}
ODD = "Your function raised IndexError at line 4: index 7 is out of bounds for axis 0 with size 7"


@dataclass
class Truth:
    """What is known of the class that was made."""

    students: list[str] = field(default_factory=list)
    #: (exercise, mistake's name, or right, blank, slip, odd) -> by how many.
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=dict)
    #: Pairs of whom one has copied.
    copied: list[tuple[str, str]] = field(default_factory=list)


def make_graded_class(
    folder: Path, lesson: Lesson, students: int, *, seed: int = 1, copies: int = 5, book: bool = True
) -> Truth:
    """Write a course with one lesson and its graded class into `folder`; returns what is known of it."""
    rng, truth = random.Random(seed), Truth()
    source = _course(folder, lesson)
    order = [grade_id(cell) for cell in source.cells if is_solution(cell)]
    tests = {grade_id(cell): cell for cell in source.cells if is_test(cell)}
    points = {name: float(tests[f"test_{name}"].metadata.nbgrader.points) for name in order}
    key = f"made-up-{judge_key(lesson.name, class_seed(folder), lesson_credits(folder, lesson))}"
    answers: dict[str, dict[str, str]] = {}
    for i in range(students):
        result = Result(f"s{i:04}", lesson.name, key, isolation="made up")
        answers[result.student] = _student(result, points, truth, rng)
        keep(folder, result)
    for a, b in zip(truth.students[:copies], truth.students[-copies:], strict=True) if copies else ():
        answers[b] = {name: code and disguised(code) for name, code in answers[a].items()}
        truth.copied.append((a, b))
    _write(folder, lesson, source, answers)
    if book:
        _fill_book(folder, lesson, truth, rng)
    return truth


def _course(folder: Path, lesson: Lesson) -> NotebookNode:
    """Write the course with this lesson alone; returns the instructor's notebook."""
    path = lesson.notebook("solutions", folder)
    path.parent.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copy(lesson.notebook("solutions"), path)
    return instructor_source(path)


def _student(result: Result, points: dict[str, float], truth: Truth, rng: random.Random) -> dict[str, str]:
    """Fill in what one student made of the lesson; returns the code by exercise."""
    truth.students.append(result.student)
    ability, codes = rng.gauss(0, 1), {}
    for place, name in enumerate(points):
        test, what, codes[name] = _one(rng, name, points[name], ability - 0.25 * place + 0.6)
        truth.made[name, what] += 1
        result.tests[f"test_{name}"] = test
    truth.scores[result.student] = {name: result.tests[f"test_{name}"].score for name in points}
    return codes


def _one(rng: random.Random, name: str, points: float, level: float) -> tuple[Test, str, str]:
    """What a student of this level makes of an exercise: the test, what it is, and the code."""
    exercise, luck = EXERCISES[name], level + rng.gauss(0, 0.7)
    if luck > 0 or not exercise.mistakes:
        return Test(points, points, [], "right", ""), "right", variant(solved(name), rng)
    if luck < -1.6:
        return Test(0, points, ["Not written yet."], "", "", blank=True), "blank", ""
    draw = rng.random()
    if draw < 0.06:
        return Test(0, points, [ODD], "", ""), "odd", variant(solved(name), rng)
    if draw < 0.14:
        told = f"Look at line 3, `{SLIP['code']}`: {SLIP['what']}"
        return Test(0, points, [told], "", "", slips=[SLIP]), "slip", variant(solved(name), rng)
    known = alone(name)
    common = min(int(rng.expovariate(0.9)), len(known) - 1)
    mistake, code = rng.choice(known) if "_np" in known[0][1] else known[common]
    score = mistake.credit * points
    named = Test(score, points, [mistake.message], "", "", [mistake.name])
    return named, mistake.name, variant(code, rng)


@cache
def solved(name: str) -> str:
    """An exercise's solution."""
    return solutions()[name]


@cache
def alone(name: str) -> list[tuple[Mistake, str]]:
    """An exercise's mistakes whose code stands by itself, with that code."""
    known = [(mistake, as_answer(name, mistake.function)) for mistake in EXERCISES[name].mistakes]
    return [(mistake, code) for mistake, code in known if not re.search(r"\b_|def .*\*", code)] or known


def _write(folder: Path, lesson: Lesson, source: NotebookNode, answers: dict[str, dict[str, str]]) -> None:
    data = json.loads(nbformat.writes(source))
    cells = {c["id"]: c for c in data["cells"] if c["metadata"].get("nbgrader", {}).get("solution")}
    for student, codes in answers.items():
        for cell in cells.values():
            name = cell["metadata"]["nbgrader"]["grade_id"]
            cell["source"] = codes[name] or f'def {name}():\n    raise NotImplementedError("Write this.")'
        for place in ("submitted", "autograded"):
            path = folder / place / student / lesson.name / f"{lesson.stem}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(data), encoding="utf-8")


def _fill_book(folder: Path, lesson: Lesson, truth: Truth, rng: random.Random) -> None:
    """Names, times and scores; one in ten is late, one in thirty hands nothing in."""
    with Book(folder, lesson) as opened:
        opened.register()
        book = opened.gradebook
        lessons = book.update_or_create_assignment(lesson.name, duedate=DUE)
        people: list[api.Student] = []
        with book.db.no_autoflush:  # SQLAlchemy warns of rows that are not added yet
            for i, student in enumerate(truth.students):
                late = rng.randrange(1, 60) if i % 10 == 9 else -rng.randrange(1, 90)
                if late > 0:
                    truth.late[student] = float(late)
                name = {"first_name": FIRST[i % len(FIRST)], "last_name": LAST[i // len(FIRST) % len(LAST)]}
                came = DUE + timedelta(hours=late)
                person = api.Student(id=student, **name)
                made = api.SubmittedAssignment(assignment=lessons, student=person, timestamp=came)
                notebook = api.SubmittedNotebook(notebook=lessons.notebooks[0], assignment=made)
                for cell in lessons.notebooks[0].grade_cells:
                    score = truth.scores[student][cell.name.removeprefix("test_")]
                    api.Grade(cell_id=cell.id, notebook=notebook, auto_score=score)
                people.append(person)
        for i in range(len(truth.students) // 30):
            people.append(api.Student(id=f"m{i:02}", first_name=FIRST[i % len(FIRST)], last_name="Missing"))
        book.db.add_all(people)
        book.db.commit()
