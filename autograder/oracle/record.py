"""What PyTorch answered to the open cases and to those that confirm, kept in one small file per lesson.

The arguments are kept too: where matrix products end in other last bits (another BLAS, WebAssembly), a
case that is drawn anew would no longer be the one that was answered.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.exercise import CONFIRM_SEED, OPEN_SEED, Exercise
from autograder.oracle.sources import fingerprint
from autograder.packing import PackError, pack, unpack

FOLDER = Path(__file__).parent / "recorded"
#: What is recorded; all other seeds are fresh inputs.
SEEDS = (OPEN_SEED, CONFIRM_SEED)


class NotRecordedError(LookupError):
    """There are no recorded results that fit. The message is one sentence."""


#: (arguments, expected result) of each case.
Cases = list[tuple[tuple[Any, ...], Any]]


@dataclass(frozen=True)
class Recorded:
    """The cases of one exercise for one seed, and who answered."""

    cases: Cases
    by: str


@dataclass(frozen=True)
class LessonRecord:
    """What is recorded for a lesson, and who answered: each exercise's fingerprint, and its cases by seed."""

    by: str
    exercises: dict[str, tuple[str, dict[int, Cases]]]


def path_of(lesson: str) -> Path:
    """The file of a lesson's record."""
    return FOLDER / f"{lesson}.record"


def recorded(exercise: Exercise, seed: int) -> Recorded:
    """The recorded cases of an exercise for one of `SEEDS`.

    Raises NotRecordedError where there are none, or where its cases or its reference were changed since.
    """
    lesson = read(exercise.lesson)
    if exercise.name not in lesson.exercises:
        raise NotRecordedError(f"No results are recorded for {exercise.name}.")
    stamp, by_seed = lesson.exercises[exercise.name]
    if stamp != fingerprint(exercise):
        raise NotRecordedError(f"{exercise.name} was changed since its results were recorded.")
    return Recorded(by_seed[seed], lesson.by)


@lru_cache(maxsize=64)
def read(lesson: str) -> LessonRecord:
    """A lesson's record.

    Raises NotRecordedError if there is none, or if it is damaged.
    """
    try:
        found = unpack(zlib.decompress(path_of(lesson).read_bytes()))
        entries = {
            name: (str(entry["fingerprint"]), {seed: list(entry[str(seed)]) for seed in SEEDS})
            for name, entry in found["exercises"].items()
        }
        return LessonRecord(str(found["by"]), entries)
    except FileNotFoundError:
        raise NotRecordedError(f"No results are recorded for lesson {lesson}.") from None
    except (zlib.error, PackError, TypeError, KeyError, ValueError, AttributeError):
        raise NotRecordedError(f"The recorded results of lesson {lesson} are damaged.") from None


def write(lesson: str, made: LessonRecord) -> None:
    """Write a lesson's record; the same contents are the same bytes."""
    FOLDER.mkdir(exist_ok=True)
    entries = {
        name: {"fingerprint": stamp} | {str(seed): cases for seed, cases in by_seed.items()}
        for name, (stamp, by_seed) in made.exercises.items()
    }
    path_of(lesson).write_bytes(zlib.compress(pack({"by": made.by, "exercises": entries}), 9))
    read.cache_clear()
