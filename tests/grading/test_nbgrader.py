"""Stock nbgrader commands with our configuration, and the same scores as stock nbgrader's own steps."""

import csv
import json
import os
import re
import subprocess
import sys
from datetime import datetime

import pytest
from nbgrader.api import Gradebook

from autograder.grading.classroom import Classroom
from autograder.grading.gradebook import open_gradebook
from autograder.grading.results import kept
from tests.grading.conftest import HALF, RIGHT, WRONG

STOCK = """
c.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"
stock = "ClearOutput DeduplicateIds OverwriteKernelspec OverwriteCells CheckCellMetadata"
c.Autograde.sanitize_preprocessors = [f"nbgrader.preprocessors.{name}" for name in stock.split()]
stock = "Execute LimitOutput SaveAutoGrades CheckCellMetadata"
c.Autograde.autograde_preprocessors = [f"nbgrader.preprocessors.{name}" for name in stock.split()]
"""
HOSTILE = (
    "from IPython.display import HTML, display\ndisplay(HTML('<script>alert(1)</script>'))\n"
    "print('<img src=x onerror=alert(2)>')\n"
    "def time_average(x):\n    raise ValueError('<script>alert(3)</script>')  # <script>alert(4)</script>"
)


def nbgrader(root, *arguments: str) -> str:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def scores(root) -> dict[str, float]:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "sequence-models") as book:
        return {s.student_id: s.score for s in book.assignment_submissions("00_start_here")}


def waiting(root) -> set[str]:
    """Students with a grade that waits for a person."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "sequence-models") as book:
        made = book.assignment_submissions("00_start_here")
        return {s.student_id for s in made for n in s.notebooks for g in n.grades if g.needs_manual_grade}


@pytest.fixture
def graded(root, lesson, hand_in, monkeypatch):
    """A class graded with nbgrader's own commands and our configuration."""
    monkeypatch.setenv("AUTOGRADER_SEED", "known")
    hand_in("ann", RIGHT)
    hand_in("bob", HALF)
    hand_in("mallory", HOSTILE)
    hand_in("torn", None).write_text('{"cells": [')
    nbgrader(root, "generate_assignment", lesson.name, "--force")
    said = nbgrader(root, "autograde", lesson.name)
    assert "torn: start_here.ipynb is damaged: it stops being JSON in line 1." in said
    return root


def test_stock_commands_grade_a_class_and_write_safe_feedback(graded, lesson):
    assert scores(graded) == {"ann": 1.0, "bob": 0.5, "mallory": 0.0, "torn": 0.0}
    assert waiting(graded) == set()
    assert "not recognized" not in nbgrader(graded, "generate_feedback", lesson.name)
    pages = {path.parent.parent.name: path.read_text() for path in graded.glob("feedback/*/*/*.html")}
    assert set(pages) == {"ann", "bob", "mallory", "torn"}
    for page in pages.values():
        assert "recheck" not in page
        assert "HIDDEN TESTS" not in page
        assert not re.search(r"<script>alert|<img src=x", page)
    assert "You added up the values, but did not divide" in pages["bob"]
    assert "is damaged" in pages["torn"]
    assert 'href="#test_time_average">time_average</a>' in pages["bob"]
    assert "&lt;script&gt;alert(3)" in pages["mallory"]
    nbgrader(graded, "export")
    with (graded / "grades.csv").open() as file:
        assert {row["student_id"]: row["score"] for row in csv.DictReader(file)}["bob"] == "0.5"


def test_autograde_uses_the_result_of_a_parallel_run(root, lesson, hand_in, monkeypatch):
    """Told by a kept result that no grading would give."""
    monkeypatch.setenv("AUTOGRADER_SEED", "known")
    hand_in("ann", WRONG)
    hand_in("bob", WRONG)
    classroom = Classroom(root, lesson)
    results = []
    classroom.grade(1, lambda one: results.append(one.result))
    path = root / ".autograder" / "results" / lesson.name / "ann.json"
    data = json.loads(path.read_text())
    data["tests"]["test_time_average"]["score"] = 0.25
    path.write_text(json.dumps(data))
    assert kept(root, lesson.name, "ann", results[0].key)
    assert waiting(root) == set()
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "sequence-models") as book:
        book.find_grade("test_time_average", "start_here", lesson.name, "bob").manual_score = 0.7
        book.db.commit()
    nbgrader(root, "autograde", lesson.name, "--force")
    assert scores(root) == {"ann": 0.25, "bob": 0.7}
    assert waiting(root) == {"bob"}


def test_nbgraders_own_command_reads_an_offset_as_ours_does(root, lesson, hand_in, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "known")
    texts = {
        "ann": "2026-11-20 13:30:00 +02:00",
        "bo": "2026-11-20 13:30:00 UTC",
        "cy": "2026-11-20 13:30 CEST",
    }
    for student, text in texts.items():
        hand_in(student, RIGHT).with_name("timestamp.txt").write_text(text)
    nbgrader(root, "autograde", lesson.name, "--create")
    by_nbgrader = times(root, lesson)
    Classroom(root, lesson).grade(1, lambda _one: None)
    assert times(root, lesson) == by_nbgrader
    assert by_nbgrader == {
        "ann": datetime(2026, 11, 20, 11, 30),
        "bo": datetime(2026, 11, 20, 13, 30),
        "cy": None,
    }


def times(root, lesson):
    with open_gradebook(root) as book:
        return {s.student_id: s.timestamp for s in book.assignment_submissions(lesson.name)}


def test_same_scores_as_the_stock_steps(root, lesson, hand_in, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "known")
    honest = {
        "ann": RIGHT,
        "ben": WRONG,
        "cat": None,
        "dee": f"import os\n{RIGHT}\nprint(os.sep)",
        "eve": "def time_average(x):\n    return x.nothing",
    }
    for student, code in honest.items():
        hand_in(student, code)
    Classroom(root, lesson).grade(2, lambda _one: None)
    ours = scores(root)
    (root / "gradebook.db").unlink()
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + STOCK)
    nbgrader(root, "generate_assignment", lesson.name, "--force")
    nbgrader(root, "autograde", lesson.name, "--force")
    assert scores(root) == ours == {"ann": 1.0, "ben": 0.0, "cat": 0.0, "dee": 1.0, "eve": 0.0}


def test_release_and_collect_work(root, lesson, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    nbgrader(root, "generate_assignment", lesson.name, "--force")
    nbgrader(root, "release_assignment", lesson.name)
    student = root.parent / "home"
    student.mkdir()
    exchange = f"--Exchange.root={root / '.autograder' / 'exchange'}"
    course = "--course=sequence-models"
    nbgrader(student, "fetch_assignment", lesson.name, course, exchange)
    nbgrader(student, "submit", lesson.name, course, exchange)
    nbgrader(root, "collect", lesson.name)
    who = os.environ.get("USER") or subprocess.check_output(["id", "-un"], text=True).strip()
    assert [p.name for p in (root / "submitted").iterdir()] in ([who], ["ann"])
    Classroom(root, lesson).grade(1, lambda _one: None)
    assert list(scores(root).values()) == [0.0]
    assert (next((root / "autograded").iterdir()) / lesson.name / "timestamp.txt").exists()
    nbgrader(root, "generate_feedback", lesson.name, "--force")
    nbgrader(root, "release_feedback", lesson.name)
    nbgrader(student, "fetch_feedback", lesson.name, course, exchange)
    assert list(student.rglob("feedback/**/start_here.html"))
