"""The same grading on a Dask cluster: submissions travel as text, and the one writer stays here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.grading.classroom import Classroom
from autograder.grading.graded import Graded, Summary, Ungraded, ungraded
from autograder.grading.results import from_dict
from autograder.grading.single import grader

if TYPE_CHECKING:
    from distributed import Client, Future

_one_at_a_time = threading.Lock()


def grade_remotely(seed: str, credits: str, about: dict[str, Any], notebook: str) -> dict[str, Any]:
    """On a worker: grade a rebuilt notebook (as text). The worker keeps its judge and its sandbox warm."""
    with _one_at_a_time:
        made = grader(seed, credits).grade(nbformat.reads(notebook, as_version=4), from_dict(about))
    return asdict(made)


def grade_on(
    address: str, classroom: Classroom, tell: Callable[[Graded], None], timeout: float = 20.0
) -> Summary:
    """Grade everybody on the cluster at `address`. Raises OSError if it cannot be reached."""
    from distributed import Client

    with Client(address, timeout=timeout) as client:
        return classroom.collect(_finished(client, classroom), tell)


def _finished(client: Client, classroom: Classroom) -> Iterator[Graded | Ungraded]:
    """Hand everything out, then take results as they come; what is kept from before is not sent."""
    from distributed import as_completed

    waiting: dict[Future[dict[str, Any]], Graded] = {}
    for student in classroom.students():
        try:
            one = classroom.begin(student)
            if one.again:
                yield classroom.finish(one)
                continue
        except Exception as error:
            yield ungraded(student, error)
            continue
        about, text = asdict(one.result), nbformat.writes(one.made.notebook)
        task = (classroom.seed, classroom.credits, about, text)
        waiting[client.submit(grade_remotely, *task, pure=False)] = one
    for future in as_completed(waiting):
        one = waiting[future]
        try:
            one.result = from_dict(future.result())
            yield classroom.finish(one)
        except Exception as error:
            yield ungraded(one.result.student, error)
