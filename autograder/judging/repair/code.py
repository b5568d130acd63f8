"""The learner's own code: the function that was checked, and the helpers beside it that it calls."""

from __future__ import annotations

import ast
import copy
import linecache
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise import Function

#: Nobody writes an exercise this long, and every edit of it would cost time.
MOST_LINES = 150


@dataclass(frozen=True)
class Code:
    """Functions as the learner wrote them, with line numbers of their cell, and the names that they see."""

    name: str
    functions: list[ast.FunctionDef]
    names: dict[str, Any]
    lines: list[str]

    def line(self, number: int) -> str:
        """The text of one line of the cell."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""


def code_of(function: Function, sound: frozenset[str] = frozenset()) -> Code | None:
    """The code behind a function; None for what was not written as a plain `def` whose text is at hand.

    Helpers whose names are in `sound` are known to be right: nothing is looked for in them.
    """
    compiled = getattr(function, "__code__", None)
    if compiled is None or compiled.co_freevars:
        return None
    lines = linecache.getlines(compiled.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    start = defined.get(function.__name__)
    if start is None or not _same_place(start, compiled.co_firstlineno):
        return None
    functions = [f for f in _reachable(start, defined) if f is start or f.name not in sound]
    if sum(1 + (f.end_lineno or f.lineno) - f.lineno for f in functions) > MOST_LINES:
        return None
    return Code(start.name, functions, _names(function, functions), lines)


def _same_place(node: ast.FunctionDef, line: int) -> bool:
    return line in (node.lineno, *(decorator.lineno for decorator in node.decorator_list))


def _reachable(start: ast.FunctionDef, defined: dict[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    found, waiting = [start], [start]
    while waiting:
        node = waiting.pop()
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and (known := defined.get(inner.id)) and known not in found:
                found.append(known)
                waiting.append(known)
    return found


def _names(function: Function, functions: list[ast.FunctionDef]) -> dict[str, Any]:
    """A copy of the names that the functions see: an edit must not change the learner's own values."""
    used = {n.id for f in functions for n in ast.walk(f) if isinstance(n, ast.Name)}
    names = dict(function.__globals__)
    for word in used & names.keys():
        if isinstance(names[word], list | dict | set | np.ndarray):
            names[word] = copy.deepcopy(names[word])
    return names
