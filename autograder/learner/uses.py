"""Which names an answer uses, read from its compiled code: what it leans on, and what would be missing."""

from __future__ import annotations

import dis
from types import CodeType
from typing import Any

import numpy as np

from autograder.exercise import EXERCISES, Exercise, Function


def exercises_used(function: Function, exercise: Exercise) -> set[str]:
    """The other exercises of the same lesson that `function` uses."""
    used = _names(getattr(function, "__code__", None)) & EXERCISES.keys() - {exercise.name}
    return {name for name in used if EXERCISES[name].lesson == exercise.lesson}


def outside_its_cell(function: Function) -> set[str]:
    """What `function` uses that its own cell does not bring along: functions of other cells, and PyTorch."""
    code, known = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    used = _names(code)
    others = {
        n for n in used & known.keys() - EXERCISES.keys() if _cell(known[n]) not in (None, _cell(function))
    }
    return others | used & {"torch"}


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
    if code is None:
        return set()
    named = {
        i.argval
        for i in dis.get_instructions(code)
        if i.opname in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME")
    }
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return {name.split(".")[0] for name in named}.union(*map(_names, inner))


def _cell(value: Any) -> str | None:
    """The cell that defines a function of this notebook; None for everything else."""
    own = getattr(value, "__module__", None) == "__main__" and hasattr(value, "__code__")
    return value.__code__.co_filename if own else None
