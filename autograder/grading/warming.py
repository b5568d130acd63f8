"""Which modules a lesson imports, so that they are loaded once and not for every submission."""

from __future__ import annotations

import ast
from functools import lru_cache

from nbformat import NotebookNode

from autograder.grading.notebooks import is_solution


def modules_of(notebook: NotebookNode) -> list[str]:
    """Modules that the instructor's own cells import; demonstrations are not run, so theirs do not count."""
    found: set[str] = set()
    for cell in notebook.cells:
        mine = cell.cell_type == "code" and not is_solution(cell)
        if mine and "demo" not in cell.metadata.get("tags", ()):
            found |= _imports(cell.source)
    return sorted(found)


@lru_cache(maxsize=256)
def _imports(source: str) -> frozenset[str]:
    try:
        return frozenset(imports_of(ast.parse(source)))
    except SyntaxError:  # a cell with IPython magic
        return frozenset()


def imports_of(tree: ast.AST) -> set[str]:
    """The modules that code imports."""
    nodes = list(ast.walk(tree))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return whole | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
