"""A learner's functions as a syntax tree, and single edits of it that can be put in and taken out again."""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

#: Where in the tree something stands: the node that holds it, the field, and its place if that is a list.
Slot = tuple[ast.AST, str, int | None]

VALUES = (ast.Name, ast.BinOp, ast.Call, ast.Subscript, ast.Attribute)


@dataclass(frozen=True)
class Site:
    """One node of a function, where it stands, and the nodes above it, the function first."""

    node: ast.AST
    slot: Slot
    above: tuple[ast.AST, ...]

    @property
    def parent(self) -> ast.AST:
        return self.above[-1]

    @property
    def statement(self) -> ast.stmt:
        """The statement that the node stands in."""
        return next(n for n in (self.node, *reversed(self.above)) if isinstance(n, ast.stmt))

    @property
    def reads(self) -> bool:
        """Is it an expression whose value is used?"""
        context = getattr(self.node, "ctx", None)
        return isinstance(self.node, ast.expr) and (context is None or isinstance(context, ast.Load))


@dataclass(frozen=True)
class Scope:
    """What can be said of one function as a whole."""

    function: ast.FunctionDef
    arguments: tuple[str, ...]
    #: The arguments and the names that the function gives a value.
    names: tuple[str, ...]
    sites: tuple[Site, ...]

    @cached_property
    def numbers(self) -> list[int | float]:
        """The different numbers that stand in the function."""
        values = [s.node.value for s in self.sites if isinstance(s.node, ast.Constant)]
        return list(dict.fromkeys(v for v in values if isinstance(v, int | float) and type(v) is not bool))

    @cached_property
    def subscripts(self) -> list[ast.expr]:
        """The different indexed values that the function reads."""
        nodes = [s.node for s in self.sites if isinstance(s.node, ast.Subscript) and s.reads]
        found: dict[str, ast.expr] = {ast.dump(node): copy.deepcopy(node) for node in nodes}
        return list(found.values())


@dataclass(frozen=True)
class Edit:
    """A change of one or more slots. `what` tells a learner where to look, and not what to write."""

    #: How likely such a slip is: 0 for a mask or a condition that is turned round, 1 for other small and
    #: common ones, larger for rarer ones.
    rank: int
    node: ast.AST
    what: str
    changes: tuple[tuple[Slot, object], ...]
    #: Does it turn round what stands there (two sides, two names, an order)? Such an edit takes nothing away.
    turns: bool = False

    @property
    def line(self) -> int:
        return getattr(self.node, "lineno", 0)


def scope_of(function: ast.FunctionDef) -> Scope:
    """The function with all its sites, in the order of the source."""
    given = function.args
    arguments = tuple(a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs))
    sites = tuple(_sites(function, "body", (function,)))
    stored = (s.node.id for s in sites if isinstance(s.node, ast.Name) and isinstance(s.node.ctx, ast.Store))
    return Scope(function, arguments, tuple(dict.fromkeys((*arguments, *stored))), sites)


def _sites(owner: ast.AST, field: str, above: tuple[ast.AST, ...]) -> Iterator[Site]:
    value = getattr(owner, field)
    for place, node in enumerate(value) if isinstance(value, list) else ((None, value),):
        if isinstance(node, ast.AST) and not isinstance(node, ast.expr_context):
            yield Site(node, (owner, field, place), above)
            for name in node._fields:
                if isinstance(getattr(node, name, None), ast.AST | list):
                    yield from _sites(node, name, (*above, node))


def put(slot: Slot, new: object) -> object:
    """Fill a slot; returns what stood there."""
    owner, field, place = slot
    if place is None:
        old = getattr(owner, field)
        setattr(owner, field, new)
        return old
    held = getattr(owner, field)
    old, held[place] = held[place], new
    return old


@contextlib.contextmanager
def applied(edit: Edit) -> Iterator[None]:
    """The tree is changed within the block, and as it was after it."""
    for _, new in edit.changes:
        _locate(new, edit.line)
    before = [(slot, put(slot, new)) for slot, new in edit.changes]
    try:
        yield
    finally:
        for slot, old in reversed(before):
            put(slot, old)


def _locate(new: object, line: int) -> None:
    """Give new nodes a line, which the compiler wants. (fix_missing_locations walks the whole tree.)"""
    waiting = list(new) if isinstance(new, list) else [new]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.AST) and not hasattr(node, "lineno"):
            if "lineno" in node._attributes:
                setattr(node, "lineno", line)  # noqa: B010  AST itself has no lines
                setattr(node, "col_offset", 0)  # noqa: B010
            waiting += ast.iter_child_nodes(node)


def replace(site: Site, new: object, rank: int, what: str, *, turns: bool = False) -> Edit:
    """The edit that puts one thing in the place of another."""
    spot = site.node if hasattr(site.node, "lineno") else site.statement
    return Edit(rank, spot, what, ((site.slot, new),), turns)


def value_at(site: Site) -> ast.expr | None:
    """The expression at the site, if something may be missing around it."""
    node = site.node
    inside = site.slot[1] in ("func", "slice") or isinstance(site.parent, ast.Attribute)
    if inside or not site.reads or not isinstance(node, VALUES):
        return None
    return node


def name(word: str) -> ast.Name:
    """A name that is read."""
    return ast.Name(word, ast.Load())


def numpy(function: str, *arguments: ast.expr) -> ast.Call:
    """A call of a function of NumPy."""
    return ast.Call(ast.Attribute(name("np"), function, ast.Load()), list(arguments), [])


def integer(value: int) -> ast.expr:
    """A whole number as it is written, -1 with its sign."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def is_numpy(node: ast.AST) -> bool:
    """Is it NumPy itself, or a part of it that holds functions?"""
    return (isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")) or (
        isinstance(node, ast.Attribute) and node.attr in ("linalg", "random")
    )


@lru_cache(maxsize=4096)
def short(node: ast.AST) -> str:
    """The node's own text in backticks, cut if it is long.

    It is kept, since most edits of a node name it; also while an edit below it is in force, so that what a
    learner reads is always their own text.
    """
    text = ast.unparse(node)
    return f"`{text if len(text) <= 40 else text[:37] + '…'}`"


def place_of(site: Site, otherwise: str) -> str:
    """In a learner's words: the index, the argument or the range that the site is a part of, if it is one."""
    below = site.node
    for node in reversed(site.above):
        if isinstance(node, ast.stmt):
            break
        if isinstance(node, ast.Subscript) and node.slice is below:
            return f"the index of {short(node.value)}"
        if isinstance(node, ast.keyword) and node.arg:
            return f"the argument `{node.arg}`"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            return f"where {short(node)} starts and ends"
        below = node
    return otherwise
