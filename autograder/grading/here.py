"""Judge a learner's own notebook in this process, on the open cases: where there is no sandbox or PyTorch."""

from __future__ import annotations

import ast
from importlib import import_module

from nbformat import NotebookNode

from autograder.grading.notebooks import OWN, grade_id, is_run, is_test
from autograder.grading.results import Result, Test
from autograder.grading.scores import exercise_name
from autograder.grading.warming import imports_of, modules_of
from autograder.judging import judge_source
from autograder.learner import make_report


def judge_here(notebook: NotebookNode, result: Result) -> Result:
    """Fill in `result` for a rebuilt notebook, exercise by exercise, each after what stands above it."""
    gone = {name for name in modules_of(notebook) if not _there(name)}
    above: list[str] = []
    answer = ""
    for cell in notebook.cells:
        if OWN in cell.metadata.get("tags", ()):
            above.append(_definitions(cell.source))
        elif not is_run(cell):
            continue
        elif is_test(cell):
            result.tests[grade_id(cell)], runs = _judged(cell, "\n\n".join([*above, answer]))
            above += [answer] if runs else []
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            answer = cell.source
        else:
            above.append(_without(gone, cell.source))
    return result


def _definitions(source: str) -> str:
    """What a learner's own cell defines, for the answers below it; its other lines are not run."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return ""
    wanted = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign)
    return "\n".join(ast.unparse(node) for node in body if isinstance(node, wanted))


def _there(module: str) -> bool:
    """Import a module, which takes longer than an answer may; one that needs PyTorch may fail."""
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def _without(gone: set[str], source: str) -> str:
    """The course's cell without the imports that fail here: they are for its demonstrations."""
    kept = [node for node in ast.parse(source).body if not gone & imports_of(node)]
    return "\n".join(map(ast.unparse, kept))


def _judged(cell: NotebookNode, source: str) -> tuple[Test, bool]:
    """The points of one exercise, and whether its cell runs: those below go on without one that does not."""
    name, points = exercise_name(cell), float(cell.metadata["nbgrader"]["points"])
    try:
        verdict = judge_source(name, source)
    except ValueError as error:
        text = f"✗ {name}: {error}"
        return Test(0.0, points, [text], text, ""), False
    return Test(points * verdict.credit, points, [], str(make_report(verdict)), ""), True
