"""Which names an answer uses, read from its compiled code: what it leans on, and what would be missing."""

from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from autograder.exercise import EXERCISES, Exercise, Function
from autograder.judging.definitions import READS, makers, names_of, statements, without_timing


def exercises_used(function: Function, exercise: Exercise) -> set[str]:
    """The other exercises of the same lesson that `function` uses."""
    used = _names(getattr(function, "__code__", None)) & EXERCISES.keys() - {exercise.name}
    return {name for name in used if EXERCISES[name].lesson == exercise.lesson}


def left_behind(function: Function) -> set[str]:
    """What `function` uses, itself or through other cells, and graders cannot take along.

    They have the cells of the notebook: not what came by another way (`from x import *`, a module beside the
    notebook), and no PyTorch. Outside a notebook only PyTorch is noticed.
    """
    known, used = getattr(function, "__globals__", {}), _names(getattr(function, "__code__", None))
    others = {name for name in used & known.keys() - EXERCISES.keys() if not _installed(known[name])}
    cells = known.get("In", ()) if others else ()
    needed = makers(others, (statements(map(_python, cells)),), EXERCISES)
    reads = others.union(*(one.reads for one in needed)) & known.keys() - EXERCISES.keys()
    made = {name for one in needed for name in one.binds}
    lost = {n for n in reads if _beside(known[n]) or not (n in made or _installed(known[n]))}
    torch = {"torch"} & {*used, *(_package(known[name]) for name in reads)}
    return (lost if cells else set()) | torch


def _python(cell: str) -> str:
    """A cell's source with IPython's own lines as calls; '' for a cell that is no Python at all."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return TransformerManager().transform_cell(without_timing(cell))
    except Exception:  # it raises what it likes
        return ""


def _package(value: Any) -> str:
    """The package that a module is, or that anything else comes from; '' for what comes from none."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return str(name or "").split(".")[0]


def _installed(value: Any) -> bool:
    """Is it a module that graders have as well?"""
    return isinstance(value, ModuleType) and not _beside(value) and _package(value) != "torch"


def _beside(value: Any) -> bool:
    """Is it a module in a file of the learner's own, or something out of one?"""
    path = getattr(sys.modules.get(_package(value)), "__file__", None) or ""
    ours = _package(value) in ("__main__", "autograder", "coursekit") or "site-packages" in path
    return bool(path) and not ours and Path(path).is_relative_to(Path.cwd())


def from_elsewhere(function: Function, exercise: Exercise) -> list[str]:
    """Sizes and data that `function` takes from the notebook, where an argument is meant.

    Constants of one's own with a longer name are left alone.
    """
    known = getattr(function, "__globals__", {})
    named = {argument for other in EXERCISES.values() for argument in other.arguments}
    used = _names(getattr(function, "__code__", None)) & known.keys()
    return sorted(
        word
        for word in used
        if isinstance(known[word], np.ndarray)
        or (isinstance(known[word], int | float) and (word in named or len(word) == 1))
    )


def _names(code: CodeType | None) -> set[str]:
    """Global names and imports, those of inner functions too; attributes are not names."""
    used = names_of(code, (*READS, "IMPORT_NAME")) if code else set()
    return {name.split(".")[0] for name in used}
