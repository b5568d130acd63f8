"""Answers to judge in tests: the lessons' own solutions and stubs, as functions."""

from collections.abc import Callable
from functools import cache

import numpy as np

from autograder.author import instructor_notebook, solutions
from autograder.lessons import all_lessons
from autograder.release import released


@cache
def solution_functions() -> dict[str, Callable]:
    """Every exercise's solution by name; they see each other, as they do through carry cells."""
    namespace: dict = {"np": np}
    for name, code in solutions().items():
        exec(compile(code, f"<solution {name}>", "exec"), namespace)
    return {name: namespace[name] for name in solutions()}


@cache
def stub_functions() -> dict[str, Callable]:
    """Every exercise's stub by name, exactly as the student's notebook holds it."""
    namespace: dict = {"np": np}
    for lesson in all_lessons():
        for cell in released(instructor_notebook(lesson)).cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                exec(compile(cell.source, f"<stub {cell.id}>", "exec"), namespace)
    return {name: namespace[name] for name in solutions()}
