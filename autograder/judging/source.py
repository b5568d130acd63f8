"""An answer in the form of a text: run it once, and hand out the function that it defines."""

from __future__ import annotations

import hashlib
import linecache
from functools import cache
from typing import Any

import numpy as np

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Exercise, Function
from autograder.judging.outcome import call
from autograder.lessons import solutions


@cache
def solution_functions() -> dict[str, Function]:
    """Every exercise's solution by name; they see each other, as they do through carry cells."""
    namespace: dict[str, Any] = {"np": np}
    for name, code in solutions().items():
        exec(compile(code, f"<solution {name}>", "exec"), namespace)
    return {name: namespace[name] for name in solutions()}


def answer_in(source: str, name: str) -> tuple[Exercise, Function]:
    """The exercise `name`, and the function that the text defines. Raises as `judge_source` does."""
    if name not in EXERCISES:
        raise ValueError(f"there is no exercise called {name}.")
    file = f"<answer {hashlib.sha256(source.encode()).hexdigest()[:12]}>"
    # Tracebacks quote the learner's line from here, as they do for a notebook's cells.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    others = {other: f for other, f in solution_functions().items() if other != name}
    space: dict[str, Any] = {"np": np, "__name__": "__answer__", **others}
    try:
        code = compile(source, file, "exec")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"the answer to {name} is no Python: {error}.") from None
    ran = call(lambda: exec(code, space), ())
    if ran.error:
        raise ValueError(f"the answer to {name} stops before its end: {ran.error.kind}: {ran.error.text}.")
    if name not in space:
        raise ValueError(f"the answer does not define {name}.")
    return EXERCISES[name], space[name]
