"""What a judgement consists of: trials of single cases, findings about them, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.exercise import Exercise
from autograder.judging.compare import Difference
from autograder.judging.outcome import Outcome
from autograder.plain import count_numbers


@dataclass
class Trial:
    """One case with what was expected of it and what the answer made of it."""

    arguments: tuple[Any, ...]
    expected: Any
    outcome: Outcome
    #: One entry per result of the exercise: None where it is right. Empty where the call failed.
    differences: tuple[Difference | None, ...] = ()

    @property
    def returned(self) -> bool:
        """Did the call come back with the right number of results, so that each can be looked at?"""
        counted = not any(d is not None and d.kind == "count" for d in self.differences)
        return self.outcome.error is None and counted

    @property
    def passed(self) -> bool:
        ran = self.outcome.error is None and not self.outcome.modified
        return ran and bool(self.differences) and not any(self.differences)

    @property
    def severity(self) -> int:
        """0 for an exception, 1 for a result of the wrong kind, 2 for wrong numbers."""
        if self.outcome.error:
            return 0
        return 2 if all(found.of_numbers for found in self.differences if found) else 1

    @property
    def size(self) -> int:
        """How many numbers a person has to read to understand this case."""
        return count_numbers(self.arguments)


@dataclass(frozen=True)
class Finding:
    """One sentence on what went wrong, and the results that it explains."""

    #: "mistake": a named one; "repair": an edit of the learner's own code; "pattern": a plain one.
    kind: Literal["mistake", "repair", "pattern"]
    name: str
    message: str
    results: tuple[str, ...]
    credit: float = 0.0
    #: Does it explain every case as a whole, exceptions too, and not only some results?
    whole: bool = False
    #: Of a repair: the lines as they should be. For whoever has read every hint.
    mended: str = ""
    #: Of a repair: the line that is wrong, its number and its code, and what is wrong with it.
    line: int = 0
    code: str = ""
    what: str = ""


@dataclass
class Verdict:
    """What the judge found."""

    exercise: Exercise
    trials: list[Trial]
    #: How many cases there are; fewer trials were run when going on was pointless.
    cases: int
    findings: list[Finding] = field(default_factory=list)
    #: Who says what is right, and why recorded results were not used ('' where they were).
    by: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        return len(self.trials) == self.cases and all(trial.passed for trial in self.trials)

    @property
    def credit(self) -> float:
        """The share of the points earned, 0 to 1: what the least of the named mistakes is worth."""
        if self.passed:
            return 1.0
        return min((finding.credit for finding in self.findings), default=0.0)

    @property
    def only_inputs_changed(self) -> bool:
        """Is every result right, and all that went wrong is that the function changed its inputs?"""
        right = all(t.returned and t.differences and not any(t.differences) for t in self.trials)
        return right and len(self.trials) == self.cases and not self.passed

    @property
    def failures(self) -> list[Trial]:
        """The failing trials: those that raise, then wrong shapes and types, then numbers; smallest first."""
        return sorted((t for t in self.trials if not t.passed), key=lambda t: (t.severity, t.size))

    @property
    def wrong_numbers(self) -> set[str]:
        """Names of the results whose numbers or shape are wrong; a wrong type speaks for itself."""
        return {name for name, found in self._found() if found.of_numbers or found.kind == "shape"}

    @property
    def wrong_results(self) -> tuple[str, ...]:
        """Names of the results that are wrong in some trial that returned."""
        wrong = {name for name, _ in self._found()}
        return tuple(name for name in self.exercise.returns if name in wrong)

    def _found(self) -> list[tuple[str, Difference]]:
        """What is wrong in the trials that returned, each with its result's name."""
        returned = [t.differences for t in self.trials if t.returned]
        return [
            (n, found)
            for row in returned
            for n, found in zip(self.exercise.returns, row, strict=True)
            if found
        ]
