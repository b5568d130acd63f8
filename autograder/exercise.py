"""What an exercise is: a reference in PyTorch, cases to judge on, and the mistakes it recognises."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Cases = Callable[[np.random.Generator], Iterator[tuple]]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that we recognise: `function` is that answer, runnable, in NumPy."""

    name: str
    message: str
    credit: float
    function: Callable


@dataclass
class Exercise:
    """One function that the learner writes. Declared with `@exercise`, next to its cases and mistakes."""

    name: str
    reference: Callable
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
        """Stem of the lesson, which is also the stem of the module that declares the exercise."""
        return self.reference.__module__.rsplit(".", 1)[-1]

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the learner's arguments, in order."""
        return tuple(inspect.signature(self.reference).parameters)

    def cases(self, make_cases: Cases) -> Cases:
        """Declare the cases: a generator of argument tuples, distinct prime sizes first, then edges."""
        self.make_cases = make_cases
        return make_cases

    def mistake(self, message: str, credit: float = 0) -> Callable[[Callable], Callable]:
        """Declare a wrong answer with the one sentence that its author should read."""
        if not 0 <= credit < 1:
            raise ValueError(f"credit is the share of the points earned, in [0, 1): got {credit}")

        def declare(function: Callable) -> Callable:
            self.mistakes.append(Mistake(function.__name__, message, credit, function))
            return function

        return declare

    def draw_cases(self, seed: int) -> list[tuple]:
        """The cases for one seed: the same seed gives the same numbers on every machine."""
        if self.make_cases is None:
            raise ValueError(f"exercise {self.name} has no cases: add @{self.name}.cases")
        cases = list(self.make_cases(np.random.default_rng(seed)))
        if not cases:
            raise ValueError(f"the cases of {self.name} yield nothing, so that every answer would pass")
        return cases


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
) -> Callable[[Callable[..., Any]], Exercise]:
    """Turn a PyTorch reference into an Exercise and register it under the function's name.

    `returns` names the results; one name means that the learner returns that value itself, more that
    they return a tuple. `source` cites the paper or section. `difficulty` is 1 to 3, `minutes` an
    estimate for a first-time reader. `rtol` is the relative tolerance of the comparison in float64.
    """

    def declare(reference: Callable[..., Any]) -> Exercise:
        name = reference.__name__
        if isinstance(returns, str) or isinstance(hints, str):
            raise TypeError(f"{name}: returns and hints are tuples; one entry needs a comma, as in ('y',)")
        if name in EXERCISES and EXERCISES[name].reference.__module__ != reference.__module__:
            raise ValueError(f"two exercises are called {name}: names are unique in the course")
        made = Exercise(name, reference, returns, points, hints, source, difficulty, minutes, rtol)
        EXERCISES[name] = made
        return made

    return declare
