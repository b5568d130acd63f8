"""What an exercise is: its arguments, cases to judge on, and the mistakes it recognises. NumPy only.

What is right is said elsewhere, by the function of the same name in autograder/references/.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.plain import same_plain

Cases = Callable[[np.random.Generator], Iterator[tuple[Any, ...]]]
Function = Callable[..., Any]

#: The seed of a learner's own checks; graded runs add a secret one.
OPEN_SEED = 0
#: The seed on which an explanation found by search must hold as well before it is told.
CONFIRM_SEED = 1


class ExerciseError(ValueError):
    """A declaration breaks a rule; the message names the exercise, its file and the rule."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that we recognise: `function` is that answer, runnable, in NumPy."""

    name: str
    message: str
    credit: float
    function: Function


@dataclass
class Exercise:
    """One function that the learner writes. Declared with `@exercise`, followed by its cases and mistakes."""

    name: str
    #: The module that declares it, such as autograder.exercises.numpy_rnn.rnn_step.
    module: str
    #: Names of the learner's arguments, in order.
    arguments: tuple[str, ...]
    returns: tuple[str, ...]
    points: int
    hints: tuple[str, ...]
    source: str
    difficulty: int
    minutes: int
    rtol: float
    make_cases: Cases | None = None
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def lesson(self) -> str:
        """Stem of the lesson, which is also the folder that the exercise's file lies in."""
        return self.module.split(".")[-2]

    def cases(self, make_cases: Cases) -> Cases:
        """Declare the cases: a generator of argument tuples, distinct prime sizes first, then edges."""
        self.make_cases = make_cases
        return make_cases

    def mistake(self, message: str, credit: float = 0) -> Callable[[Function], Function]:
        """Declare a wrong answer with the one sentence that its author should read."""

        def declare(function: Function) -> Function:
            self.add_mistake(function.__name__, function, message, credit)
            return function

        return declare

    def add_mistake(self, name: str, function: Function, message: str, credit: float = 0) -> None:
        """Declare a wrong answer under a name of its own: for families that differ in one switch."""
        if not 0 <= credit < 1:
            raise ExerciseError(
                f"{self.name}, {name}: credit is the share of the points earned, in [0, 1): got {credit}"
            )
        function.__name__ = function.__qualname__ = name
        self.mistakes.append(Mistake(name, message, credit, function))

    def draw_cases(self, seed: int) -> list[tuple[Any, ...]]:
        """The cases for one seed: the same seed gives the same numbers on every machine.

        Those of another seed than the open one are fresh: a case that is the same for every seed is left
        out, so that nothing is earned by knowing the open cases by heart. Raises ExerciseError where no
        case is left.
        """
        if self.make_cases is None:
            raise ExerciseError(f"exercise {self.name} has no cases: add @{self.name}.cases")
        cases = list(self.make_cases(np.random.default_rng(seed)))
        if not cases:
            raise ExerciseError(f"the cases of {self.name} yield nothing, so that every answer would pass")
        if seed == OPEN_SEED:
            return cases
        known = self.draw_cases(OPEN_SEED)
        fresh = [case for case in cases if not any(same_plain(case, other) for other in known)]
        if not fresh:
            raise ExerciseError(f"the cases of {self.name} are the same for every seed: draw some from rng")
        return fresh


#: Every exercise of the course by name; `import autograder.exercises` fills it.
EXERCISES: dict[str, Exercise] = {}


def exercise(
    *,
    points: int,
    returns: tuple[str, ...],
    hints: tuple[str, ...],
    source: str,
    difficulty: int = 1,
    minutes: int = 10,
    rtol: float = 1e-7,
) -> Callable[[Function], Exercise]:
    """Make an Exercise of a bare signature, `def rnn_step(x, h_prev, ...): ...`, and register it.

    `returns` names the results; one name means that the learner returns that value itself, more that
    they return a tuple. `source` cites the paper or section. `difficulty` is 1 to 3, `minutes` an
    estimate for a first-time reader. `rtol` is the relative tolerance of the comparison in float64.
    """

    def declare(signature: Function) -> Exercise:
        name, module = signature.__name__, signature.__module__
        if any(isinstance(entries, str) for entries in (returns, hints)):
            raise ExerciseError(
                f"{name}: returns and hints are tuples; one entry needs a comma, as in ('y',)"
            )
        if name in EXERCISES and EXERCISES[name].module != module:
            raise ExerciseError(
                f"two exercises are called {name}, in {EXERCISES[name].module} and in {module}: "
                "names are unique in the course"
            )
        arguments = tuple(inspect.signature(signature).parameters)
        made = Exercise(name, module, arguments, returns, points, hints, source, difficulty, minutes, rtol)
        EXERCISES[name] = made
        return made

    return declare
