"""Edits of calls: another function of its kind, another axis, a call left out or put around."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from autograder.judging.repair.tree import (
    Edit,
    Scope,
    Site,
    integer,
    is_numpy,
    place_of,
    replace,
    short,
)

#: Functions that are taken for each other.
KINDS = (
    "max min amax amin argmax argmin mean sum",
    "maximum minimum max min",
    "any all",
    "sum mean prod cumsum max std var median",
    "var std",
    "tanh exp log sqrt abs square sign sin cos log2 log10 log1p expm1 sinh",
    "zeros ones empty",
    "zeros_like ones_like empty_like",
    "concatenate stack vstack hstack",
    "floor ceil round trunc",
    "argsort sort",
    "triu tril",
    "dot outer multiply matmul inner",
    "cumsum cumprod",
    "add subtract multiply",
    "logical_and logical_or",
    "append insert",
    "repeat tile",
    "eye ones",
    "inv pinv",
    "eig eigh",
)
OTHERS: dict[str, list[str]] = {}
for _kind in KINDS:
    for _word in _kind.split():
        OTHERS.setdefault(_word, []).extend(w for w in _kind.split() if w != _word)

REDUCTIONS = {
    "sum",
    "mean",
    "max",
    "min",
    "prod",
    "argmax",
    "argmin",
    "any",
    "all",
    "cumsum",
    "norm",
    "std",
    "var",
}
AXES = (0, 1, -1, -2, 2, None)


def _called(node: ast.AST) -> str:
    """The last word of what is called: 'sum' for np.sum(x) and for x.sum()."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def kinds(site: Site, _scope: Scope) -> Iterator[Edit]:
    """max for min, sum for mean."""
    node = site.node
    word = _called(node)
    if isinstance(node, ast.Call) and word in OTHERS:
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        for other in dict.fromkeys(OTHERS[word]):
            yield Edit(2, node, f"the function `{word}`", (((node.func, field, None), other),))


def kinds_everywhere(scope: Scope) -> Iterator[Edit]:
    """A function that is called several times is another of its kind each time."""
    calls = [s.node for s in scope.sites if isinstance(s.node, ast.Call) and _called(s.node) in OTHERS]
    for word in dict.fromkeys(map(_called, calls)):
        functions = [node.func for node in calls if _called(node) == word]
        what = f"the function `{word}`, here and wherever else it is called"
        for other in dict.fromkeys(OTHERS[word]) if len(functions) > 1 else ():
            slots = [(f, "attr" if isinstance(f, ast.Attribute) else "id", None) for f in functions]
            yield Edit(2, functions[0], what, tuple((slot, other) for slot in slots))


def keywords(site: Site, _scope: Scope) -> Iterator[Edit]:
    """Another axis, an axis or keepdims added or left out, the other side of searchsorted."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    word = _called(node)
    for i, keyword in enumerate(node.keywords):
        what = f"the argument `{keyword.arg}` of `{word}`"
        without = [k for k in node.keywords if k is not keyword]
        yield Edit(2, node, what, (((node, "keywords", None), without),))
        values: tuple[int | str | None, ...] = AXES if keyword.arg in ("axis", "dim") else ()
        values = ("left", "right") if keyword.arg == "side" else values
        for value in values:
            yield Edit(1, node, what, (((node.keywords[i], "value", None), ast.Constant(value)),))
    if word in REDUCTIONS:
        given = {k.arg for k in node.keywords}
        for added, options in (("axis", (0, 1, -1)), ("keepdims", (True,))):
            if added not in given:
                for option in options:
                    more = [*node.keywords, ast.keyword(added, ast.Constant(option))]
                    what = f"the axis along which `{word}` works, and whether it stays"
                    yield Edit(2, node, what, (((node, "keywords", None), more),))


def arguments(site: Site, _scope: Scope) -> Iterator[Edit]:
    """Two arguments of a call exchanged, one left out."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    what = f"the arguments of `{_called(node)}`"
    for i, j in combinations(range(len(node.args)), 2):
        changes = (((node, "args", i), node.args[j]), ((node, "args", j), node.args[i]))
        yield Edit(2, node, what, changes, turns=True)
    for i in range(len(node.args)):
        if len(node.args) > 1:
            yield Edit(4, node, what, (((node, "args", None), node.args[:i] + node.args[i + 1 :]),))


def left_out(site: Site, _scope: Scope) -> Iterator[Edit]:
    """A call that should not be there: f(a) -> a, a.f() -> a, a.T -> a; or .T where only two swap."""
    node = site.node
    if isinstance(node, ast.Attribute) and site.reads and node.attr == "T":
        last_two = ast.Call(ast.Attribute(node.value, "swapaxes", ast.Load()), [integer(-1), integer(-2)], [])
        for stands in (node.value, last_two):
            yield replace(site, stands, 1, f"which way round {short(node.value)} stands", turns=True)
    if not isinstance(node, ast.Call):
        return
    what = place_of(site, f"`{_called(node)}`: does it belong there?")
    if node.args:  # zeros_like(h0) for h0 takes away all that came in
        yield replace(site, node.args[0], 2, what, turns=_called(node) == "zeros_like")
    if isinstance(node.func, ast.Attribute) and not is_numpy(node.func.value):
        yield replace(site, node.func.value, 2, what)


def axes_everywhere(scope: Scope) -> Iterator[Edit]:
    """Every axis of the function is another one."""
    axes = [s.node for s in scope.sites if isinstance(s.node, ast.keyword) and s.node.arg == "axis"]
    if len(axes) > 1:
        for axis in (0, 1, -1, -2):
            changes = tuple(((node, "value", None), integer(axis)) for node in axes)
            yield Edit(2, axes[0], "the axis, here and wherever else one is named", changes)


def sizes(site: Site, _scope: Scope) -> Iterator[Edit]:
    """Another size: x.shape[1] for len(x)."""
    node = site.node
    if isinstance(node, ast.Call) and _called(node) == "len" and len(node.args) == 1:
        for axis in (1, -1, 2):
            shape = ast.Attribute(node.args[0], "shape", ast.Load())
            made = ast.Subscript(shape, integer(axis), ast.Load())
            yield replace(site, made, 1, place_of(site, f"which size {short(node)} is"))


SITE_EDITS = (kinds, sizes, keywords, arguments, left_out)
SCOPE_EDITS = (axes_everywhere, kinds_everywhere)
