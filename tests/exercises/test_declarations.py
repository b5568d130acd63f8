"""A declaration that breaks a rule is refused at import, by a sentence that says what to do."""

import os
import shutil
import subprocess
import sys

import pytest

from autograder.lessons import ROOT


@pytest.fixture
def package(tmp_path):
    """The package with lesson 00's exercises alone."""
    folder = tmp_path / "autograder"
    others = [p.name for p in (ROOT / "autograder" / "exercises").iterdir() if p.is_dir()]
    others.remove("start_here")
    shutil.copytree(ROOT / "autograder", folder, ignore=shutil.ignore_patterns(*others, "__pycache__"))
    return folder


def imported(package) -> str:
    """The last line of what importing the exercises says; '' if all is well."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", "import autograder.exercises"],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def change(path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_stands_is_accepted(package):
    assert imported(package) == ""


def test_a_missing_reference(package):
    change(package / "references" / "start_here.py", "def time_average(", "def mean(")
    assert "exercise time_average has no reference: define time_average in" in imported(package)


def test_an_exercise_without_cases(package):
    change(package / "exercises" / "start_here" / "time_average.py", "@time_average.cases\n", "")
    assert "exercise time_average has no cases: add @time_average.cases" in imported(package)


def test_two_exercises_of_one_name(package):
    source = package / "exercises" / "start_here"
    shutil.copytree(source, package / "exercises" / "twice")
    shutil.copy(package / "references" / "start_here.py", package / "references" / "twice.py")
    said = imported(package)
    assert "two exercises are called" in said
    assert "exercises.start_here." in said
    assert "exercises.twice." in said


def test_a_file_called_otherwise(package):
    folder = package / "exercises" / "start_here"
    (folder / "time_average.py").rename(folder / "average.py")
    assert "average declares time_average: give the file the exercise's name" in imported(package)


def test_a_file_without_its_exercise(package):
    (package / "exercises" / "start_here" / "time_average.py").write_text("x = 1\n")
    assert "time_average declares no exercise: decorate its function" in imported(package)
