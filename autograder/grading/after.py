"""The commands for a class that is graded, mounted in `autograder.cli`: more time, feedback, exports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from autograder.grading.commands import course_and_lesson, course_root, fail


def extend(
    student: Annotated[str, typer.Argument(help="The folder in submitted/, or the id in the class list.")],
    lesson: Annotated[str, typer.Argument(help="Number or name, such as 04 or numpy_rnn.")],
    until: Annotated[str, typer.Option(help='Such as "2026-11-25 12:00 UTC".')],
) -> None:
    """Let one student hand in later. What late work costs stands in course.toml."""
    from autograder.grading.late import extend

    root, wanted = course_and_lesson(lesson)
    try:
        typer.echo(extend(root, wanted, student, until))
    except (ValueError, OSError, RuntimeError) as error:
        fail(error)


def feedback(
    lesson: Annotated[str, typer.Argument(help="Number or name, such as 04 or numpy_rnn.")],
    archive: Annotated[Path, typer.Argument(help="The zip file of submissions that was collected.")],
    platform: Annotated[Literal["moodle", "canvas"], typer.Option("--for", help="Where it goes.")],
    to: Annotated[Path, typer.Option(help="The zip file to write.")] = Path("feedback.zip"),
) -> None:
    """Put the feedback pages into one zip file that Moodle's or Canvas's bulk upload reads."""
    from autograder.grading.pages_zip import zip_pages

    root, wanted = course_and_lesson(lesson)
    try:
        typer.echo(str(zip_pages(root, wanted, archive, platform, to)))
    except (ValueError, OSError) as error:
        fail(error)


def export(
    form: Annotated[Literal["csv", "canvas", "moodle"], typer.Option("--format")] = "csv",
    to: Annotated[Path, typer.Option(help="The file to write.")] = Path("grades.csv"),
    by: Annotated[Literal["lesson", "exercise"], typer.Option(help="Points for what?")] = "lesson",
) -> None:
    """Write everybody's grades as a table for a spreadsheet, Canvas or Moodle."""
    from autograder.grading.export import EXPORTS
    from autograder.grading.faults import FaultError, faults_said
    from autograder.grading.gradebook import open_gradebook

    root = course_root()
    try:
        with faults_said(root), open_gradebook(root) as gradebook:
            EXPORTS[form](to=str(to), by_exercise=by == "exercise").export(gradebook)
    except FaultError as error:
        fail(error)
    except OSError as error:
        fail(f"{to} cannot be written: {error.strerror}.")
    typer.echo(f"written: {to}")


def mount(app: typer.Typer) -> None:
    """Add these commands to the `autograder` command."""
    for command in (extend, feedback, export):
        app.command()(command)
