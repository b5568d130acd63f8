"""Answers to judge in tests: the lessons' own solutions and stubs, as functions."""

from functools import cache
from typing import Any

import numpy as np

from autograder.authoring.author import instructor_notebook
from autograder.authoring.release import released
from autograder.exercise import Function
from autograder.judging.source import solution_functions
from autograder.lessons import all_lessons, solutions

__all__ = ["solution_functions", "stub_functions"]


@cache
def stub_functions() -> dict[str, Function]:
    """Every exercise's stub by name, exactly as the student's notebook holds it."""
    namespace: dict[str, Any] = {"np": np}
    for lesson in all_lessons():
        for cell in released(instructor_notebook(lesson)).cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                exec(compile(cell.source, f"<stub {cell.id}>", "exec"), namespace)
    return {name: namespace[name] for name in solutions()}
