"""The same function as different people write it: other names, other order, other intermediate steps."""

import ast
import random

from autograder.exercise import EXERCISES


def variant(source: str, rng: random.Random) -> str:
    """A way to write the function in `source` that computes the same."""
    tree = ast.parse(source)
    names = _locals(tree)
    tree = _Rewrite(rng, {name: f"{name}_{rng.choice('abcdefgh')}" for name in names}).visit(tree)
    return renamed(ast.unparse(ast.fix_missing_locations(tree)), {})


def renamed(source: str, names: dict[str, str]) -> str:
    """The source with its local names replaced, and a comment: what somebody does who hides a copy."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            node.id = names[node.id]
    return ast.unparse(tree)


def disguised(source: str) -> str:
    """A copy with every local name replaced and a comment on top."""
    names = {name: f"my{i}" for i, name in enumerate(sorted(_locals(ast.parse(source))))}
    return f"# all my own work\n{renamed(source, names)}"


def _locals(tree: ast.AST) -> set[str]:
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored - EXERCISES.keys()


class _Rewrite(ast.NodeTransformer):
    """Renames locals, turns sums around, and gives some results a name before they are used."""

    def __init__(self, rng: random.Random, names: dict[str, str]) -> None:
        self.rng, self.names = rng, names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult) and self.rng.random() < 0.4:
            node.left, node.right = node.right, node.left
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return self._split(node) if node.value and self.rng.random() < 0.5 else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        simple = isinstance(node.value, ast.BinOp | ast.Call) and isinstance(node.targets[0], ast.Name)
        return self._split(node) if simple and self.rng.random() < 0.4 else node

    def _split(self, node: ast.Return | ast.Assign) -> list[ast.stmt]:
        """`return a + b` as `step = a; return step + b`, or with the whole under a name."""
        value = node.value
        assert value is not None
        name = f"step_{self.rng.choice('pqrs')}{self.rng.randrange(100)}"
        if isinstance(value, ast.BinOp) and self.rng.random() < 0.6:
            first: ast.stmt = ast.Assign([ast.Name(name, ast.Store())], value.left)
            value.left = ast.Name(name, ast.Load())
        else:
            first = ast.Assign([ast.Name(name, ast.Store())], value)
            node.value = ast.Name(name, ast.Load())
        return [first, node]
