"""Imports run one way through the rooms, and PyTorch stays in its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.lessons import ROOT

PACKAGE = ROOT / "autograder"
#: Files on their own, which every room may import and which import nothing but each other.
GROUND = {"address", "exercise", "lessons", "plain", "packing"}
#: What each room may import besides itself and the ground.
ROOMS = {
    "exercises": set(),
    "references": set(),
    "oracle": {"references"},
    "judging": {"oracle", "exercises"},
    "learner": {"judging", "oracle", "exercises"},
    "edition": set(),
    "authoring": {"edition", "judging", "oracle", "exercises"},
    "grading": {"authoring", "edition", "learner", "judging", "oracle", "exercises"},
    "cli": {"grading", "authoring", "edition", "learner"},
    "__init__": {"learner"},
    "__main__": {"cli"},
    **{name: set() for name in GROUND},
}
FILES = sorted(PACKAGE.rglob("*.py"))
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, f"{path}: imports have to be written in full"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@each_file
def test_a_room_imports_only_rooms_below_it(path):
    mine = room(path)
    used = {name.split(".")[1] for name in imported(path) if name.startswith("autograder.")}
    rooms = {name for name in used if name in ROOMS}
    assert rooms <= ROOMS[mine] | {mine} | GROUND


@each_file
def test_pytorch_is_imported_by_references_and_the_oracle_alone(path):
    torch = {name for name in imported(path) if name.split(".")[0] == "torch"}
    assert not torch or room(path) in ("references", "oracle")


@each_file
def test_only_the_oracle_imports_references(path):
    used = {name for name in imported(path) if name.startswith("autograder.references")}
    assert not used or room(path) in ("references", "oracle")


@pytest.mark.parametrize("path", [p for p in FILES if room(p) in ("exercises", *GROUND)], ids=str)
def test_exercises_need_numpy_and_the_standard_library_alone(path):
    outside = {name.split(".")[0] for name in imported(path)} - sys.stdlib_module_names
    assert outside <= {"numpy", "autograder"}


def test_judging_knows_no_notebook_and_no_nbgrader():
    for path in (PACKAGE / "judging").rglob("*.py"):
        assert not {name.split(".")[0] for name in imported(path)} & {"IPython", "nbformat", "nbgrader"}


HEAVY = ("torch", "IPython", "nbgrader", "jupytext", "typer")


def test_exercises_are_imported_without_anything_heavy():
    code = f"import sys, autograder.exercises; print(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
