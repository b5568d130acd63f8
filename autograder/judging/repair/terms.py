"""Edits of sums and products: a term or a factor that is missing, or one too many."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.judging.repair.tree import Edit, Scope, Site, name, place_of, replace, short

TERM = "a term is missing, or one is too many, in {}"
#: More indexed values than this would take too long.
MOST_VALUES = 8
FACTOR = "a factor is missing, or one is too many, in {}"


def too_many(site: Site, _scope: Scope) -> Iterator[Edit]:
    """One side of a sum or a product alone. Deleting explains too much, so these come last."""
    node = site.node
    if isinstance(node, ast.BinOp):
        sum_ = isinstance(node.op, ast.Add | ast.Sub)
        what = place_of(site, (TERM if sum_ else FACTOR).format(short(node)))
        # Who divides by a size too often is common; who left out a whole other factor is not.
        divided = isinstance(node.op, ast.Div) and not isinstance(node.right, ast.BinOp)
        yield replace(site, node.left, 4 if divided else 6, what)
        yield replace(site, node.right, 6, what)


def _whole(site: Site) -> bool:
    """Is it all that is assigned, returned, or handed to a function, or a side of a sum?"""
    if not site.reads or isinstance(site.node, ast.Constant | ast.Tuple | ast.List):
        return False
    if isinstance(site.parent, ast.Assign | ast.AugAssign | ast.Return) and site.slot[1] == "value":
        return True
    if isinstance(site.parent, ast.Call) and site.slot[1] == "args":
        return isinstance(site.node, ast.BinOp | ast.Name | ast.Subscript)
    summed = isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, ast.Add | ast.Sub)
    return summed or isinstance(site.parent, ast.Tuple)


def missing_terms(site: Site, scope: Scope) -> Iterator[Edit]:
    """What the function has at hand, added or subtracted; also as a product of a value and a matrix."""
    if not _whole(site) or place_of(site, "") != "":
        return
    node, what = site.node, TERM.format(short(site.node))
    assert isinstance(node, ast.expr)
    for term in (*map(name, scope.names), *scope.subscripts[:MOST_VALUES]):
        for operator in (ast.Add(), ast.Sub()):
            yield replace(site, ast.BinOp(node, operator, term), 4, what)
    for matrix in (word for word in scope.arguments if word.startswith(("W", "A", "B", "P", "U"))):
        for value in scope.names:
            if value != matrix:
                product = ast.BinOp(name(value), ast.MatMult(), name(matrix))
                yield replace(site, ast.BinOp(node, ast.Add(), product), 5, what)


def missing_factors(site: Site, scope: Scope) -> Iterator[Edit]:
    """What the function has at hand as a factor or a divisor; slopes of squashing functions as well."""
    if not _whole(site) or place_of(site, "") != "":
        return
    node, what = site.node, FACTOR.format(short(site.node))
    assert isinstance(node, ast.expr)
    one = ast.Constant(1)
    for value in (*map(name, scope.names), *scope.subscripts[:MOST_VALUES]):
        square = ast.BinOp(value, ast.Pow(), ast.Constant(2))
        rest = ast.BinOp(one, ast.Sub(), value)
        slopes = (ast.BinOp(one, ast.Sub(), square), ast.BinOp(value, ast.Mult(), rest))
        for factor in (value, rest, *slopes):
            yield replace(site, ast.BinOp(node, ast.Mult(), factor), 4, what)
        for divisor in (value, ast.Call(name("len"), [value], [])):
            yield replace(site, ast.BinOp(node, ast.Div(), divisor), 5, what)
    for number in (2, 0.5):
        yield replace(site, ast.BinOp(node, ast.Mult(), ast.Constant(number)), 5, what)


SITE_EDITS = (too_many,)
BOLD_EDITS = (missing_terms, missing_factors)
