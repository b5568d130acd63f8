"""Exercises that an answer calls: which of the learner's own are right, and which are the trouble?"""

from __future__ import annotations

from types import CodeType, FunctionType
from typing import Any

from autograder.exercise import EXERCISES, OPEN_SEED, Exercise, Function
from autograder.judging.compare import difference
from autograder.judging.outcome import call
from autograder.oracle import OracleError, solve

RANDOM = (
    "This draws numbers of its own with np.random. They come in as {names}, so that every right answer gives "
    "the same: use them in their place."
)
UNSOUND = "This calls your own {name}, and that is not right yet: begin with check({name})."


def exercises_called(function: Function) -> dict[str, Function]:
    """The functions that `function` calls, through others too, and that are exercises themselves."""
    found: dict[str, Function] = {}
    waiting, seen = [function], {id(function)}
    while waiting:
        caller = waiting.pop()
        known: dict[str, Any] = getattr(caller, "__globals__", {})
        for word in sorted(_names(getattr(caller, "__code__", None)) & known.keys()):
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
    draws = {"random", "default_rng"} & _names(getattr(function, "__code__", None))
    return RANDOM.format(names=", ".join(given)) if given and draws else ""


def is_right(name: str, function: Function) -> bool:
    """Is it right in all open cases?"""
    exercise = EXERCISES[name]
    try:
        cases = solve(name, OPEN_SEED).cases
    except OracleError:
        return True  # nothing speaks against it
    for arguments, expected in cases:
        outcome = call(function, arguments)
        if outcome.error or _differs(exercise, outcome.value, expected):
            return False
    return True


def first_unsound(called: dict[str, Function]) -> str:
    """The first in the course's order that is not right itself; '' if there is none."""
    order = list(EXERCISES)
    return next((name for name in sorted(called, key=order.index) if not is_right(name, called[name])), "")


def _differs(exercise: Exercise, value: Any, expected: Any) -> bool:
    if len(exercise.returns) == 1:
        return difference(value, expected, exercise.rtol) is not None
    if not isinstance(value, tuple | list) or len(value) != len(expected):
        return True
    return any(difference(v, e, exercise.rtol) is not None for v, e in zip(value, expected, strict=True))


def _takes_what_the_exercise_takes(word: str, function: FunctionType) -> bool:
    """A helper may have an exercise's name and be something else."""
    if word not in EXERCISES:
        return False
    code = function.__code__
    return code.co_varnames[: code.co_argcount] == EXERCISES[word].arguments


def _of_a_library(function: FunctionType) -> bool:
    return "site-packages" in function.__code__.co_filename


def _names(code: CodeType | None) -> set[str]:
    """The names that code and the functions in it may look up."""
    if code is None:
        return set()
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inner))
