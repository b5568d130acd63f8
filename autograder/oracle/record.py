"""What PyTorch answered to the open cases, kept in one small file per lesson.

The arguments are kept too: where matrix products end in other last bits (another BLAS, WebAssembly), a
case that is drawn anew would no longer be the one that was answered.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.exercise import Exercise
from autograder.oracle.sources import fingerprint
from autograder.packing import PackError, pack, unpack

FOLDER = Path(__file__).parent / "recorded"


class NotRecordedError(LookupError):
    """There are no recorded results that fit. The message is one sentence."""


#: (arguments, expected result) of each case.
Cases = list[tuple[tuple[Any, ...], Any]]


@dataclass(frozen=True)
class Recorded:
    """The open cases of one exercise, and who answered."""

    cases: Cases
    by: str


@dataclass(frozen=True)
class LessonRecord:
    """What is recorded for a lesson, and who answered: the fingerprint of each exercise, and its cases."""

    by: str
    exercises: dict[str, tuple[str, Cases]]


def path_of(lesson: str) -> Path:
    """The file of a lesson's record."""
    return FOLDER / f"{lesson}.record"


def recorded(exercise: Exercise) -> Recorded:
    """The recorded cases of an exercise.

    Raises NotRecordedError where there are none, or where its cases or its reference were changed since.
    """
    lesson = read(exercise.lesson)
    if exercise.name not in lesson.exercises:
        raise NotRecordedError(f"No results are recorded for {exercise.name}.")
    stamp, cases = lesson.exercises[exercise.name]
    if stamp != fingerprint(exercise):
        raise NotRecordedError(f"{exercise.name} was changed since its results were recorded.")
    return Recorded(cases, lesson.by)


@lru_cache(maxsize=64)
def read(lesson: str) -> LessonRecord:
    """A lesson's record.

    Raises NotRecordedError if there is none, or if it is damaged.
    """
    try:
        found = unpack(zlib.decompress(path_of(lesson).read_bytes()))
        entries = {n: (str(e["fingerprint"]), list(e["cases"])) for n, e in found["exercises"].items()}
        return LessonRecord(str(found["by"]), entries)
    except FileNotFoundError:
        raise NotRecordedError(f"No results are recorded for lesson {lesson}.") from None
    except (zlib.error, PackError, TypeError, KeyError, ValueError, AttributeError):
        raise NotRecordedError(f"The recorded results of lesson {lesson} are damaged.") from None


def write(lesson: str, made: LessonRecord) -> None:
    """Write a lesson's record; the same contents are the same bytes."""
    FOLDER.mkdir(exist_ok=True)
    entries = {name: {"fingerprint": f, "cases": cases} for name, (f, cases) in made.exercises.items()}
    path_of(lesson).write_bytes(zlib.compress(pack({"by": made.by, "exercises": entries}), 9))
    read.cache_clear()
