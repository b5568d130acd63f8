"""Judge an answer: run it, compare it with what the oracle says, and say what is wrong.

Imports wait until something is judged: the isolated process of a graded answer uses parts of this room,
and can see no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.exercise import OPEN_SEED

if TYPE_CHECKING:
    from autograder.judging.verdict import Verdict

__all__ = ["judge_source"]


def judge_source(name: str, source: str, seed: int = OPEN_SEED) -> Verdict:
    """Judge a text that defines the function `name`, in this process, under the limits of a notebook.

    The text finds NumPy as `np`, and the course's own solutions of all other exercises unless it defines
    them itself. Raises ValueError for an unknown exercise, a text that cannot be run, and one that does
    not define the function.
    """
    from functools import partial

    from autograder.judging.judge import judge
    from autograder.judging.outcome import call
    from autograder.judging.repair.explain import explain
    from autograder.judging.source import answer_in

    exercise, function = answer_in(source, name)
    verdict = judge(exercise, partial(call, function), seed)
    if seed == OPEN_SEED:
        explain(verdict, function)
    return verdict
