"""Record what PyTorch answers, so that checks need no PyTorch."""

from __future__ import annotations

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Exercise
from autograder.judging.compare import difference
from autograder.lessons import Lesson
from autograder.oracle.record import SEEDS, Cases, LessonRecord, NotRecordedError, read, write
from autograder.oracle.sources import fingerprint


def record(lesson: Lesson) -> str:
    """Write the lesson's record if it is missing or does not fit; returns what was done, in a word.

    PyTorch answers on the CPU, whatever else there is, so that every machine records the same.
    """
    exercises = [e for e in EXERCISES.values() if e.lesson == lesson.stem]
    if not stale(lesson.stem, exercises):
        return "unchanged"
    from autograder.oracle.pytorch import VERSION

    entries = {e.name: (fingerprint(e), {seed: answered(e, seed) for seed in SEEDS}) for e in exercises}
    write(lesson.stem, LessonRecord(VERSION, entries))
    return "recorded"


def stale(stem: str, exercises: list[Exercise]) -> bool:
    """Is there an exercise without a fitting entry, or an entry without an exercise?"""
    try:
        kept = read(stem).exercises
    except NotRecordedError:
        return True
    return {name: stamp for name, (stamp, _) in kept.items()} != {e.name: fingerprint(e) for e in exercises}


def answered(exercise: Exercise, seed: int) -> Cases:
    """The cases for a seed, drawn here and answered on the CPU."""
    from autograder.oracle.pytorch import CPU, expected_result

    return [(case, expected_result(exercise, case, CPU)) for case in exercise.draw_cases(seed)]


def disagreements(exercise: Exercise) -> list[str]:
    """Where the record differs from what PyTorch answers now, beyond the exercise's tolerance."""
    _, by_seed = read(exercise.lesson).exercises[exercise.name]
    found = []
    for seed, kept in by_seed.items():
        now = answered(exercise, seed)
        if len(kept) != len(now):
            return [f"{len(kept)} cases are recorded, and {len(now)} are drawn"]
        found += [difference(k, n, exercise.rtol) for k, n in zip(kept, now, strict=True)]
    return [str(difference) for difference in found if difference]
