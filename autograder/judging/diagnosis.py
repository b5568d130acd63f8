"""Which known mistake does a wrong answer equal?

A mistake is a runnable wrong function. It is run on the same cases as the answer; when both give the same
wrong results everywhere, the answer makes that mistake, and its author reads the sentence that goes with it.
Where no mistake fits, plain patterns are tried on each wrong result: transposed, sign flipped, a factor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Exercise, Mistake
from autograder.judging.compare import difference
from autograder.judging.outcome import Outcome, call
from autograder.judging.patterns import pattern
from autograder.judging.verdict import Finding, Trial, Verdict
from autograder.plain import count_numbers

#: After one of these, other cases would fail alike, and an endless loop would cost its time again.
HOPELESS = ("TimeLimit", "NotImplementedError")

#: The one slip that can be made in every exercise; the report says which input it was, and what to do.
INPUT_CHANGED = Finding(
    "mistake", "input_changed", "Your numbers are right, but an input is changed on the way.", (), 0.5, True
)


class _Runs:
    """What one mistake does in each trial; run when asked for, since the first trial tells most apart."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake
        self._outcomes: dict[int, Outcome] = {}

    def __getitem__(self, trial: Trial) -> Outcome:
        if id(trial) not in self._outcomes:
            self._outcomes[id(trial)] = call(self.mistake.function, trial.arguments)
        return self._outcomes[id(trial)]


def diagnose(verdict: Verdict) -> list[Finding]:
    """Findings that explain a failed verdict, the best first; empty when nothing known fits."""
    exercise, last = verdict.exercise, verdict.trials[-1].outcome
    if last.error and last.error.kind in HOPELESS:
        return []
    if verdict.only_inputs_changed:
        return [INPUT_CHANGED]
    trials = sorted(verdict.trials, key=lambda t: t.size)  # a small case tells most mistakes apart, and soon
    mistakes = [_Runs(mistake) for mistake in exercise.mistakes]
    for runs in mistakes:
        if all(_same_outcome(exercise, trial.outcome, runs[trial]) for trial in trials):
            return [replace(_named(runs.mistake, verdict.wrong_results), whole=True)]
    wrong = _wrong_indices(trials)
    found = _merge([f for i in wrong if (f := _explain(exercise, trials, mistakes, i))])
    if _explains_all(verdict, found):
        return found
    return [
        replace(f, credit=0.0) for f in found
    ]  # part of the points is for mistakes that we know, not for more


def _explains_all(verdict: Verdict, found: list[Finding]) -> bool:
    """Is there nothing wrong besides the results that `found` explains?"""
    results = {name for finding in found for name in finding.results}
    came_back = all(trial.returned and not trial.outcome.modified for trial in verdict.failures)
    return came_back and results.issuperset(verdict.wrong_results)


def _named(mistake: Mistake, results: tuple[str, ...]) -> Finding:
    return Finding("mistake", mistake.name, mistake.message, results, mistake.credit)


def _same_outcome(exercise: Exercise, answer: Outcome, mistake: Outcome) -> bool:
    """Did the answer do exactly what the mistake does: same results, same exception, same inputs changed?"""
    if answer.error or mistake.error:
        return (
            answer.error is not None
            and mistake.error is not None
            and (answer.error.kind, answer.error.text) == (mistake.error.kind, mistake.error.text)
        )
    if answer.modified != mistake.modified:
        return False
    return difference(answer.value, mistake.value, exercise.rtol) is None


def _wrong_indices(trials: list[Trial]) -> list[int]:
    returned = [trial for trial in trials if trial.returned]
    return sorted({i for t in returned for i, d in enumerate(t.differences) if d})


def _result(exercise: Exercise, value: Any, i: int) -> Any:
    return value if len(exercise.returns) == 1 else value[i]


def _explain(exercise: Exercise, trials: list[Trial], mistakes: list[_Runs], i: int) -> Finding | None:
    """The mistake or pattern behind wrong result number `i`, looking at that result alone."""
    name, returned = exercise.returns[i], [trial for trial in trials if trial.returned]
    wrong = [trial for trial in returned if trial.differences[i]]
    if (
        sum(count_numbers(_result(exercise, trial.expected, i)) for trial in wrong) > 1
    ):  # one number fits too much
        for runs in mistakes:
            same = all(_same_result(exercise, trial, runs[trial], i) for trial in returned)
            if same and not _spoils_more(exercise, returned, runs):
                return _named(runs.mistake, (name,))
    pairs = [
        (trial, _result(exercise, trial.outcome.value, i))
        for trial in wrong
        if (d := trial.differences[i]) and (d.of_numbers or d.kind == "shape")
    ]
    with np.errstate(all="ignore"):  # wrong answers hold any number
        found = pattern(exercise, pairs, i, [trial for trial in returned if not trial.differences[i]])
    if found and len(wrong) < len(returned) and "only in the cases" not in found:
        found += f" In the other cases {name} is right."
    return Finding("pattern", "", found, (name,)) if found else None


def _spoils_more(exercise: Exercise, trials: list[Trial], runs: _Runs) -> bool:
    """Would the mistake make a result wrong that the answer has right everywhere? Then it is another one."""
    right = set(range(len(exercise.returns))) - set(_wrong_indices(trials))
    return any(
        difference(_result(exercise, runs[trial].value, j), trial.expected[j], exercise.rtol) is not None
        for j in right
        for trial in trials
    )


def _same_result(exercise: Exercise, trial: Trial, mistake: Outcome, i: int) -> bool:
    """Is result `i` of the answer that of the mistake, in this trial?"""
    if mistake.error is not None:
        return False
    several = len(exercise.returns) > 1
    if several and not (isinstance(mistake.value, tuple) and len(mistake.value) > i):
        return False
    ours = _result(exercise, trial.outcome.value, i)
    return difference(ours, _result(exercise, mistake.value, i), exercise.rtol) is None


def _merge(findings: list[Finding]) -> list[Finding]:
    """One finding per sentence, with all the results that it explains."""
    merged: dict[str, Finding] = {}
    for f in findings:
        before = merged.get(f.message)
        results = (*before.results, *f.results) if before else f.results
        merged[f.message] = replace(f, results=results)
    return list(merged.values())
