"""The files that an exercise and its reference are written in, found by their imports."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

from autograder.exercise import Exercise

PACKAGE = Path(__file__).resolve().parent.parent
IMPORT = re.compile(r"^from autograder\.((?:exercises|references)[\w.]*) import", re.MULTILINE)


def closure(paths: list[Path]) -> list[Path]:
    """`paths` and the modules of exercises and references that they import, directly or not; sorted."""
    found, waiting = set(), list(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += map(_file, IMPORT.findall(path.read_text(encoding="utf-8")))
    return sorted(found)


def _file(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def exercise_file(exercise: Exercise) -> Path:
    """The file that declares an exercise."""
    return _file(exercise.module.removeprefix("autograder."))


def reference_file(lesson: str) -> Path:
    """The file of a lesson's references."""
    return PACKAGE / "references" / f"{lesson}.py"


def case_files(exercise: Exercise) -> list[Path]:
    """The files that an exercise's cases may come from; families of mistakes lie beside the lessons."""
    found = closure([exercise_file(exercise)])
    return [path for path in found if path.parent != PACKAGE / "exercises"]


def fingerprint(exercise: Exercise) -> str:
    """A hash of what decides an exercise's cases and their results, as it is written.

    Hints, points and mistakes are left out, and the families of mistakes: a new sentence needs no new record.
    """
    digest = hashlib.sha256()
    for path in case_files(exercise):
        digest.update(_without_mistakes(path.read_text(encoding="utf-8")).encode())
    for path in closure([reference_file(exercise.lesson)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _without_mistakes(text: str) -> str:
    lines, kept, families = text.splitlines(), [], set[str]()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and _of_families(node.module or ""):
            families |= {name.name for name in node.names}
        elif not _is_declaration(node, families):
            kept += lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(kept)


def _of_families(module: str) -> bool:
    """Is it a module beside the lessons, such as autograder.exercises.families?"""
    return module.startswith("autograder.exercises.") and module.count(".") == 2


def _is_declaration(node: ast.stmt, families: set[str]) -> bool:
    """Is it an exercise's signature, one of its mistakes, or a family of them?"""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func) in families
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    called = [ast.unparse(d.func) for d in decorators if isinstance(d, ast.Call)]
    return any(name == "exercise" or name.endswith(".mistake") for name in called)
