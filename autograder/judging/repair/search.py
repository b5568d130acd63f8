"""Change one thing in an answer and judge it again: which change makes it right, or a mistake with a name?

Mutation-based repair, as for larger programs (Debroy and Wong 2010, Using Mutation to Automatically Suggest
Fixes for Faulty Programs), with edits ordered by how often learners need them. Correct programs of others as
models (CLARA, Gulwani, Radiček and Zuleger 2018; Refactory, Hu et al. 2019) are not needed: what is right is
known for every case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any

from autograder.judging.repair import around, calls, names, small, statements, terms
from autograder.judging.repair.code import Code
from autograder.judging.repair.tree import Edit, Scope, Site, applied, scope_of
from autograder.judging.repair.trial import BOLDEST_OF_TWO, Task, Trial

SITE_EDITS = (
    *small.EDITS,
    *names.SITE_EDITS,
    *calls.SITE_EDITS,
    *around.SITE_EDITS,
    *terms.SITE_EDITS,
    *statements.SITE_EDITS,
)
#: They are many, and seldom small: made only when the others have explained nothing.
BOLD_EDITS = (*names.BOLD_EDITS, *around.BOLD_EDITS, *terms.BOLD_EDITS, *statements.BOLD_EDITS)
SCOPE_EDITS = (*small.SCOPE_EDITS, *names.SCOPE_EDITS, *calls.SCOPE_EDITS)
#: How many first edits are gone on from, and the share of the time after which that begins.
MOST_FIRST = 12
SHARE_OF_SINGLE = 0.65


@dataclass(frozen=True)
class Repair:
    """An edit that explains something: some results or all of them, or what is left besides a mistake."""

    line: int
    what: str
    #: The changed lines, for whoever has read every hint.
    mended: str
    results: tuple[int, ...] = ()
    mistake: str = ""
    #: Does the edit put something else into a place, rather than turn round what stands there?
    bold: bool = False
    #: Where it takes two edits, the line of the other one and what to look at there.
    line_too: int = 0
    what_too: str = ""
    #: The lines themselves.
    code: str = ""
    code_too: str = ""


def small_edits(code: Code) -> list[Edit]:
    """Edits of a mark, a name, an index, a call or the order of lines, the likeliest first."""
    scopes = [scope_of(function) for function in code.functions]
    found = [edit for scope in scopes for of_scope in SCOPE_EDITS for edit in of_scope(scope)]
    return _sorted([*found, *_at_all_sites(scopes, SITE_EDITS)])


def all_edits(code: Code) -> Iterator[Edit]:
    """Every edit of the code, the likeliest first."""
    yield from small_edits(code)
    yield from _sorted(_at_all_sites([scope_of(function) for function in code.functions], BOLD_EDITS))


def _at_all_sites(
    scopes: list[Scope], kinds: tuple[Callable[[Site, Scope], Iterator[Edit]], ...]
) -> list[Edit]:
    return [edit for scope in scopes for site in scope.sites for kind in kinds for edit in kind(site, scope)]


def _sorted(edits: list[Edit]) -> list[Edit]:
    return sorted(edits, key=lambda edit: edit.rank)


Tell = Callable[[list[Repair]], None]


def search(code: Code, task: Task, seconds: float, tell: Callable[[Any], None]) -> None:
    """`find_repairs`, telling plain values, with the lines in them."""

    def row(repair: Repair) -> dict[str, Any]:
        lines = {"code": code.line(repair.line), "code_too": code.line(repair.line_too)}
        return {**asdict(repair), **lines}

    find_repairs(code, task, seconds, lambda repairs: tell([row(repair) for repair in repairs]))


def find_repairs(code: Code, task: Task, seconds: float, tell: Tell) -> None:
    """Tell what explains the answer, whenever there is better: at last a repair that makes all right."""
    start = time.monotonic()
    trial = Trial(code, task)
    found: dict[tuple[str, tuple[int, ...]], Repair] = {}
    for edit in all_edits(code):
        if time.monotonic() > start + SHARE_OF_SINGLE * seconds:
            break
        with applied(edit):
            if (explained := trial.explains(edit)) is None:
                continue
            mistake, results = explained
            repair = Repair(edit.line, edit.what, trial.changed_lines(), results, mistake, edit.rank > 1)
        if not mistake and len(results) == task.results:
            return tell([repair])
        if (mistake, results) not in found:
            found[mistake, results] = repair
            tell(_best(list(found.values())))
    if pair := _pair(trial, start + seconds):
        tell([pair])
    return None


def _pair(trial: Trial, end: float) -> Repair | None:
    """Two small edits that make all right: the first brings the results nearer, the second ends it."""
    for _, first in sorted(trial.nearer, key=itemgetter(0))[:MOST_FIRST]:
        with applied(first):
            for second in small_edits(trial.code):
                if time.monotonic() > end:
                    return None
                if second.rank > BOLDEST_OF_TWO:
                    break
                with applied(second):
                    if trial.all_right(first, second):
                        return _two(trial, first, second)
    return None


def _two(trial: Trial, first: Edit, second: Edit) -> Repair:
    a, b = sorted((first, second), key=lambda edit: edit.line)
    every = tuple(range(trial.task.results))
    return Repair(a.line, a.what, trial.changed_lines(), every, line_too=b.line, what_too=b.what)


def _best(found: list[Repair]) -> list[Repair]:
    """One mistake with a slip beside it, else a slip for each result that one explains."""
    for repair in found:
        if repair.mistake:
            return [repair]
    told: list[Repair] = []
    for repair in sorted(found, key=lambda r: -len(r.results)):
        if not {i for other in told for i in other.results} & set(repair.results):
            told.append(repair)
    return told
