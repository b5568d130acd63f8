"""The same grading on a Dask cluster: submissions travel as text, and the one writer stays here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict

import nbformat

from autograder.grading.classroom import Classroom, Graded, Summary
from autograder.grading.notebooks import Rebuilt
from autograder.grading.results import Result, from_dict
from autograder.grading.single import grader

_one_at_a_time = threading.Lock()


def grade_remotely(seed: str, about: dict, notebook: str) -> dict:
    """On a worker: grade a rebuilt notebook (as text). The worker keeps its judge and its sandbox warm."""
    with _one_at_a_time:
        made = grader(seed).grade(nbformat.reads(notebook, as_version=4), from_dict(about))
    return asdict(made)


def grade_on(
    address: str, classroom: Classroom, tell: Callable[[Graded], None], timeout: float = 20.0
) -> Summary:
    """Grade everybody on the cluster at `address`. Raises OSError if it cannot be reached."""
    from distributed import Client

    with Client(address, timeout=timeout) as client:
        return classroom.collect(_finished(client, classroom), tell)


def _finished(client: object, classroom: Classroom) -> Iterator[Graded]:
    """Hand everything out, then take results as they come; whatever is kept from before is not sent."""
    from distributed import as_completed

    waiting: dict[object, str] = {}

    class Sent(Exception):  # noqa: N818  not an error: this one is on its way
        pass

    def send(result: Result, made: Rebuilt) -> Result:
        text = nbformat.writes(made.notebook)
        waiting[client.submit(grade_remotely, classroom.seed, asdict(result), text, pure=False)] = (
            result.student
        )
        raise Sent

    for student in classroom.students():
        try:
            yield classroom.graded(student, send)
        except Sent:
            continue
    for future in as_completed(waiting):
        answer = from_dict(future.result())
        yield classroom.graded(waiting[future], lambda _result, _made, answer=answer: answer)
