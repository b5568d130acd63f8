"""The commands that look at a graded class, mounted in `autograder.cli`. Heavy imports wait."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.grading.commands import course_and_lesson, fail

LessonName = Annotated[str, typer.Argument(help="Number or name, such as 04 or numpy_rnn.")]


def overview(
    lesson: LessonName,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="No names and no groups under five: to be shown to a class.")
    ] = False,
) -> None:
    """Write what the class misunderstands in a graded lesson: a page and a table in overview/."""
    from autograder.grading.teaching.overview import write_overview

    root, wanted = course_and_lesson(lesson)
    try:
        paths = write_overview(root, wanted, anonymous=anonymous)
    except (ValueError, OSError, RuntimeError) as error:
        fail(error)
    for path in paths:
        typer.echo(f"written: {path}")


def similar(lesson: LessonName) -> None:
    """Write which submissions are alike, both codes side by side, into overview/. It proves nothing."""
    from autograder.grading.teaching.similar import NO_PROOF, write_similar

    root, wanted = course_and_lesson(lesson)
    try:
        path, pairs, short = write_similar(root, wanted)
    except (ValueError, OSError) as error:
        fail(error)
    if short:
        typer.echo(f"Left out, because right answers are short and look alike: {', '.join(short)}.")
    typer.echo(f"{len(pairs)} pairs are alike. {NO_PROOF}\nwritten: {path}")


def mount(app: typer.Typer) -> None:
    """Add these commands to the `autograder` command."""
    for command in (overview, similar):
        app.command()(command)
