"""What grading recorded of a class: every student's tests, and who has none that counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import autograder.exercises  # noqa: F401  fills the registry
from autograder.grading.classroom import Classroom
from autograder.grading.results import Result, Test, judge_key, last_result
from autograder.lessons import Lesson

NOBODY = "Nobody is graded in lesson {lesson} yet: `autograder grade {number}` does it."
ALL_OLD = (
    "All {count} results of lesson {lesson} are of an older edition of its exercises, of the judge, or of "
    "course.toml: run `autograder grade {number}`, then this again."
)


@dataclass
class Marks:
    """The tests of everybody who is graded by the judge as it is now."""

    lesson: Lesson
    #: Exercise -> the points that it is worth, in the lesson's order.
    points: dict[str, float]
    #: Student -> exercise -> what came of it.
    tests: dict[str, dict[str, Test]] = field(default_factory=dict)
    #: Whose result is of an older edition, and who handed in and has none.
    outdated: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)

    def total(self, student: str) -> float:
        """A student's points as the judge gave them: no penalties, no scores given by hand."""
        return sum(test.score for test in self.tests[student].values())

    @property
    def most(self) -> float:
        return sum(self.points.values())


def class_marks(root: Path, lesson: Lesson) -> Marks:
    """What was recorded of the class in `root`. Raises ValueError where there is nothing to look at."""
    classroom = Classroom(root, lesson)
    handed_in = classroom.students()
    found = {student: last_result(root, lesson.name, student) for student in handed_in}
    graded = {student: result for student, result in found.items() if result}
    if not graded:
        raise ValueError(NOBODY.format(lesson=lesson.name, number=lesson.number))
    present = judge_key(lesson.name, classroom.seed, classroom.credits)
    current = {s: r for s, r in graded.items() if r.key.endswith(f"-{present}")}
    if not current:
        words = {"count": len(graded), "lesson": lesson.name, "number": lesson.number}
        raise ValueError(ALL_OLD.format(**words))
    tests = {student: _by_exercise(result) for student, result in current.items()}
    first = next(iter(tests.values()))
    return Marks(
        lesson,
        {name: test.points for name, test in first.items()},
        tests,
        [s for s in graded if s not in current],
        [s for s in handed_in if s not in graded],
    )


def _by_exercise(result: Result) -> dict[str, Test]:
    return {name.removeprefix("test_"): test for name, test in result.tests.items()}
