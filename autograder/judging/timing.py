"""Stop what takes too long, with an alarm where there is one."""

from __future__ import annotations

import contextlib
import dis
import itertools
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

#: Lines of Python after which the clock is looked at where nothing rings.
LINES_BETWEEN_LOOKS = 64


class TimeLimit(BaseException):  # must pass through a learner's `except Exception`
    """The call took too long."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimit in this thread after `seconds`, again and again until the block ends.

    Without interval timers (a browser, Windows, another thread) Python looks at the clock as it goes from
    line to line: once, and not within a single long call of a library.
    """
    if not _has_timers():
        with _looking_at_the_clock(seconds):
            yield
        return

    def stop(_signal: int, _frame: Any) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _has_timers() -> bool:
    in_main = threading.current_thread() is threading.main_thread()
    return hasattr(signal, "setitimer") and sys.platform not in ("emscripten", "wasi") and in_main


@contextlib.contextmanager
def _looking_at_the_clock(seconds: float) -> Iterator[None]:
    end, lines = time.monotonic() + seconds, itertools.count()

    def look(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "call" and _stands_still(frame.f_code):
            frame.f_trace_opcodes = True
        if next(lines) % LINES_BETWEEN_LOOKS == 0 and time.monotonic() > end:
            raise TimeLimit
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)


@lru_cache(maxsize=256)
def _stands_still(code: CodeType) -> bool:
    """Has it a loop of one instruction (`while True: pass`)? Python 3.11 takes its rounds for one line."""
    return any(
        step.opname.startswith("JUMP") and step.argval == step.offset for step in dis.get_instructions(code)
    )
