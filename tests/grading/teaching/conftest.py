"""A made-up class of 300 whose mistakes are known, once for all tests, and a small one to change."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.lessons import Lesson, find_lessons
from benchmarks.graded_class import Truth, make_graded_class


@dataclass
class Made:
    root: Path
    lesson: Lesson
    truth: Truth


@pytest.fixture(scope="session")
def rnn() -> Lesson:
    return find_lessons(["04"])[0]


@pytest.fixture(scope="session")
def large(tmp_path_factory, rnn) -> Made:
    root = tmp_path_factory.mktemp("large") / "class"
    return Made(root, rnn, make_graded_class(root, rnn, 300))


@pytest.fixture(scope="session")
def twelve(tmp_path_factory, rnn) -> Made:
    root = tmp_path_factory.mktemp("small") / "class"
    return Made(root, rnn, make_graded_class(root, rnn, 12, seed=2, copies=0))


@pytest.fixture
def small(twelve, tmp_path, monkeypatch) -> Made:
    """A copy of a class of twelve: no two tests see each other's changes."""
    root = tmp_path / "class"
    shutil.copytree(twelve.root, root)
    monkeypatch.setenv("AUTOGRADER_COURSE_ROOT", str(root))
    return Made(root, twelve.lesson, twelve.truth)
