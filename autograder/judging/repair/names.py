"""Edits of names and indices: the wrong variable, the wrong step, the wrong axis of an index."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from autograder.judging.repair.tree import (
    Edit,
    Scope,
    Site,
    integer,
    name,
    place_of,
    replace,
    short,
    value_at,
)


def other_names(site: Site, scope: Scope) -> Iterator[Edit]:
    """Another argument or another local variable."""
    node = site.node
    if isinstance(node, ast.Name) and site.reads and site.slot[1] != "func":
        what = place_of(site, f"the name `{node.id}`")
        for word in scope.names:
            if word != node.id:
                yield replace(site, name(word), 2, what)


def sizes_from_outside(site: Site, scope: Scope) -> Iterator[Edit]:
    """The size of an argument in the place of a name that the function does not define."""
    node = site.node
    if not isinstance(node, ast.Name) or not site.reads or len(node.id) > 1 or node.id in scope.names:
        return
    what = f"`{node.id}` comes from outside the function, and the inputs have other sizes"
    for word in scope.arguments:
        for axis in (0, 1, 2, -1):
            shape = ast.Attribute(name(word), "shape", ast.Load())
            yield replace(site, ast.Subscript(shape, integer(axis), ast.Load()), 1, what)


def other_values(site: Site, scope: Scope) -> Iterator[Edit]:
    """A value that the function has at hand in the place of another."""
    node = value_at(site)
    if node is None:
        return
    what = place_of(site, f"{short(node)}: is this the value that belongs there?")
    # A part of what stands there deletes the rest, and explains too much.
    parts = {ast.dump(part) for part in ast.walk(node)}
    others: list[ast.expr] = [] if isinstance(node, ast.Name) else [*map(name, scope.names)]
    for other in (*others, *scope.subscripts):
        if (text := ast.dump(other)) != ast.dump(node):
            yield replace(site, other, 6 if text in parts else 3, what)


def exchanged_everywhere(scope: Scope) -> Iterator[Edit]:
    """Two names exchanged wherever they are read, or in one line that gives both a value."""
    read = [s for s in scope.sites if isinstance(s.node, ast.Name) and s.reads]
    words = [word for word in scope.names if any(s.node.id == word for s in read)]  # type: ignore[attr-defined]
    for a, b in combinations(words, 2):
        both = [s for s in read if s.node.id in (a, b)]  # type: ignore[attr-defined]
        changes = tuple((s.slot, name(b if s.node.id == a else a)) for s in both)  # type: ignore[attr-defined]
        yield Edit(2, both[0].node, f"`{a}` and `{b}`: are they exchanged?", changes, turns=True)


def targets(site: Site, _scope: Scope) -> Iterator[Edit]:
    """Two places of a tuple exchanged: of several results, or of several names that get a value."""
    node = site.node
    if not isinstance(node, ast.Tuple | ast.List) or site.slot[1] == "slice":
        return
    what = place_of(site, f"the order in {short(node)}")
    for i, j in combinations(range(len(node.elts)), 2):
        changes = (((node, "elts", i), node.elts[j]), ((node, "elts", j), node.elts[i]))
        yield Edit(2, node, what, changes, turns=True)


def exchanged_values(scope: Scope) -> Iterator[Edit]:
    """Two lines of a block exchange what they assign to: r and z, each cut from the other's columns."""
    lines = [s for s in scope.sites if isinstance(s.node, ast.Assign) and s.slot[2] is not None]
    for a, b in combinations(lines, 2):
        first, second = a.node, b.node
        assert isinstance(first, ast.Assign) and isinstance(second, ast.Assign)
        if a.slot[:2] == b.slot[:2] and ast.dump(first.targets[0]) != ast.dump(second.targets[0]):
            what = f"{short(first.targets[0])} and {short(second.targets[0])}: are they exchanged?"
            changes = (((first, "value", None), second.value), ((second, "value", None), first.value))
            yield Edit(2, first, what, changes, turns=True)


def steps(site: Site, _scope: Scope) -> Iterator[Edit]:
    """The step before or after: t - 1, t + 1, in an index or in a range."""
    node = site.node
    what = place_of(site, "")
    if (
        not what
        or not isinstance(node, ast.expr)
        or not site.reads
        or isinstance(node, ast.Constant | ast.Tuple)
    ):
        return
    for operator in (ast.Add(), ast.Sub()):
        yield replace(site, ast.BinOp(node, operator, ast.Constant(1)), 2, what)


EVERYTHING = ast.Slice()


def indices(site: Site, _scope: Scope) -> Iterator[Edit]:
    """Other axes of an index: x[t] for x[:, t], two of them exchanged, an index left out or reversed."""
    node = site.node
    if not isinstance(node, ast.Subscript):
        return
    what = f"the index of {short(node.value)}"
    parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    others = [[EVERYTHING, *parts], [*parts, EVERYTHING], parts[::-1], [ast.Constant(...), *parts]]
    others += [[*parts[:i], EVERYTHING, *parts[i + 1 :]] for i in range(len(parts))]
    others += [[*parts[:i], *parts[i + 1 :]] for i in range(len(parts)) if len(parts) > 1]
    others += [[*parts, ast.Constant(None)]]
    for other in others:
        made = other[0] if len(other) == 1 else ast.Tuple(other, ast.Load())
        yield Edit(2, node, what, (((node, "slice", None), made),))
    if site.reads:
        yield replace(site, node.value, 3, what)


def slices(site: Site, _scope: Scope) -> Iterator[Edit]:
    """The bounds of a slice: left out, moved by one, counted from the other side."""
    node = site.node
    if not isinstance(node, ast.Slice):
        return
    what = place_of(site, "the bounds of this slice")
    one, last = ast.Constant(1), ast.UnaryOp(ast.USub(), ast.Constant(1))
    for lower, upper in ((node.lower, None), (None, node.upper), (one, None), (None, last), (None, None)):
        yield replace(site, ast.Slice(lower, upper, node.step), 2, what)
    turned = None if node.step is not None else last
    yield replace(site, ast.Slice(node.lower, node.upper, turned), 2, what)


SITE_EDITS = (other_names, sizes_from_outside, targets, steps, indices, slices)
BOLD_EDITS = (other_values,)
SCOPE_EDITS = (exchanged_everywhere, exchanged_values)
