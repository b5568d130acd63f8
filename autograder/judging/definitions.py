"""Which statements of a notebook's other cells make the names that an answer uses.

They are found by the names that they bind, with whatever they use themselves, and nothing is run here.
"""

from __future__ import annotations

import ast
import builtins
import dis
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

#: Cell magics that run the cell; behind any other one the cell is no Python.
RUNS_THE_CELL = re.compile(r"\s*%%(?=(time|timeit|capture|prun)\b)")
READS = ("LOAD_GLOBAL", "LOAD_NAME")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
INNER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Statement:
    """One statement at the top of a cell: its place in the notebook, what it binds and what it reads."""

    place: tuple[int, int]
    node: ast.stmt
    binds: frozenset[str]
    reads: frozenset[str]

    @property
    def code(self) -> CodeType:
        return compile(ast.Module([self.node], []), "<another cell>", "exec")


def names_of(code: CodeType, operations: Collection[str] = READS) -> set[str]:
    """The global names that `operations` of the code stand at, those of inner functions too."""
    named = {i.argval for i in dis.get_instructions(code) if i.opname in operations}
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return named.union(*(names_of(part, operations) for part in inner))


def missing_names(source: str, known: Collection[str]) -> set[str]:
    """Names that a cell reads, and that neither it nor `known` nor Python itself has."""
    code = compile(source, "<cell>", "exec")
    own = {i.argval for i in dis.get_instructions(code) if i.opname == "STORE_NAME"}
    return names_of(code) - own - set(known) - set(dir(builtins))


def statements(cells: Iterable[str]) -> list[Statement]:
    """All statements at the top of the cells that bind a name. A cell that is no Python has none."""
    return [
        Statement((number, i), *parts)
        for number, cell in enumerate(cells)
        for i, parts in enumerate(_of(cell))
    ]


@lru_cache(maxsize=1024)
def _of(cell: str) -> list[tuple[ast.stmt, frozenset[str], frozenset[str]]]:
    try:
        parsed = ((node, _bound(node)) for node in ast.parse(cell).body)
        return [(node, frozenset(binds), frozenset(_read(node))) for node, binds in parsed if binds]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _read(node: ast.stmt) -> set[str]:
    return names_of(compile(ast.Module([node], []), "<cell>", "exec"))


def makers(
    names: Iterable[str], sources: Sequence[Iterable[Statement]], known: Collection[str] = ()
) -> list[Statement]:
    """The statements that make `names` and all that they use in turn, in the notebook's order.

    A name is looked for in the first of the `sources`, and in the next one only if it is not there;
    what is `known` needs no statement.
    """
    chosen: dict[tuple[int, int], Statement] = {}
    waiting, seen = list(names), set(known)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found = next((f for s in sources if (f := [one for one in s if name in one.binds])), [])
        for one in found:
            chosen[one.place] = one
            waiting += one.reads
    return [chosen[place] for place in sorted(chosen)]


def _bound(node: ast.AST) -> set[str]:
    """The names that a statement gives a value to, or changes the value of (`x[0] = 1`, `x.append(1)`)."""
    if isinstance(node, DEFINITIONS):
        return {node.name}
    if isinstance(node, INNER):
        return set()
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names} - {"*"}
    if isinstance(node, ast.Name):
        return set() if isinstance(node.ctx, ast.Load) else {node.id}
    inner = set().union(*map(_bound, ast.iter_child_nodes(node)))
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return inner | _base(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return inner | _base(node.value.func)
    return inner


def _base(node: ast.AST) -> set[str]:
    """The name that a chain of attributes and indices begins with, if there is such a chain."""
    chained = False
    while isinstance(node, ast.Subscript | ast.Attribute):
        node, chained = node.value, True
    return {node.id} if chained and isinstance(node, ast.Name) else set()


def without_timing(source: str) -> str:
    """A cell without the magic at its top that times it, in as many lines."""
    return RUNS_THE_CELL.sub("#%%", source, count=1) if RUNS_THE_CELL.match(source) else source
