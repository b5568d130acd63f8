"""Which known mistake does a wrong answer equal?

A mistake is a runnable wrong function. It is run on the same cases as the answer; when both give the same
wrong results everywhere, the answer makes that mistake, and its author reads the sentence that goes with it.
Where no mistake fits, plain patterns are tried on each wrong result: transposed, sign flipped, a factor.
"""

from __future__ import annotations

import numpy as np

from autograder.compare import difference
from autograder.exercise import Exercise, Mistake
from autograder.outcome import Outcome, call
from autograder.patterns import pattern
from autograder.verdict import Finding, Trial, Verdict


def diagnose(verdict: Verdict) -> list[Finding]:
    """Findings that explain a failed verdict, the best first; empty when nothing known fits."""
    exercise, trials = verdict.exercise, verdict.trials
    if trials[-1].outcome.error and trials[-1].outcome.error.kind == "NotImplementedError":
        return []
    runs = [
        (mistake, [call(mistake.function, trial.arguments) for trial in trials])
        for mistake in exercise.mistakes
    ]
    for mistake, outcomes in runs:
        if all(_same_outcome(exercise, t.outcome, o) for t, o in zip(trials, outcomes, strict=True)):
            return [_named(mistake, verdict.wrong_results)]
    return _merge([f for i in _wrong_indices(trials) if (f := _explain(exercise, trials, runs, i))])


def _named(mistake: Mistake, results: tuple[str, ...]) -> Finding:
    return Finding(mistake.name, mistake.message, results, mistake.credit)


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


def _result(exercise: Exercise, value: object, i: int) -> object:
    return value if len(exercise.returns) == 1 else value[i]


def _explain(
    exercise: Exercise, trials: list[Trial], runs: list[tuple[Mistake, list[Outcome]]], i: int
) -> Finding | None:
    """The mistake or pattern behind wrong result number `i`, looking at that result alone."""
    name = exercise.returns[i]
    for mistake, outcomes in runs:
        if _explains(exercise, trials, outcomes, i):
            return _named(mistake, (name,))
    pairs = [
        (trial, _result(exercise, trial.outcome.value, i))
        for trial in trials
        if trial.returned and (d := trial.differences[i]) and d.kind in ("value", "finite", "shape")
    ]
    with np.errstate(all="ignore"):  # wrong answers hold any number
        found = pattern(exercise, pairs, i)
    return found and Finding("pattern", found, (name,))


def _explains(exercise: Exercise, trials: list[Trial], outcomes: list[Outcome], i: int) -> bool:
    """Is result `i` of the answer that of the mistake wherever the answer returned, and wrong somewhere?"""
    for trial, outcome in zip(trials, outcomes, strict=True):
        if not trial.returned:
            continue
        if outcome.error is not None:
            return False
        several = len(exercise.returns) > 1
        if several and not (isinstance(outcome.value, tuple) and len(outcome.value) > i):
            return False
        ours = _result(exercise, trial.outcome.value, i)
        theirs = _result(exercise, outcome.value, i)
        if difference(ours, theirs, exercise.rtol) is not None:
            return False
    return True


def _merge(findings: list[Finding]) -> list[Finding]:
    """One finding per sentence, with all the results that it explains."""
    merged: dict[str, Finding] = {}
    for f in findings:
        before = merged.get(f.message)
        results = (*before.results, *f.results) if before else f.results
        merged[f.message] = Finding(f.name, f.message, results, f.credit)
    return list(merged.values())
