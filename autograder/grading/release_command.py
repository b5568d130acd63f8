"""The `autograder release` command, mounted in `autograder.cli`."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.grading.commands import course_and_lesson, fail, nbgrader


def release(
    lesson: Annotated[str, typer.Argument(help="Number or name, such as 04 or numpy_rnn.")],
    due: Annotated[str, typer.Option(help='Such as "2026-11-20 12:00 Europe/Berlin".')] = "",
) -> None:
    """Hand out a lesson through nbgrader's exchange; students read the due date in its head."""
    from autograder.grading.releasing import PRIVATE, RELEASED, exchange, is_private, with_due_date

    root, wanted = course_and_lesson(lesson)
    try:
        notebook = with_due_date(root, wanted, due)
        place = exchange(root)
    except (ValueError, OSError) as error:
        fail(error)
    folder = f"--CourseDirectory.release_directory={RELEASED.as_posix()}"
    nbgrader(root, "release_assignment", wanted.name, folder, "--force")
    typer.echo(f"{wanted.name} is released in {place}.")
    if is_private(place):
        fail(PRIVATE.format(place, notebook))
