"""The `autograder` command."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.edition import commands as edition_commands
from autograder.grading import after, commands
from autograder.grading.commands import fail, one_lesson
from autograder.grading.release_command import release
from autograder.grading.teaching import commands as teaching_commands

app = typer.Typer(
    help="Start the course, check notebooks, follow your progress, grade a class, build the notebooks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

edition_commands.mount(app)
Lessons = Annotated[
    list[str] | None, typer.Argument(help="Numbers or names, such as 04 or numpy_rnn. Default: all.")
]


@app.command()
def build(
    lessons: Lessons = None,
    execute: Annotated[
        bool, typer.Option(help="Run changed lessons, so that solutions show outputs.")
    ] = True,
) -> None:
    """Make course/ and solutions/ from lessons/, and record what PyTorch answers to the open cases.

    Only what changed is run; nobody's work is overwritten.
    """
    from autograder.authoring import build as builder
    from autograder.authoring.author import LessonError
    from autograder.authoring.recording import record
    from autograder.lessons import find_lessons

    refused = []
    try:
        for lesson in find_lessons(lessons or []):
            try:
                results = record(lesson)
                notebooks = builder.build(lesson, execute=execute)
                typer.echo(f"{lesson.name}: notebooks {notebooks}, results {results}")
            except builder.WorkedInError as error:
                refused.append(str(error))
    except (ValueError, LessonError) as error:
        fail(error)
    if refused:
        fail("\n".join(refused))


@app.command()
def progress() -> None:
    """Show how far you are: exercises and points per lesson."""
    from autograder.learner.words import progress as show_progress

    show_progress()


@app.command()
def new(
    exercise: Annotated[str, typer.Argument(help="The function's name, such as rnn_step.")],
    lesson: Annotated[str, typer.Option(help="Number or name of the lesson it belongs to.")],
) -> None:
    """Start a new exercise: writes stubs of its cell, its declaration and its reference."""
    from autograder.authoring.scaffold import add_exercise

    try:
        for path in add_exercise(exercise, one_lesson(lesson)):
            typer.echo(f"stub written: {path}")
    except ValueError as error:
        fail(error)


commands.mount(app)
app.command()(release)
after.mount(app)
teaching_commands.mount(app)
