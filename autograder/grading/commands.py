"""The commands for instructors, mounted in `autograder.cli`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.lessons import ROOT, find_lessons


def fail(message: object) -> None:
    """End the command with one sentence on stderr and exit code 1."""
    typer.secho(str(message), fg="red", err=True)
    raise typer.Exit(1)


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run an nbgrader command in a course's folder; its own words are shown only if it fails."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        fail(f"nbgrader {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")


def grade_demo(
    lesson: Annotated[str, typer.Option(help="The lesson that the class hands in.")] = "01",
) -> None:
    """Grade a made-up class of six in demo-class/, write feedback, and compare with the known scores."""
    from autograder.grading.demo import make_class
    from autograder.grading.overview import read_grades

    wanted = find_lessons([lesson])[0]
    folder = ROOT / "demo-class"
    students = make_class(wanted, folder)
    for step in ("generate_assignment", "autograde", "generate_feedback"):
        nbgrader(folder, step, wanted.name)
    grades = read_grades(folder, wanted)
    wrong = 0
    for student in students:
        grade = grades[student.name]
        wrong += grade.score != student.score
        expected = "" if grade.score == student.score else f"   EXPECTED {student.score:g}"
        typer.echo(f"{student.name:<22}{grade.score:>5g} of {grade.most:g}{expected}")
        typer.echo("".join(f"    {line}\n" for line in grade.diagnosis[:3]), nl=False)
    typer.echo(f"\nFeedback pages: {folder / 'feedback'}")
    if wrong:
        fail(f"{wrong} of {len(students)} scores are not the expected ones.")


def mount(app: typer.Typer) -> None:
    """Add the instructors' commands to the `autograder` command."""
    for command in (grade_demo,):
        app.command()(command)
