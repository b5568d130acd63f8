"""Which cells of a notebook need PyTorch, directly or through a name that only such a cell makes."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from autograder.judging.definitions import names_of
from autograder.lessons import ROOT

Import = ast.Import | ast.ImportFrom
#: What these bind is their own.
INNER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Split:
    """What is left of a cell without PyTorch.

    source: its code, without imports that cannot be; None where it cannot run.
    lost: names that the whole cell makes and that what is left does not; made: names that what is left makes.
    """

    source: str | None
    lost: frozenset[str]
    made: frozenset[str]


def split(source: str, missing: Iterable[str]) -> Split:
    """Take what needs PyTorch out of a cell; `missing` are names that earlier cells could not make.

    A cell is left out as a whole if it reads one of these names, or one that its own imports cannot bring.
    """
    statements = ast.parse(source).body
    imports = {s: _without_torch(s) for s in statements if isinstance(s, Import)}
    lost = {name for _, names in imports.values() for name in names}
    made = {name for s in statements for name in _made(s)} - lost
    unmade = set(missing) | lost
    for statement in statements:
        if statement not in imports and _read(statement) & unmade:
            return Split(None, frozenset(lost | made), frozenset())
        unmade -= _made(statement) - lost
    if lost and not made:
        return Split(None, frozenset(lost), frozenset())
    lines = source.splitlines()
    for statement, (free, names) in reversed(imports.items()):
        if names or free:
            lines[statement.lineno - 1 : statement.end_lineno] = free
    return Split("\n".join(lines), frozenset(lost), frozenset(made))


def _made(statement: ast.stmt) -> set[str]:
    """Names that a statement binds at the top of a cell."""
    found: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Import):
            found |= {_name(alias) for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, INNER):
            waiting += ast.iter_child_nodes(node)
    return found


def _name(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]


def _read(statement: ast.stmt) -> set[str]:
    return names_of(compile(ast.Module([statement], []), "<cell>", "exec"))


def _without_torch(statement: Import) -> tuple[list[str], list[str]]:
    """The lines that take an import's place, none where it may stay, and the names that cannot be had."""
    if isinstance(statement, ast.Import):
        lost = [_name(alias) for alias in statement.names if needs_torch(alias.name)]
        return [], lost
    module = statement.module or ""
    if not needs_torch(module):
        return [], []
    homes = {alias: home(module, alias.name) for alias in statement.names}
    lines = [
        f"from {place} import {ast.unparse(ast.Import([alias])).removeprefix('import ')}"
        for alias, place in homes.items()
        if place
    ]
    return lines, [_name(alias) for alias, place in homes.items() if not place]


@cache
def needs_torch(module: str) -> bool:
    """Does a module of the course import PyTorch as it is imported?"""
    if module.split(".")[0] == "torch":
        return True
    return any(
        needs_torch(name)
        for s in _imports(module)
        for name in ([s.module or ""] if isinstance(s, ast.ImportFrom) else [alias.name for alias in s.names])
    )


def home(module: str, name: str) -> str | None:
    """The module without PyTorch that a name comes from; None if there is none."""
    if not needs_torch(module):
        return module
    for statement in _imports(module):
        if isinstance(statement, ast.ImportFrom) and name in [alias.name for alias in statement.names]:
            return home(statement.module or "", name)
    return None


@cache
def _imports(module: str) -> list[Import]:
    folder = ROOT.joinpath(*module.split("."))
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    if not path.exists():
        return []
    return [s for s in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(s, Import)]
