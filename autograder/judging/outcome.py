"""Call an answer once and say all that happened, in plain values.

This is the seam: the judge hands over arguments and gets an Outcome back, and does not care whether the
answer ran in this process or in an isolated one.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import math
import re
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise import Function
from autograder.judging.timing import TimeLimit, time_limit
from autograder.plain import NotPlainError, copy_plain, same_plain, to_plain

#: Seconds that one call may take; the largest case of any exercise needs a few milliseconds.
TIME_LIMIT = 10.0
#: Characters of a learner's printing that are kept.
MOST_PRINTED = 2_000
#: The kind of error of a function that is not there.
UNDEFINED = "Undefined"


@dataclass
class Raised:
    """An exception in a learner's function: its type, its words, and the line that raised it."""

    kind: str
    text: str
    line: int | None = None
    code: str = ""
    #: The function that the answer called, directly or not, and that is still a stub.
    stub: str = ""
    #: The shapes of the arrays that the line names, as in "q (5, 3), k (7, 3)".
    shapes: str = ""


@dataclass
class Outcome:
    """What one call did. `value` counts only where `error` is None."""

    value: Any = None
    error: Raised | None = None
    #: The arguments as the call left them, in plain values; None where nobody looked.
    after: tuple[Any, ...] | None = None
    #: Positions of those that it changed.
    modified: tuple[int, ...] = ()
    #: Those of them that are lists, and hold more or fewer items than before.
    resized: tuple[int, ...] = ()
    printed: str = ""
    warned: tuple[str, ...] = ()
    seconds: float = 0.0


Answer = Callable[[tuple[Any, ...]], Outcome]


class CappedText(io.StringIO):
    """Keeps the first characters written to it and forgets the rest."""

    def write(self, text: str) -> int:
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def call(function: Function, arguments: tuple[Any, ...], limit: float = TIME_LIMIT) -> Outcome:
    """Call `function` on copies of `arguments`; whatever it does ends in an Outcome."""
    return compared(called(function, arguments, limit), arguments)


def called(function: Function, arguments: tuple[Any, ...], limit: float = TIME_LIMIT) -> Outcome:
    """As `call`, and whether an argument was changed is left to be seen from `after`.

    A `limit` of infinity is none: where no alarm rings (timing.py), looking at the clock is most of the time.
    """
    given = copy_plain(arguments)
    outcome, printed = Outcome(), CappedText()
    started = time.perf_counter()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        warnings.catch_warnings(record=True) as caught,
        np.errstate(all="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        try:
            with time_limit(limit) if math.isfinite(limit) else contextlib.nullcontext():
                outcome.value = to_plain(function(*given))
        except TimeLimit:
            outcome.error = Raised("TimeLimit", f"{limit:g}")
        except NotPlainError as error:
            outcome.error = Raised("NotPlain", str(error))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a learner's function may raise anything, SystemExit included
            outcome.error = _raised(error, function)
    outcome.seconds = time.perf_counter() - started
    outcome.printed = printed.getvalue()
    outcome.warned = tuple(dict.fromkeys(str(w.message) for w in caught))
    outcome.after = tuple(map(_plain, given))
    return outcome


def compared(outcome: Outcome, arguments: tuple[Any, ...]) -> Outcome:
    """The outcome with what the call changed: its arguments afterwards are compared with those it was given.

    The judge of a graded answer does this itself, since the answer's own process may say what it likes.
    Raises ValueError where the numbers of arguments differ.
    """
    after = arguments if outcome.after is None else outcome.after
    pairs = list(enumerate(zip(arguments, after, strict=True)))
    outcome.modified = tuple(i for i, (before, after) in pairs if not same_plain(before, after))
    changed = ((i, *pair) for i, pair in pairs if i in outcome.modified)
    outcome.resized = tuple(i for i, before, after in changed if _size(before) != _size(after))
    return outcome


def without_after(messages: Any) -> tuple[Any, list[Any]]:
    """Outcomes as plain values without what became of the arguments, and that by itself.

    Mostly it is what was sent, byte for byte: then nobody has to open it.
    """
    listed = messages if isinstance(messages, list) else []
    return messages, [m.pop("after", None) if isinstance(m, dict) else None for m in listed]


def _size(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def _plain(value: Any) -> Any:
    """An argument after the call as a plain value; a word where something else was put into it."""
    try:
        return to_plain(value)
    except NotPlainError as error:
        return str(error)


def _raised(error: BaseException, function: Function) -> Raised:
    """Name the deepest line of the traceback that lies in the learner's own file or cell."""
    home = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = [(f, line) for f, line in traceback.walk_tb(error.__traceback__) if f.f_code.co_filename == home]
    try:
        text = str(error)[:MOST_PRINTED]
    except Exception:
        text = ""
    stub = _stub(error, function) if isinstance(error, NotImplementedError) else ""
    if not frames:
        return Raised(type(error).__name__, text, stub=stub)
    frame, line = frames[-1]
    code = linecache.getline(frame.f_code.co_filename, line or 0).strip()
    return Raised(type(error).__name__, text, line, code, stub, _shapes(code, frame.f_locals))


def _shapes(code: str, values: Mapping[str, Any]) -> str:
    """The shapes of the arrays among the values that a line of code names, in its order."""
    names = dict.fromkeys(re.findall(r"(?<![\w.])[A-Za-z_]\w*", code))
    arrays = ((name, values[name]) for name in names if type(values.get(name)) is np.ndarray)
    return ", ".join(f"{name} {array.shape}" for name, array in arrays)


def _stub(error: NotImplementedError, function: Function) -> str:
    """The name of the function that raised, where it is another one than `function`, and nobody's library."""
    *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
    code = frame.f_code
    own = code is getattr(function, "__code__", None) or "site-packages" in code.co_filename
    return "" if own else code.co_name
