"""Say a verdict to a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from autograder.judging.verdict import Trial, Verdict
from autograder.learner.pages import report_html
from autograder.learner.sentences import (
    argument_words,
    error_sentence,
    modified_sentence,
    only_changed_sentence,
    wrong_sentence,
)

UNPROVEN = "Your function calls {names}, not passed so far: check there first, the fault may lie there."


@dataclass
class Report:
    """The parts of a report in reading order; an empty part is left out."""

    passed: bool
    headline: str
    diagnosis: list[str]
    results: list[tuple[bool, str]]
    case: str
    next_step: str
    printed: str = ""

    def __str__(self) -> str:
        lines = [f"{'✓' if self.passed else '✗'} {self.headline}", *self.diagnosis]
        lines += [f"  {'✓' if right else '✗'} {text}" for right, text in self.results]
        lines += [part for part in (self.case, self.next_step) if part]
        if self.printed:
            printed = self.printed.splitlines()
            lines += [
                "Your function printed:",
                *(f"  {x}" for x in printed[:20]),
                *["  …"] * (len(printed) > 20),
            ]
        return "\n".join(lines)

    def to_html(self) -> str:
        """A self-contained HTML fragment. Everything a learner wrote is escaped."""
        return report_html(self)


def make_report(
    verdict: Verdict, hints_left: int = 0, *, open_inputs: bool = True, unproven: Collection[str] = ()
) -> Report:
    """The report of a verdict. `open_inputs=False` leaves out what the inputs were.

    `unproven` names other exercises that the answer calls and that have not passed their own checks.
    """
    name = verdict.exercise.name
    shown_first = (*verdict.failures, *verdict.trials)
    printed = next((t.outcome.printed for t in shown_first if t.outcome.printed), "")
    if verdict.passed:
        return Report(True, f"{name}: right.", [], [], _verified(verdict), "", printed)
    failed = sum(not t.passed for t in verdict.trials)
    count = f" ({failed} of {verdict.cases} cases failed)" if len(verdict.trials) == verdict.cases else ""
    diagnosis = _diagnosis(verdict)
    if unproven and not verdict.findings:
        diagnosis.append(UNPROVEN.format(names=", ".join(sorted(unproven))))
    return Report(
        False,
        f"{name}: not right yet{count}.",
        diagnosis,
        [row for row in _results(verdict) if row[1] not in diagnosis],
        _case(verdict) if open_inputs else "",
        f'Next: hint("{name}") shows a hint ({hints_left} left).' if hints_left else "",
        printed,
    )


def _verified(verdict: Verdict) -> str:
    sizes = "; ".join(dict.fromkeys(_sizes(verdict, trial) for trial in verdict.trials[:2]))
    return (
        f"Verified on {verdict.cases} cases ({sizes}; …) against {verdict.by}, "
        "with the inputs left unchanged."
    )


def _sizes(verdict: Verdict, trial: Trial) -> str:
    named = list(zip(verdict.exercise.arguments, trial.arguments, strict=True))
    arrays = [f"{n} {a.shape}" for n, a in named if isinstance(a, np.ndarray)]
    return ", ".join(arrays or [argument_words(n, a) for n, a in named])


def _diagnosis(verdict: Verdict) -> list[str]:
    if verdict.only_inputs_changed:
        return _changed_inputs(verdict)
    lines = []
    unexplained = verdict.wrong_numbers.difference(*(f.results for f in verdict.findings))
    whole_answer = verdict.exercise.returns
    of_some = [f for f in verdict.findings if f.kind != "pattern" or f.results != whole_answer]
    many = len(of_some) > 1 or unexplained
    for finding in verdict.findings:
        lead = f"{', '.join(finding.results)}: " if many and finding.kind == "mistake" else ""
        lines.append(lead + finding.message)
    if verdict.findings and unexplained:
        names = [name for name in verdict.exercise.returns if name in unexplained]
        lines.append(f"{', '.join(names)}: wrong as well, by no mistake that we know.")
    if error := next((t.outcome.error for t in verdict.failures if t.outcome.error), None):
        whole = any(finding.whole for finding in verdict.findings)
        lines.insert(len(lines) if whole else 0, error_sentence(verdict.exercise, error))
    lines += _changed_inputs(verdict)
    if not lines and (plain := _not_a_number_problem(verdict)):
        lines.append(plain)
    if not lines:
        lines.append("No mistake that we know gives these numbers. The smallest failing case helps.")
        warned = sorted({w for t in verdict.failures for w in t.outcome.warned})[:3]
        lines += [f"A warning came: {words}." for words in warned]
    return lines


def _changed_inputs(verdict: Verdict) -> list[str]:
    changed = next((t.outcome for t in verdict.trials if t.outcome.modified), None)
    if changed is None:
        return []
    names, given = verdict.exercise.arguments, verdict.trials[0].arguments
    if verdict.only_inputs_changed:
        first, resized = changed.modified[0], changed.modified[0] in changed.resized
        return [only_changed_sentence([names[i] for i in changed.modified], given[first], resized)]
    return [modified_sentence(names[i], given[i], i in changed.resized) for i in sorted(changed.modified)]


def _not_a_number_problem(verdict: Verdict) -> str | None:
    """Where only the kind of a result is wrong (its type, shape, dtype), that is the diagnosis."""
    for trial in verdict.failures:
        for i, found in enumerate(trial.differences):
            if found and not found.of_numbers:
                return wrong_sentence(found, verdict.exercise.returns[i])
    return None


def _results(verdict: Verdict) -> list[tuple[bool, str]]:
    """Which results are right and which wrong, each at its first failing trial."""
    names, wrong = verdict.exercise.returns, verdict.wrong_results
    count = next((d for t in verdict.failures for d in t.differences if d and d.kind == "count"), None)
    if count:
        return [(False, wrong_sentence(count, ""))]
    if not verdict.failures[0].returned:  # another case's results beside this one's exception would mislead
        return []
    rows = []
    for i, name in enumerate(names):
        if name not in wrong:
            rows.append((True, f"{name} is right"))
            continue
        first, found = next((t, d) for t in verdict.failures if t.returned and (d := t.differences[i]))
        elsewhere = "" if first is verdict.failures[0] else " (In another case.)"
        rows.append((False, wrong_sentence(found, name) + elsewhere))
    return rows


def _case(verdict: Verdict) -> str:
    shown = verdict.failures[0]
    if shown.outcome.error and shown.outcome.error.kind == "NotImplementedError":
        return ""
    named = zip(verdict.exercise.arguments, shown.arguments, strict=True)
    smallest = len(verdict.trials) == verdict.cases and shown.size == min(t.size for t in verdict.failures)
    inputs = ", ".join(argument_words(n, a) for n, a in named)
    return (
        f"{'Smallest failing' if smallest else 'Failing'} case: {inputs}. "
        f'replay("{verdict.exercise.name}") returns its inputs and the expected result.'
    )
