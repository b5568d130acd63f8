"""The commands that grade, mounted in `autograder.cli`. Heavy imports wait until a command runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from autograder.address import repository
from autograder.grading.system import NEEDS_LINUX, is_linux
from autograder.lessons import ROOT, Lesson, find_lessons

NO_COURSE = (
    "{} is not the course's folder (there is no nbgrader_config.py): cd to the course first. "
    "A class is graded in a clone of the course, which holds the solutions: git clone {}"
)

if TYPE_CHECKING:
    from autograder.grading.demo import Student
    from autograder.grading.graded import Graded, Summary
    from autograder.grading.overview import Line


def fail(message: object) -> NoReturn:
    """End the command with one sentence on stderr and exit code 1."""
    typer.secho(str(message), fg="red", err=True)
    raise typer.Exit(1)


def course_root() -> Path:
    """The course that is graded: `AUTOGRADER_COURSE_ROOT`, else the folder the command runs in.

    The command fails in a folder that is no course, before it writes anything there.
    """
    root = Path(os.environ.get("AUTOGRADER_COURSE_ROOT") or Path.cwd())
    if not (root / "nbgrader_config.py").exists():
        fail(NO_COURSE.format(root, repository()))
    return root


def one_lesson(word: str, root: Path = ROOT) -> Lesson:
    """The lesson meant by a number, a name or a part of one; the command fails if there is none."""
    try:
        return find_lessons([word], root if (root / "lessons").is_dir() else ROOT)[0]
    except ValueError as error:
        fail(error)


def course_and_lesson(word: str) -> tuple[Path, Lesson]:
    """The course that is graded, and the lesson of it that is meant."""
    root = course_root()
    return root, one_lesson(word, root)


def check(
    notebook: Annotated[Path, typer.Argument(help="A notebook of this course, answered.")],
) -> None:
    """Judge a notebook as graders do, in a sandbox: a report per exercise, and the points."""
    from autograder.grading.checking import check_notebook

    try:
        report = check_notebook(notebook)
    except (ValueError, OSError, RuntimeError) as error:
        fail(error)
    typer.echo(report.text)
    if report.score < report.most:
        raise typer.Exit(1)


def collect(
    lesson: Annotated[str, typer.Argument(help="Number or name, such as 04 or numpy_rnn.")],
    archive: Annotated[Path, typer.Argument(help="The zip file of all submissions.")],
    platform: Annotated[Literal["moodle", "canvas"], typer.Option("--from", help="Where it comes from.")],
) -> None:
    """Put the notebooks of Moodle's or Canvas's archive into submitted/; says what it could not collect."""
    from autograder.grading.collecting import collect

    root, wanted = course_and_lesson(lesson)
    try:
        done = collect(root, wanted, archive, platform)
    except (ValueError, OSError) as error:
        fail(error)
    typer.echo(str(done))
    if done.odd:
        raise typer.Exit(1)


def grade(
    lesson: Annotated[str, typer.Argument(help="Number or name, such as 04 or numpy_rnn.")],
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions run at a time.")] = os.cpu_count()
    or 1,
    dask: Annotated[str, typer.Option(help="Address of a Dask scheduler to run them on instead.")] = "",
    exercise: Annotated[str, typer.Option(help="Judge only this one again, for everybody.")] = "",
) -> None:
    """Grade every submission in submitted/ for a lesson. Can be stopped at any moment and started again."""
    if dask and exercise:
        fail("--exercise judges on this machine: leave --dask out.")
    root, wanted = course_and_lesson(lesson)
    done: list[Graded] = []
    if not is_linux():
        fail(NEEDS_LINUX)
    try:
        summary = _grade(root, wanted, (jobs, dask, exercise), done)
    except (ValueError, OSError, RuntimeError) as error:
        fail(error)
    except KeyboardInterrupt:
        typer.echo(f"Stopped, with {len(done)} graded. Run the same command to go on.", err=True)
        raise typer.Exit(130) from None
    from autograder.grading.overview import tell_summary

    typer.echo(tell_summary(summary))
    if summary.ungraded:
        raise typer.Exit(1)


def _grade(root: Path, lesson: Lesson, how: tuple[int, str, str], done: list[Graded]) -> Summary:
    """Grade, and append each submission to `done` when it is in the gradebook."""
    from autograder.grading.classroom import Classroom
    from autograder.grading.progress import bar

    jobs, dask, exercise = how
    classroom = Classroom(root, lesson, exercise)
    with bar(len(classroom.students()), done) as tell:
        if dask:
            from autograder.grading.cluster import grade_on

            return grade_on(dask, classroom, tell)
        summary = classroom.grade(jobs, tell)
    if classroom.again:
        typer.echo(str(classroom.again))
    return summary


def grade_demo(
    lesson: Annotated[str, typer.Option(help="The lesson that the class hands in.")] = "01",
) -> None:
    """Grade a made-up class of thirty in demo-class/, compare with known scores, write its overview."""
    if not is_linux():
        fail(NEEDS_LINUX)
    if not (ROOT / "solutions").is_dir():
        fail(NO_COURSE.format(ROOT, repository()))
    from autograder.grading.classroom import Classroom
    from autograder.grading.demo import make_class
    from autograder.grading.overview import line, tell_summary
    from autograder.grading.teaching.overview import write_overview

    wanted, folder, lines = one_lesson(lesson), ROOT / "demo-class", {}
    students = make_class(wanted, folder)
    summary = Classroom(folder, wanted).grade(2, lambda one: lines.update({one.result.student: line(one)}))
    nbgrader(folder, "generate_feedback", wanted.name, "--student=*-*")  # the six who show one thing each
    wrong = sum(_tell(student, lines[student.name]) for student in students)
    typer.echo(f"\n{tell_summary(summary)}\nFeedback pages: {folder / 'feedback'}")
    if wrong:
        fail(f"{wrong} of {len(students)} scores are not the expected ones.")
    typer.echo(f"All {len(students)} scores are the expected ones.")
    typer.echo(f"What the class misunderstands: {write_overview(folder, wanted)[0]}")


def _tell(student: Student, got: Line) -> bool:
    """Print a made-up student's line, and why; is the score another than expected?"""
    off = abs(got.score - student.score) > 1e-9
    expected = f"   EXPECTED {student.score:g}" if off else ""
    typer.echo(f"{student.name:<22}{got.score:>5g} of {got.most:g}{expected}")
    if "-" in student.name or off:
        typer.echo("".join(f"    {sentence}\n" for sentence in got.diagnosis), nl=False)
    return off


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run an nbgrader command in a course's folder; its own words are shown only if it fails."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        fail(f"nbgrader {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")


def mount(app: typer.Typer) -> None:
    """Add these commands to the `autograder` command."""
    for command in (check, collect, grade, grade_demo):
        app.command()(command)
