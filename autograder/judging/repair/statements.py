"""Edits of whole lines: `=` for `+=`, the order of two lines, a line too many, the direction of a loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.judging.repair.tree import Edit, Scope, Site, name, replace, short


def accumulation(site: Site, _scope: Scope) -> Iterator[Edit]:
    """`=` for `+=` and the other way round; `+=` for `-=` or `*=`."""
    node = site.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and not isinstance(node.targets[0], ast.Tuple):
        what = f"`=` in this line: is {short(node.targets[0])} to be replaced, or added to?"
        target = node.targets[0]
        if isinstance(target, ast.Name | ast.Subscript | ast.Attribute):
            for operator in (ast.Add(), ast.Sub(), ast.Mult()):
                yield replace(site, ast.AugAssign(target, operator, node.value), 1, what)
    if isinstance(node, ast.AugAssign):
        what = f"the assignment in this line: is {short(node.target)} to be replaced, or added to?"
        yield replace(site, ast.Assign([node.target], node.value, lineno=node.lineno), 1, what)
        for other in (ast.Add(), ast.Sub(), ast.Mult(), ast.Div()):
            if type(other) is not type(node.op):
                yield Edit(1, node, what, (((node, "op", None), other),))


def order(site: Site, _scope: Scope) -> Iterator[Edit]:
    """A line and the next one exchanged; a line left out."""
    owner, field, place = site.slot
    if not isinstance(site.node, ast.stmt) or place is None:
        return
    body = getattr(owner, field)
    if place + 1 < len(body):
        here, next_ = body[place], body[place + 1]
        what = "the order of this line and the next"
        yield Edit(2, here, what, (((owner, field, place), next_), ((owner, field, place + 1), here)))
    if len(body) > 1 and not isinstance(site.node, ast.Return):
        without = body[:place] + body[place + 1 :]
        yield Edit(6, site.node, "does this line belong there?", (((owner, field, None), without),))


def out_of_the_loop(site: Site, _scope: Scope) -> Iterator[Edit]:
    """The last line of a loop after it, or the line after a loop as its last one."""
    loop, (owner, field, place) = site.node, site.slot
    if not isinstance(loop, ast.For | ast.While) or place is None:
        return
    body = getattr(owner, field)
    what = "does this line belong into the loop?"
    if len(loop.body) > 1:
        last = loop.body[-1]
        after = [*body[: place + 1], last, *body[place + 1 :]]
        yield Edit(3, last, what, (((loop, "body", None), loop.body[:-1]), ((owner, field, None), after)))
        first = loop.body[0]
        before = [*body[:place], first, *body[place:]]
        yield Edit(3, first, what, (((loop, "body", None), loop.body[1:]), ((owner, field, None), before)))
    # A `return` in the loop would only leave the other rounds out.
    if place + 1 < len(body) and not isinstance(body[place + 1], ast.Return):
        next_ = body[place + 1]
        rest = body[: place + 1] + body[place + 2 :]
        longer = [*loop.body, next_]
        yield Edit(3, next_, what, (((loop, "body", None), longer), ((owner, field, None), rest)))


def round_the_loop(site: Site, _scope: Scope) -> Iterator[Edit]:
    """The first line of a loop as its last one, the last as its first."""
    loop = site.node
    if isinstance(loop, ast.For | ast.While) and len(loop.body) > 2:
        first, *middle, last = loop.body
        for line, body in ((first, [*middle, last, first]), (last, [last, first, *middle])):
            yield Edit(2, line, "its place in the loop", (((loop, "body", None), body),))


def direction(site: Site, _scope: Scope) -> Iterator[Edit]:
    """A loop from the other end."""
    loop = site.node
    if isinstance(loop, ast.For | ast.comprehension):
        what = "the direction of this loop"
        source = loop.iter
        if isinstance(source, ast.Call) and getattr(source.func, "id", "") == "reversed":
            yield Edit(1, source, what, (((loop, "iter", None), source.args[0]),))
        else:
            turned = ast.Call(name("reversed"), [ast.Call(name("list"), [source], [])], [])
            yield Edit(1, source, what, (((loop, "iter", None), turned),))


def carried(site: Site, scope: Scope) -> Iterator[Edit]:
    """At the end of a loop a name takes over the value of another: the state that moves on."""
    loop = site.node
    if not isinstance(loop, ast.For | ast.While):
        return
    inside = {n.id for line in loop.body for n in ast.walk(line) if isinstance(n, ast.Name)}
    words = [word for word in scope.names if word in inside]
    what = "what this loop hands from one round to the next"
    for target in words:
        for value in words:
            if target != value:
                line = ast.Assign([ast.Name(target, ast.Store())], name(value), lineno=loop.lineno)
                yield Edit(5, loop, what, (((loop, "body", None), [*loop.body, line]),))


SITE_EDITS = (accumulation, order, out_of_the_loop, round_the_loop, direction)
BOLD_EDITS = (carried,)
