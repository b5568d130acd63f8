"""An answer that is changed again and again: what each change makes of its results."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise import Function
from autograder.judging.compare import difference
from autograder.judging.outcome import TimeLimit, time_limit
from autograder.judging.repair.code import Code
from autograder.judging.repair.tree import Edit
from autograder.plain import NotPlainError, copy_plain, leaves, same_plain, to_plain

#: Seconds that one changed answer may take for one case.
CASE_SECONDS = 0.1
#: Edits of a higher rank are too bold to be told beside another edit or a named mistake.
BOLDEST_OF_TWO = 2
FAILED = object()


@dataclass(frozen=True)
class Task:
    """What a changed answer is held against, in plain values. The first case is one that the answer fails."""

    results: int
    rtol: float
    cases: list[tuple[tuple[Any, ...], Any]]
    confirm: list[tuple[tuple[Any, ...], Any]]
    #: By the name of a mistake what it returns in all cases, those that confirm last; None if it fails.
    mistakes: dict[str, list[Any]]


class Trial:
    """The answer, with what it did before any change."""

    def __init__(self, code: Code, task: Task) -> None:
        self.code, self.task = code, task
        self.every = (*task.cases, *task.confirm)
        self.lines = _text(code)
        function = self.compiled()
        first = [_value(function, arguments) for arguments, _ in self.every]
        right = [self.rights(value, expected) for value, (_, expected) in zip(first, self.every, strict=True)]
        self.first, self.first_right = first[0], right[0]
        #: The results that are right in every case; an edit must not spoil them.
        self.always = tuple(all(column) for column in zip(*right, strict=True))
        #: Small edits that bring the first case nearer to what is right, with the distance that is left.
        self.nearer: list[tuple[float, Edit]] = []
        self.before = _distance(self.first, self.every[0][1])
        self.marks = {
            name: _mark(values[0]) for name, values in task.mistakes.items() if values[0] is not None
        }

    def compiled(self) -> Function | None:
        """The function as the tree is now; None if it is no Python any more."""
        space = dict(self.code.names)
        try:
            tree = ast.Module(list(self.code.functions), [])
            exec(compile(tree, "<changed answer>", "exec", dont_inherit=True), space)
        except (SyntaxError, ValueError, TypeError, RecursionError):
            return None
        function: Function = space[self.code.name]
        return function

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
        function = self.compiled()
        arguments, expected = self.every[0]
        value = _value(function, arguments)
        if function is None or value is FAILED or same_plain(value, self.first):
            return None
        now = self.rights(value, expected)
        if sum(now) > sum(self.first_right) and all(n >= a for n, a in zip(now, self.always, strict=True)):
            return self._repaired(function)
        if edit.rank <= BOLDEST_OF_TWO and (left := _distance(value, expected)) < 0.9 * self.before:
            # A slip that is mended brings the result nearer; breaking what is right does not.
            self.nearer.append((left, edit))
            return self._beside_a_mistake(function, value)
        return None

    def all_right(self) -> bool:
        """Is the answer right as it is now, in every case?"""
        function = self.compiled()
        return all(all(self.rights(_value(function, given), expected)) for given, expected in self.every)

    def _repaired(self, function: Function) -> tuple[str, tuple[int, ...]] | None:
        """The results that are right in every case now, and were not before."""
        still = [True] * self.task.results
        for arguments, expected in self.every:
            rights = self.rights(_value(function, arguments), expected)
            still = [s and r for s, r in zip(still, rights, strict=True)]
            spoilt = any(a and not s for s, a in zip(still, self.always, strict=True))
            if spoilt or not any(s and not a for s, a in zip(still, self.always, strict=True)):
                return None
        return "", tuple(i for i, s in enumerate(still) if s and (all(still) or not self.always[i]))

    def _beside_a_mistake(self, function: Function, value: Any) -> tuple[str, tuple[int, ...]] | None:
        """The mistake whose results these are in every case."""
        mark = _mark(value)
        for name, known in self.marks.items():
            near = np.isclose(mark, known, rtol=1e-6, equal_nan=True)
            if near and self._same(function, self.task.mistakes[name]):
                return name, tuple(i for i, right in enumerate(self.always) if not right)
        return None

    def _same(self, function: Function, values: list[Any]) -> bool:
        for (arguments, _), wanted in zip(self.every, values, strict=True):
            value = _value(function, arguments)
            if value is FAILED or wanted is None or difference(value, wanted, self.task.rtol) is not None:
                return False
        return True


def _value(function: Function | None, arguments: tuple[Any, ...]) -> Any:
    """What the function returns as a plain value, FAILED if it does not."""
    if function is None:
        return FAILED
    try:
        with time_limit(CASE_SECONDS):
            return to_plain(function(*copy_plain(arguments)))
    except (TimeLimit, NotPlainError):
        return FAILED
    except KeyboardInterrupt:
        raise
    except BaseException:  # a changed answer may raise anything, SystemExit included
        return FAILED


def _numbers(value: Any) -> Iterator[np.ndarray]:
    for leaf in leaves(value):
        if isinstance(leaf, bool | int | float | np.ndarray):
            yield np.asarray(leaf, dtype=float)


def _mark(value: Any) -> float:
    """One number by which two results are told apart quickly."""
    return float(sum((i + 1) * np.nansum(a) for i, a in enumerate(_numbers(value))))


def _distance(value: Any, expected: Any) -> float:
    """How far a result is from the right one, in shares of it; infinite where it has another form."""
    got = [] if value is FAILED else list(_numbers(value))
    want = list(_numbers(expected))
    if [a.shape for a in got] != [a.shape for a in want]:
        return np.inf
    return float(sum(np.abs(g - w).sum() / (np.abs(w).sum() + 1e-12) for g, w in zip(got, want, strict=True)))


def _text(code: Code) -> list[str]:
    return [line for function in code.functions for line in ast.unparse(function).splitlines()]
