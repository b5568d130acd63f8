"""The figures of each exercise: how many had it right, how hard it is, how well it tells students apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.grading.results import Test
from autograder.grading.teaching.marks import Marks

State = Literal["right", "partial", "wrong", "blank"]
STATES: tuple[State, ...] = ("right", "partial", "wrong", "blank")
#: A group of fewer students is not shown to a class: somebody could be known by it.
SMALLEST_GROUP = 5


@dataclass(frozen=True)
class Figures:
    """Of one exercise. `difficulty` is the mean share of its points, so that a high one is an easy one."""

    exercise: str
    points: float
    counts: dict[State, int]
    difficulty: float
    #: Correlation of its points with those of the rest of the lesson; None where either is the same for all.
    discrimination: float | None

    @property
    def students(self) -> int:
        return sum(self.counts.values())


def state(test: Test) -> State:
    """What a student made of an exercise."""
    if test.score >= test.points:
        return "right"
    return "partial" if test.score > 0 else "blank" if test.blank else "wrong"


def class_figures(marks: Marks) -> list[Figures]:
    """The figures of all exercises, in their order.

    Discrimination is the corrected item-total correlation: the exercise itself is left out of the total
    (Henrysson 1963, Psychometrika 28, 211-218).
    """
    names = list(marks.points)
    shares = np.array([[tests[n].score / tests[n].points for n in names] for tests in marks.tests.values()])
    scores = shares * np.array(list(marks.points.values()))
    rest = scores.sum(axis=1, keepdims=True) - scores
    made = []
    for i, name in enumerate(names):
        counted = Counter(state(tests[name]) for tests in marks.tests.values())
        counts = {which: counted[which] for which in STATES}
        correlation = _correlation(scores[:, i], rest[:, i])
        made.append(Figures(name, marks.points[name], counts, float(shares[:, i].mean()), correlation))
    return made


def _correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    if len(a) < 3 or np.ptp(a) < 1e-12 or np.ptp(b) < 1e-12:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def protected(counts: dict[State, int]) -> dict[State, int | None]:
    """Counts as a class may see them: None for groups under five.

    Where only one group is hidden, or fewer than five students in all, the others give it away by the sum:
    then the next smallest is hidden, too.
    """
    hidden = {name for name, count in counts.items() if 0 < count < SMALLEST_GROUP}
    open_ = sorted((name for name in counts if counts[name] and name not in hidden), key=counts.__getitem__)
    while open_ and hidden and (len(hidden) == 1 or sum(counts[n] for n in hidden) < SMALLEST_GROUP):
        hidden.add(open_.pop(0))
    return {name: None if name in hidden else count for name, count in counts.items()}
