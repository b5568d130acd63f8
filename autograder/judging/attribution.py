"""Several known mistakes may give the same wrong result. Which of them is it, if any?

A single result is little evidence. A mistake is believed only where it spoils nothing that the answer has
right, where chance cannot have decided, and where no more of its other results speak against it than for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise import Exercise, Mistake
from autograder.judging.compare import difference, real_where_expected
from autograder.judging.outcome import Outcome, call
from autograder.judging.verdict import Trial
from autograder.plain import leaves


class Runs:
    """What one mistake does in each trial; run when asked for, since the first trial tells most apart."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake
        self._outcomes: dict[int, Outcome] = {}

    def __getitem__(self, trial: Trial) -> Outcome:
        if id(trial) not in self._outcomes:
            made = call(self.mistake.function, trial.arguments)
            made.value = real_where_expected(made.value, trial.expected)
            self._outcomes[id(trial)] = made
        return self._outcomes[id(trial)]


@dataclass(frozen=True)
class Evidence:
    """A failed answer: its exercise, and all trials of it."""

    exercise: Exercise
    trials: list[Trial]

    @property
    def returned(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.returned]

    @property
    def wrong(self) -> list[int]:
        """Which results are wrong in some trial."""
        return sorted({i for trial in self.returned for i, found in enumerate(trial.differences) if found})

    def explained(self, runs: Runs) -> list[int]:
        """Which wrong results are those of the mistake."""
        return [i for i in self.wrong if self.agrees(runs, i)]

    def likeliest(self, mistakes: list[Runs], i: int) -> Mistake | None:
        """The mistake behind wrong result `i`: of those that fit, the one with the least against it."""
        fitting = [runs for runs in mistakes if self.agrees(runs, i) and self._tells(runs, i)]
        weighed = [(runs, *self._other_results(runs, i)) for runs in fitting]
        believed = [w for w in weighed if w[2] <= w[1] and not self._spoils_what_is_right(w[0])]
        best = min(believed, key=lambda w: (w[2], -w[1]), default=None)
        return best[0].mistake if best else None

    def agrees(self, runs: Runs, i: int) -> bool:
        """Is result `i` of the answer that of the mistake, in every trial?"""
        return all(self._same(trial, runs[trial], i) for trial in self.returned)

    def _same(self, trial: Trial, mistake: Outcome, i: int) -> bool:
        if not _has(self.exercise, mistake, i):
            return False
        ours = result_of(self.exercise, trial.outcome.value, i)
        return difference(ours, result_of(self.exercise, mistake.value, i), self.exercise.rtol) is None

    def _spoils(self, trial: Trial, mistake: Outcome, i: int) -> bool:
        """Does the mistake make result `i` of this trial wrong?"""
        if not _has(self.exercise, mistake, i):
            return True
        want = result_of(self.exercise, trial.expected, i)
        return difference(result_of(self.exercise, mistake.value, i), want, self.exercise.rtol) is not None

    def _tells(self, runs: Runs, i: int) -> bool:
        """More than one number, and not only trials of one step where the mistake shows in others as well?"""
        seen = [trial for trial in self.returned if self._spoils(trial, runs[trial], i)]
        hidden = [
            t for t in self.trials if not t.returned and not runs[t].error and self._spoils(t, runs[t], i)
        ]
        numbers = [n for trial in seen for n in _numbers(result_of(self.exercise, trial.outcome.value, i))]
        if len(numbers) < 2 or not np.any(numbers):
            return False  # zeros are wrong in many ways
        return not hidden or not all(_has_an_axis_of_one(trial) for trial in seen)

    def _other_results(self, runs: Runs, i: int) -> tuple[int, int]:
        """How many results the mistake spoils as the answer does (`i` is one), and how many otherwise."""
        spoilt = [
            j
            for j in range(len(self.exercise.returns))
            if j != i and any(self._spoils(trial, runs[trial], j) for trial in self.returned)
        ]
        alike = sum(self.agrees(runs, j) for j in spoilt)
        return 1 + alike, len(spoilt) - alike

    def _spoils_what_is_right(self, runs: Runs) -> bool:
        """Would the mistake make a result wrong that the answer has right everywhere?"""
        right = set(range(len(self.exercise.returns))) - set(self.wrong)
        return any(self._spoils(trial, runs[trial], j) for j in right for trial in self.returned)


def result_of(exercise: Exercise, value: Any, i: int) -> Any:
    """Result `i` of what a function returned."""
    return value if len(exercise.returns) == 1 else value[i]


def _has(exercise: Exercise, mistake: Outcome, i: int) -> bool:
    """Did the mistake come back with a result `i`?"""
    if mistake.error is not None:
        return False
    value = mistake.value
    return len(exercise.returns) == 1 or (isinstance(value, tuple) and len(value) > i)


def _numbers(value: object) -> list[float]:
    arrays = [np.ravel(leaf) for leaf in leaves(value) if isinstance(leaf, bool | int | float | np.ndarray)]
    return [float(number) for array in arrays for number in array]


def _has_an_axis_of_one(trial: Trial) -> bool:
    """One step, one sequence, one unit: much is the same there that is not the same elsewhere."""
    return any(1 in np.shape(leaf) for leaf in leaves(trial.arguments))
