"""Edits of single marks: operators, comparisons, numbers, signs, truth values.

The error model follows what learners' programs show (Singh, Gulwani and Solar-Lezama 2013, Automated Feedback
Generation for Introductory Programming Assignments): most slips are one operator, one constant, one index.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.judging.repair.tree import Edit, Scope, Site, place_of, replace, short, value_at

SYMBOLS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.MatMult: "@",
    ast.Pow: "**",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


def operators(site: Site, _scope: Scope) -> Iterator[Edit]:
    """`+` for `-`, `*` for `@`, and both operands of one exchanged."""
    node = site.node
    if not isinstance(node, ast.BinOp):
        return
    what = place_of(site, f"the operator `{SYMBOLS.get(type(node.op), '?')}` in {short(node)}")
    for operator in ARITHMETIC:
        if type(node.op) is not operator and (operator is not ast.Pow or isinstance(node.op, ast.Mult)):
            yield Edit(1, node, what, (((node, "op", None), operator()),))
    order = place_of(site, f"the order of the two sides of {short(node)}")
    if not isinstance(node.op, ast.Add | ast.Mult):
        changes = (((node, "left", None), node.right), ((node, "right", None), node.left))
        yield Edit(1, node, order, changes, turns=True)


def grouping(site: Site, _scope: Scope) -> Iterator[Edit]:
    """(a + b) * c for a + b * c, and the other way round."""
    node = site.node
    if not isinstance(node, ast.BinOp):
        return
    what = f"which parts belong together in {short(node)}: the brackets"
    if isinstance(node.left, ast.BinOp):
        inner = node.left
        made = ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right))
        yield replace(site, made, 2, what)
    if isinstance(node.right, ast.BinOp):
        inner = node.right
        made = ast.BinOp(ast.BinOp(node.left, node.op, inner.left), inner.op, inner.right)
        yield replace(site, made, 2, what)


def comparisons(site: Site, _scope: Scope) -> Iterator[Edit]:
    """`<` for `<=`."""
    node = site.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        what = f"the comparison in {short(node)}"
        for operator in COMPARISONS:
            if type(node.ops[0]) is not operator:
                yield Edit(1, node, what, (((node, "ops", 0), operator()),))


def numbers(site: Site, scope: Scope) -> Iterator[Edit]:
    """A number next to the one that stands there, another of the function, its double, ten times as much."""
    node = site.node
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return
    value = node.value
    assert isinstance(value, int | float)
    far = [
        value * 2,
        value / 2,
        0.5,
        1 / value if value else 1,
        value * 10,
        value / 10,
        value * 100,
        value / 100,
        value / 1000,
    ]
    what = place_of(site, f"the number {value}")
    for rank, others in ((1, _near(value, scope)), (2, [0]), (3, far)):
        for other in dict.fromkeys(others):
            if other != value:
                yield replace(site, ast.Constant(other), rank, what)


def _near(value: int | float, scope: Scope) -> list[int | float]:
    near = [value + 1, value - 1, -value, 1, 2, -1, *scope.numbers]
    return [other for other in dict.fromkeys(near) if other not in (value, 0)]


def numbers_everywhere(scope: Scope) -> Iterator[Edit]:
    """A number that stands in several places is another one in all of them."""
    for value in scope.numbers:
        sites = [s for s in scope.sites if isinstance(s.node, ast.Constant) and s.node.value == value]
        what = f"the number {value}, here and wherever else it stands"
        for other in _near(value, scope) if len(sites) > 1 else ():
            yield Edit(2, sites[0].node, what, tuple((s.slot, ast.Constant(other)) for s in sites))


def truth(site: Site, _scope: Scope) -> Iterator[Edit]:
    """True for False, `and` for `or`, a condition or a mask turned round."""
    node = site.node
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield replace(site, ast.Constant(not node.value), 1, place_of(site, f"`{node.value}`"))
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield Edit(1, node, f"`and` or `or` in {short(node)}", (((node, "op", None), other),))
    elif isinstance(node, ast.UnaryOp):
        number = isinstance(node.operand, ast.Constant)
        what = (
            f"the number {short(node)}"
            if number
            else f"the sign or the `not` in front of {short(node.operand)}"
        )
        yield replace(site, node.operand, 0, what, turns=True)
    elif isinstance(node, ast.IfExp):
        changes = (((node, "body", None), node.orelse), ((node, "orelse", None), node.body))
        yield Edit(2, node, f"the two branches of {short(node)}", changes)
    if site.slot[1] == "test" and isinstance(node, ast.expr):
        yield replace(site, ast.UnaryOp(ast.Not(), node), 2, f"the condition {short(node)}")


def signs(site: Site, _scope: Scope) -> Iterator[Edit]:
    """Minus the value, one minus it, its inverse as a mask, one over it."""
    node = value_at(site)
    if node is None:
        return
    one = ast.Constant(1)
    others = (
        (2, ast.UnaryOp(ast.USub(), node), f"the sign of {short(node)}"),
        (2, ast.BinOp(one, ast.Sub(), node), f"{short(node)}: itself, or its complement to one?"),
        (2, ast.BinOp(node, ast.Pow(), ast.Constant(2)), f"the power of {short(node)}"),
        (3, ast.UnaryOp(ast.Invert(), node), f"what True means in {short(node)}"),
        (4, ast.BinOp(one, ast.Div(), node), f"{short(node)}: multiplied, or divided by it?"),
    )
    for rank, made, what in others:
        yield replace(site, made, rank, place_of(site, what))


EDITS = (operators, grouping, comparisons, numbers, truth, signs)
SCOPE_EDITS = (numbers_everywhere,)
