"""What an answer's source says by itself: which functions it leans on, and which it defines.

Students' code is parsed here, never run, and only in the judge's process: should the parser fail over it,
the judge is started again.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable

#: Nobody writes an exercise this long, and parsing is not free.
MOST_SOURCE = 100_000


def used(source: str, names: Iterable[str]) -> list[str]:
    """Those of `names` that the source reads, and does not give a meaning of its own."""
    if not (names := list(names)):
        return []
    nodes = _nodes(source)
    read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    own = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.arg for n in nodes if isinstance(n, ast.arg)} | set(defined(source))
    return [name for name in names if name in read - own]


def defined(source: str) -> list[str]:
    """The functions that the source defines, inner ones included, in their order."""
    return [node.name for node in _nodes(source) if isinstance(node, ast.FunctionDef)]


def _nodes(source: str) -> list[ast.AST]:
    """All nodes; none for what is no Python, such as a cell with magic."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(ast.walk(ast.parse(source[:MOST_SOURCE])))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
