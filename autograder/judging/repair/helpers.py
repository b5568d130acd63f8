"""Exercises that an answer calls: which of the learner's own are right, and which are the trouble?"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from autograder.exercise import EXERCISES, OPEN_SEED, Exercise, Function
from autograder.judging.definitions import READS, names_of
from autograder.judging.judge import compare_results
from autograder.judging.outcome import call
from autograder.oracle import OracleError, solve

RANDOM = (
    "This draws numbers of its own with np.random. They come in as {names}, so that every right answer gives "
    "the same: use them in their place."
)
#: Where code names a part of a module: np.random, from numpy.random import default_rng.
PARTS = ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM")
UNSOUND = "This calls your own {name}, and that is not right yet: begin with check({name})."
#: Beside a mistake that fits: it may be the helper's.
UNSOUND_TOO = "But this calls your own {name}, and that is not right itself: begin with check({name})."


def exercises_called(function: Function) -> dict[str, Function]:
    """The functions that `function` calls, through others too, and that are exercises themselves."""
    found: dict[str, Function] = {}
    waiting, seen = [function], {id(function)}
    while waiting:
        caller = waiting.pop()
        known: dict[str, Any] = getattr(caller, "__globals__", {})
        for word in sorted(names_of(caller.__code__) & known.keys()) if hasattr(caller, "__code__") else ():
            called = known[word]
            if not isinstance(called, FunctionType) or id(called) in seen or _of_a_library(called):
                continue
            seen.add(id(called))
            waiting.append(called)
            if _takes_what_the_exercise_takes(word, called):
                found[word] = called
    return found


def drawn_at_random(exercise: Exercise, function: Function) -> str:
    """A sentence where the answer draws numbers that the exercise hands in; '' otherwise."""
    given = [name for name in exercise.arguments if name in ("uniforms", "gaussian")]
    if not given or not hasattr(function, "__code__"):
        return ""
    draws = {"random", "default_rng"} & names_of(function.__code__, (*READS, *PARTS))
    return RANDOM.format(names=", ".join(given)) if draws else ""


def is_right(name: str, function: Function) -> bool:
    """Is it right in all open cases?"""
    exercise = EXERCISES[name]
    try:
        cases = solve(name, OPEN_SEED).cases
    except OracleError:
        return True  # nothing speaks against it
    for arguments, expected in cases:
        outcome = call(function, arguments)
        if outcome.error or any(compare_results(exercise, outcome.value, expected)):
            return False
    return True


def first_unsound(called: dict[str, Function]) -> str:
    """The first in the course's order that is not right itself; '' if there is none."""
    order = list(EXERCISES)
    return next((name for name in sorted(called, key=order.index) if not is_right(name, called[name])), "")


def _takes_what_the_exercise_takes(word: str, function: FunctionType) -> bool:
    """A helper may have an exercise's name and be something else."""
    if word not in EXERCISES:
        return False
    code = function.__code__
    return code.co_varnames[: code.co_argcount] == EXERCISES[word].arguments


def _of_a_library(function: FunctionType) -> bool:
    return "site-packages" in function.__code__.co_filename
