"""An answer that is changed again and again: what each change makes of its results."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from autograder.exercise import Function
from autograder.judging.compare import difference
from autograder.judging.repair.code import Code
from autograder.judging.repair.measure import FAILED, alike, distance, emptied, mark_of
from autograder.judging.repair.tree import Edit
from autograder.judging.timing import TimeLimit, time_limit
from autograder.plain import NotPlainError, copy_plain, same_plain, to_plain

#: Seconds that one changed answer may take for one case.
CASE_SECONDS = 0.1
#: Edits of a higher rank are too bold to be told beside another edit, or beside a named mistake.
BOLDEST_OF_TWO, BOLDEST_BESIDE = 2, 4
#: What counts for an edit that takes the answer away from what is right, however far.
FARTHEST = 2.0
#: An edit brings the answer nearer if at most this share of its distance from what is right is left.
NEARER = 0.9


@dataclass(frozen=True)
class Task:
    """What a changed answer is held against, in plain values. The first case is one that the answer fails."""

    results: int
    rtol: float
    cases: list[tuple[tuple[Any, ...], Any]]
    confirm: list[tuple[tuple[Any, ...], Any]]
    #: By the name of a mistake what it returns in all cases, those that confirm last; None if it fails.
    mistakes: Mapping[str, Sequence[Any]]


class Trial:
    """The answer, with what it did before any change."""

    def __init__(self, code: Code, task: Task) -> None:
        self.code, self.task = code, task
        self.every = (*task.cases, *task.confirm)
        self.lines = _text(code)
        self.compiled_before = {f.name: _compiled(f) for f in code.functions}
        function = self.compiled()
        self.first = [_value(function, arguments) for arguments, _ in self.every]
        #: How far it was from what is right, in every case.
        self.was = [distance(v, expected) for v, (_, expected) in zip(self.first, self.every, strict=True)]
        #: A change that makes the answer spoil its inputs is no repair, unless it did so before.
        self.clean = self.first[0] is FAILED or _value(function, self.every[0][0], clean=True) is not FAILED
        self.right = [
            self.rights(v, expected) for v, (_, expected) in zip(self.first, self.every, strict=True)
        ]
        #: The results that are right in every case; an edit must not spoil them.
        self.always = tuple(all(column) for column in zip(*self.right, strict=True))
        failing = [case for case in range(len(task.cases)) if not all(self.right[case])] or [0]
        #: The cases that an edit must change to be looked at: the first that fails and the largest one.
        self.looks = tuple(dict.fromkeys((failing[0], failing[-1])))
        #: Edits that bring a failing case nearer to what is right, with the share that is left.
        self.nearer: list[tuple[float, Edit]] = []
        self.marks = {
            name: {case: mark_of(values[case]) for case in self.looks if values[case] is not None}
            for name, values in task.mistakes.items()
        }

    def compiled(self, *edits: Edit) -> Function | None:
        """The function with these edits in force; None if it is no Python any more."""
        space = dict(self.code.names)
        for function in self.code.functions:
            changed = any(function.lineno <= e.line <= (function.end_lineno or 0) for e in edits)
            made = _compiled(function) if changed else self.compiled_before[function.name]
            if made is None:
                return None
            exec(made, space)
        whole: Function = space[self.code.name]
        return whole

    def changed_lines(self) -> str:
        """The lines that the edit in force wrote anew."""
        return "\n".join(line.strip() for line in _text(self.code) if line not in self.lines)

    def rights(self, value: Any, expected: Any) -> tuple[bool, ...]:
        """Which results are right."""
        if self.task.results == 1:
            return (value is not FAILED and difference(value, expected, self.task.rtol) is None,)
        if not isinstance(value, tuple | list) or len(value) != self.task.results:
            return (False,) * self.task.results
        return tuple(difference(v, e, self.task.rtol) is None for v, e in zip(value, expected, strict=True))

    def explains(self, edit: Edit) -> tuple[str, tuple[int, ...]] | None:
        """What the answer explains with this edit in force: (mistake, results); None if nothing."""
        function = self.compiled(edit)
        if function is None:
            return None
        for case in self.looks if edit.rank <= BOLDEST_OF_TWO else self.looks[:1]:
            value = _value(function, self.every[case][0])
            if value is FAILED:
                return None
            if not same_plain(value, self.first[case]):
                return self._changed(function, edit, case, value)
        return None

    def _changed(
        self, function: Function, edit: Edit, case: int, value: Any
    ) -> tuple[str, tuple[int, ...]] | None:
        """What an edit explains that changed the value of a failing case."""
        expected, before = self.every[case][1], self.right[case]
        now = self.rights(value, expected)
        better = sum(now) > sum(before) and all(n >= a for n, a in zip(now, self.always, strict=True))
        # Of an answer that raised, any change that lets it come back makes something right.
        if better and (self.first[case] is not FAILED or all(now)) and (repaired := self._repaired(function)):
            return repaired
        # As a slip that is mended makes it; breaking what is right does not.
        nearer = edit.rank <= BOLDEST_BESIDE and self._left(value, case) < NEARER
        if nearer and (left := self._left_in_all(function)) < NEARER:
            self.nearer.append((left, edit))
        if edit.turns or nearer:
            return self._beside_a_mistake(function, case, value, anyhow=edit.turns)
        return None

    def _left(self, value: Any, case: int) -> float:
        """The share of the answer's distance from what is right that is left with this value."""
        left, was = distance(value, self.every[case][1]), self.was[case]
        if not np.isfinite(left):
            return FARTHEST
        return min(FARTHEST, left / was) if np.isfinite(was) else 0.5

    def _left_in_all(self, function: Function) -> float:
        """The same on average over the cases that the answer fails."""
        failed = [case for case, right in enumerate(self.right) if not all(right)]
        return sum(self._left(_value(function, self.every[c][0]), c) for c in failed) / len(failed)

    def all_right(self, *edits: Edit) -> bool:
        """Is the answer right with these edits in force, in every case?"""
        function = self.compiled(*edits)
        return all(
            all(self.rights(_value(function, given, clean=self.clean), expected))
            for given, expected in self.every
        )

    def _repaired(self, function: Function) -> tuple[str, tuple[int, ...]] | None:
        """The results that are right in every case now, and were not before."""
        still = [True] * self.task.results
        for arguments, expected in self.every:
            rights = self.rights(_value(function, arguments, clean=self.clean), expected)
            still = [s and r for s, r in zip(still, rights, strict=True)]
            spoilt = any(a and not s for s, a in zip(still, self.always, strict=True))
            if spoilt or not any(s and not a for s, a in zip(still, self.always, strict=True)):
                return None
        return "", tuple(i for i, s in enumerate(still) if s and (all(still) or not self.always[i]))

    def _beside_a_mistake(
        self, function: Function, case: int, value: Any, *, anyhow: bool
    ) -> tuple[str, tuple[int, ...]] | None:
        """The mistake whose results these are in every case; nearer in each that was wrong, or `anyhow`."""
        mark = mark_of(value)
        for name, known in self.marks.items():
            if case not in known or not alike(mark, known[case]):
                continue
            values = self.task.mistakes[name]
            fits = (anyhow or self._always_nearer(values)) and not self._spoils(values)
            # Nothing at all is nearer to what is right than what overshoots.
            fits = fits and not emptied(value, self.first[case], self.every[case][1])
            if fits and self._same(function, values):
                return name, tuple(i for i, right in enumerate(self.always) if not right)
        return None

    def _always_nearer(self, values: Sequence[Any]) -> bool:
        """Is each of these values nearer to what is right than the answer, where that is wrong?

        A change that only switches something off leads to a mistake, too: nearer in one case, not in all.
        """
        for value, was, right, (_, expected) in zip(values, self.was, self.right, self.every, strict=True):
            if not all(right) and not distance(value, expected) < was:
                return False
        return True

    def _spoils(self, values: Sequence[Any]) -> bool:
        """Is any of these values wrong where the answer was right? What it did there speaks against them."""
        return any(
            all(right) and not all(self.rights(value, expected))
            for value, right, (_, expected) in zip(values, self.right, self.every, strict=True)
        )

    def _same(self, function: Function, values: Sequence[Any]) -> bool:
        for (arguments, _), wanted in zip(self.every, values, strict=True):
            value = _value(function, arguments)
            if value is FAILED or wanted is None or difference(value, wanted, self.task.rtol) is not None:
                return False
        return True


def _value(function: Function | None, arguments: tuple[Any, ...], *, clean: bool = False) -> Any:
    """What the function returns as a plain value, FAILED if it does not, or not without changing an input."""
    if function is None:
        return FAILED
    given = copy_plain(arguments)
    try:
        with time_limit(CASE_SECONDS):
            value = to_plain(function(*given))
        return FAILED if clean and not same_plain(to_plain(given), arguments) else value
    except (TimeLimit, NotPlainError):
        return FAILED
    except KeyboardInterrupt:
        raise
    except BaseException:  # a changed answer may raise anything, SystemExit included
        return FAILED


def _compiled(function: ast.FunctionDef) -> CodeType | None:
    try:
        return compile(ast.Module([function], []), "<changed answer>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, TypeError, RecursionError):
        return None


def _text(code: Code) -> list[str]:
    return [line for function in code.functions for line in ast.unparse(function).splitlines()]
