"""Put into words what a search found."""

from __future__ import annotations

from typing import Any

from autograder.exercise import Exercise
from autograder.judging.diagnosis import sentences
from autograder.judging.repair.search import Repair
from autograder.judging.verdict import Finding, Verdict

WHOLE = "Look at line {line}, `{code}`: {what} With that put right, all is."
PART = "Look at line {line}, `{code}`: {what}"
TWO = (
    "Two things are wrong. Look at line {line}, `{code}`: {what} And at line {line_too}, `{code_too}`: "
    "{what_too} With both put right, all is."
)
BESIDE = "{message} Besides, look at line {line}, `{code}`: {what}"
#: After a bolder edit: with another value put into its place, much can come to equal a mistake.
MAYBE = "Look at line {line}, `{code}`: {what} If something is wrong still, it may be this: {message}"


def tell(verdict: Verdict, rows: list[dict[str, Any]]) -> None:
    """Add to the verdict's findings what the search found, in the rows that `search` tells."""
    repairs = [Repair(**{**row, "results": tuple(row["results"])}) for row in rows]
    found = [_finding(verdict.exercise, repair) for repair in repairs]
    whole = [f for f in found if not f.name and len(f.results) == len(verdict.exercise.returns)]
    # What a mistake explains needs no pattern, which may have been seen in the few cases that came back.
    surely = {verdict.exercise.returns[i] for r in repairs if r.mistake and not r.bold for i in r.results}
    kept = [f for f in verdict.findings if f.kind != "pattern" or not surely.issuperset(f.results)]
    verdict.findings = [*whole, *kept, *(f for f in found if f not in whole)]


def _finding(exercise: Exercise, repair: Repair) -> Finding:
    results = tuple(exercise.returns[i] for i in repair.results)
    form = WHOLE if len(results) == len(exercise.returns) else PART
    beside = MAYBE if repair.bold else BESIDE
    form = beside if repair.mistake else TWO if repair.line_too else form
    message = form.format(
        message=sentences(exercise).get(repair.mistake, ""),
        line=repair.line,
        code=repair.code,
        what=_ended(repair.what),
        line_too=repair.line_too,
        code_too=repair.code_too,
        what_too=_ended(repair.what_too),
    )
    return Finding(
        "repair",
        repair.mistake,
        message,
        results,
        mended=repair.mended,
        line=repair.line,
        code=repair.code,
        what=_ended(repair.what),
    )


def _ended(what: str) -> str:
    return what if what.endswith("?") else f"{what}."
