"""The trusted end of the wire to one submission's process. Nothing that comes over it is trusted."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.grading import limits
from autograder.grading.wire import readable, receive_packed, send
from autograder.packing import PackError, pack, unpack

#: How often a student's process that is busy is looked at.
LOOK_SECONDS = 0.5
#: Seconds that a search may take to come to its end.
SEARCH_GRACE = 2.0
#: What a student's process says of its calls, packed and unverified: outcomes, and arguments afterwards.
Said = tuple[bytes, bytes]
TOO_MUCH = "it returned far too much, or wrote into the grader's own channel"


class CrashError(RuntimeError):
    """The student's process is gone, or was too slow. The message is one clause on which."""

    def __init__(self, why: str, *, slow: bool = False) -> None:
        super().__init__(why)
        self.slow = slow


@dataclass(frozen=True)
class Request:
    """Something that a student's process is to do, within so many seconds; cases are packed already."""

    told: dict[str, Any]
    seconds: float
    cases: tuple[bytes, ...] = ()
    answers: int = 1


def holding(cells: list[str]) -> Request:
    """Keep cells that are not run."""
    return Request({"do": "hold", "cells": cells}, limits.CELL_SECONDS, answers=0)


def running(source: str, before: int = -1) -> Request:
    """Run a cell. `before` is for an answer's: how many of the held cells stand above its check."""
    return Request({"do": "run", "source": source, "before": before}, limits.CELL_SECONDS + 2)


def calling(name: str, cases: bytes, *, again: bool) -> Request:
    """Call a function on each of the packed cases."""
    told = {"do": "call", "name": name, "again": again}
    return Request(told, limits.CASES_SECONDS, (cases,), answers=2)


class Student:
    """The connection to one submission's process; `threads` counts those of its sandbox."""

    def __init__(self, connection: socket.socket, threads: Callable[[], int]) -> None:
        self.connection, self.threads = connection, threads
        #: What was begun and has not answered yet.
        self.begun: deque[Request] = deque()

    def begin(self, requests: list[Request]) -> None:
        """Leave it to the process to do all this in turn: nobody has to wake it for each.

        It reads all of it before it does the first, and so cannot wait for somebody who waits for it. A
        process that is gone is missed at the first answer. Raises CrashError for what is too much to be sent.
        """
        with _crashes(limits.CELL_SECONDS), contextlib.suppress(OSError):
            parts = [part for one in requests for part in (pack(one.told), *one.cases)]
            self.connection.settimeout(limits.CELL_SECONDS)
            send(self.connection, len(requests), *parts)
        self.begun.extend(one for one in requests if one.answers)

    def ran(self) -> dict[str, str]:
        """What the next cell came to: {"printed", "error", "taken", "magics"}. Raises CrashError."""
        reply = self._plain_answer()
        if not isinstance(reply, dict):
            reply = {"error": "no answer that makes sense"}
        said = {key: reply.get(key) for key in ("printed", "error", "taken", "magics")}
        return {key: readable(text)[:2000] if isinstance(text, str) else "" for key, text in said.items()}

    def called(self) -> Said:
        """What it says of the calls that are next. Raises CrashError."""
        outcomes, after = self._answer()
        return outcomes, after

    def explain(self, name: str, task: dict[str, Any], sound: list[str], seconds: float) -> list[Any]:
        """Search the function's own code for its slip -> what it says was found, unverified.

        `sound` are functions that are right. Raises CrashError.
        """
        told = {"do": "explain", "name": name, "task": task, "sound": sound, "seconds": seconds}
        self.begin([Request(told, seconds + SEARCH_GRACE)])
        reply = self._plain_answer()
        return reply if isinstance(reply, list) else []

    def _plain_answer(self) -> Any:
        try:
            return unpack(self._answer()[0])
        except PackError:
            raise CrashError(TOO_MUCH) from None

    def _answer(self) -> list[bytes]:
        """The answers to the request that is next, unopened."""
        asked = self.begun.popleft()
        end = time.monotonic() + asked.seconds
        with _crashes(asked.seconds):
            while not self._answers(min(LOOK_SECONDS, end - time.monotonic())):
                if self.threads() > limits.THREADS:
                    raise CrashError(f"it started more than {limits.THREADS} threads")
            most = limits.MESSAGE_BYTES
            return [
                receive_packed(self.connection, most, end - time.monotonic()) for _ in range(asked.answers)
            ]

    def _answers(self, seconds: float) -> bool:
        """Does an answer begin within so many seconds? Raises TimeoutError if there are none left."""
        if seconds <= 0:
            raise TimeoutError
        waiting = select.poll()  # not select.select, which knows no file descriptor above 1023
        waiting.register(self.connection, select.POLLIN)
        return bool(waiting.poll(1000 * seconds))


@contextlib.contextmanager
def _crashes(seconds: float) -> Iterator[None]:
    """Raise CrashError for whatever a student's process does instead of answering within `seconds`."""
    try:
        yield
    except TimeoutError:
        raise CrashError(f"it was still running after {seconds:g} seconds", slow=True) from None
    except (EOFError, OSError):
        raise CrashError(
            "its process ended (out of memory, a full disk, a crash in native code, or an exit)"
        ) from None
    except PackError:
        raise CrashError(TOO_MUCH) from None
