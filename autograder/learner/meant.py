"""Which exercise is meant by what a learner hands to `check`?"""

from __future__ import annotations

import difflib
import sys
from typing import Any

from autograder.exercise import EXERCISES, Function

NO_FUNCTION = (
    "hand over the function itself, as in check(rnn_step), not its name in quotes and not its result."
)
NAMELESS = "give the function its exercise's name, as in `softmax = lambda z: ...`, then check(softmax)."
BORROWED = "This judged {module}'s {name}, not a function of yours: write {exercise} in this notebook."


def exercise_name(which: Any) -> str | None:
    """The name of the exercise that `which` is: its own, or the one that the notebook calls it by."""
    if isinstance(which, str):
        return which
    own = getattr(which, "__name__", None)
    if own in EXERCISES or not callable(which):
        return own
    known = {**vars(sys.modules["__main__"]), **getattr(which, "__globals__", {})}
    called = [name for name, value in known.items() if value is which and name in EXERCISES]
    return called[0] if len(called) == 1 else own


def unknown(name: str | None) -> str:
    """What to say where `name` is no exercise."""
    if name is None:
        return NO_FUNCTION
    if name == "<lambda>":
        return NAMELESS
    close = difflib.get_close_matches(name, EXERCISES, n=1)
    kept = f" Did you mean {close[0]}?" if close else " Keep the function's name as the notebook gives it."
    return f"there is no exercise called {name}.{kept}"


def borrowed(function: Function, exercise: str) -> str:
    """A word where the function comes from an installed library; '' for the learner's own."""
    module = getattr(function, "__module__", None) or "__main__"
    home = getattr(sys.modules.get(module), "__file__", None) or ""
    written_here = hasattr(function, "__code__") and "site-packages" not in home
    if module == "__main__" or written_here:
        return ""
    name = getattr(function, "__name__", exercise)
    return BORROWED.format(module=module.split(".")[0], name=name, exercise=exercise)
