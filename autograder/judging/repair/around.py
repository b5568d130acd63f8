"""Edits around a value: a function, a sum, a transpose or an index that is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.judging.repair.tree import (
    Edit,
    Scope,
    Site,
    integer,
    is_numpy,
    name,
    numpy,
    replace,
    short,
    value_at,
)

WRAPS = ("tanh", "exp", "log", "sqrt", "abs", "square", "cumsum", "flip")


def put_around(site: Site, _scope: Scope) -> Iterator[Edit]:
    """A function or an operation that is missing around a value."""
    node = value_at(site)
    if node is None or is_numpy(node):
        return
    value: ast.expr = node
    missing = f"what happens to {short(node)}: a function is missing around it"
    for word in WRAPS:
        yield replace(site, numpy(word, value), 4, missing)
    yield replace(site, _sigmoid(value), 4, missing)
    yield replace(site, ast.BinOp(value, ast.Div(), ast.Call(name("len"), [value], [])), 4, missing)
    for word in ("int", "float"):
        yield replace(site, ast.Call(name(word), [value], []), 5, f"the kind of number that {short(node)} is")
    copied = ast.Call(ast.Attribute(value, "copy", ast.Load()), [], [])
    yield replace(site, copied, 3, f"{short(node)}: the same array, or a copy of it?")


def summed(site: Site, _scope: Scope) -> Iterator[Edit]:
    """A sum, a mean or a maximum that is missing."""
    node = value_at(site)
    if node is None or is_numpy(node):
        return
    what = f"{short(node)}: is something to be added up or averaged there?"
    for word in ("sum", "mean", "max", "cumsum"):
        for axis in (0, 1, -1, None):
            keyword = [] if axis is None else [ast.keyword("axis", ast.Constant(axis))]
            reduced = ast.Call(ast.Attribute(node, word, ast.Load()), [], keyword)
            yield replace(site, reduced, 5, what)


def turned(site: Site, _scope: Scope) -> Iterator[Edit]:
    """A transpose, two axes exchanged, the other direction, an index or a new axis that is missing."""
    node = value_at(site)
    if node is None or is_numpy(node):
        return
    which = f"which way round {short(node)} stands"
    yield replace(site, ast.Attribute(node, "T", ast.Load()), 1, which, turns=True)
    for axes in ((-1, -2), (0, 1)):
        call = ast.Call(ast.Attribute(node, "swapaxes", ast.Load()), [integer(a) for a in axes], [])
        yield replace(site, call, 3, which, turns=True)
    back = ast.Slice(None, None, integer(-1))
    for turn in (back, ast.Tuple([ast.Slice(), back], ast.Load())):
        yield replace(site, ast.Subscript(node, turn, ast.Load()), 3, f"the direction of {short(node)}")
    for index in _indices():
        yield replace(site, ast.Subscript(node, index, ast.Load()), 4, f"the index of {short(node)}")


def _indices() -> Iterator[ast.expr]:
    """[0], [-1], [:, 0], [:, None], [..., None], [None]"""
    everything, new, first = ast.Slice(), ast.Constant(None), ast.Constant(0)
    yield from (first, integer(-1), new)
    for last in (first, integer(-1), new):
        yield ast.Tuple([everything, last], ast.Load())
    yield ast.Tuple([ast.Constant(...), new], ast.Load())


def _sigmoid(value: ast.expr) -> ast.expr:
    return ast.BinOp(
        ast.Constant(1),
        ast.Div(),
        ast.BinOp(ast.Constant(1), ast.Add(), numpy("exp", ast.UnaryOp(ast.USub(), value))),
    )


SITE_EDITS = (turned,)
BOLD_EDITS = (put_around, summed)
