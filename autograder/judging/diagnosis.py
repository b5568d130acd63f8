"""Which known mistake does a wrong answer equal?

A mistake is a runnable wrong function. It is run on the same cases as the answer; when both give the same
wrong results everywhere, the answer makes that mistake, and its author reads the sentence that goes with it.
Where no mistake fits, plain patterns are tried on each wrong result: transposed, sign flipped, a factor.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.exercise import Exercise, Mistake
from autograder.judging.attribution import Evidence, Runs, result_of
from autograder.judging.compare import difference
from autograder.judging.outcome import Outcome
from autograder.judging.patterns import pattern
from autograder.judging.verdict import Finding, Verdict

#: After one of these, other cases would fail alike, and an endless loop would cost its time again.
HOPELESS = ("TimeLimit", "NotImplementedError")

#: The one slip that can be made in every exercise; the report says which input it was, and what to do.
INPUT_CHANGED = Finding(
    "mistake", "input_changed", "Your numbers are right, but your function changes an input.", (), 0.5, True
)


def sentences(exercise: Exercise) -> dict[str, str]:
    """By the name of each mistake that can be found in the exercise, the sentence that is told."""
    known = {mistake.name: mistake.message for mistake in exercise.mistakes}
    return known | {INPUT_CHANGED.name: INPUT_CHANGED.message}


def diagnose(verdict: Verdict) -> list[Finding]:
    """Findings that explain a failed verdict, the best first; empty when nothing known fits."""
    exercise, last = verdict.exercise, verdict.trials[-1].outcome
    if last.error and last.error.kind in HOPELESS:
        return []
    if verdict.only_inputs_changed:
        return [INPUT_CHANGED]
    trials = sorted(verdict.trials, key=lambda t: t.size)  # a small case tells most mistakes apart, and soon
    mistakes = [Runs(mistake) for mistake in exercise.mistakes]
    for runs in mistakes:
        if all(_same_outcome(exercise, trial.outcome, runs[trial]) for trial in trials):
            return [replace(_named(runs.mistake, verdict.wrong_results), whole=True)]
    evidence = Evidence(exercise, trials)
    alone = {i: _explain(evidence, mistakes, i) for i in evidence.wrong}
    names = {f.name for f in alone.values() if f and f.kind == "mistake"}
    named = [runs for runs in mistakes if runs.mistake.name in names]
    shared = [_shared(evidence, named, i, f) for i, f in alone.items()]
    found = _merge([f for f in shared if f])
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


def _explain(evidence: Evidence, mistakes: list[Runs], i: int) -> Finding | None:
    """The mistake or pattern behind wrong result number `i`, looking at that result alone."""
    exercise, returned = evidence.exercise, evidence.returned
    name, wrong = exercise.returns[i], [trial for trial in returned if trial.differences[i]]
    if known := evidence.likeliest(mistakes, i):
        return _named(known, (name,))
    pairs = [
        (trial, result_of(exercise, trial.outcome.value, i))
        for trial in wrong
        if (d := trial.differences[i]) and (d.of_numbers or d.kind == "shape")
    ]
    with np.errstate(all="ignore"):  # wrong answers hold any number
        found = pattern(exercise, pairs, i, [trial for trial in returned if not trial.differences[i]])
    if found and len(wrong) < len(returned) and "only in the cases" not in found:
        found += f" In the other cases {name} is right."
    return Finding("pattern", "", found, (name,)) if found else None


def _shared(evidence: Evidence, named: list[Runs], i: int, found: Finding | None) -> Finding | None:
    """What explains result `i`: of the mistakes that were named at all, the one that explains the most."""
    fitting = [runs for runs in named if evidence.agrees(runs, i)]
    most = max(fitting, key=lambda runs: len(evidence.explained(runs)), default=None)
    return _named(most.mistake, (evidence.exercise.returns[i],)) if most else found


def _merge(findings: list[Finding]) -> list[Finding]:
    """One finding per sentence, with all the results that it explains."""
    merged: dict[str, Finding] = {}
    for f in findings:
        before = merged.get(f.message)
        results = (*before.results, *f.results) if before else f.results
        merged[f.message] = replace(f, results=results)
    return list(merged.values())
