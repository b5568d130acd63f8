"""The trusted end of the wire to one submission's process. Nothing that comes over it is trusted."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import Any

from autograder.grading import limits
from autograder.grading.wire import readable, receive_packed, send
from autograder.packing import PackError, unpack

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


class Student:
    """The connection to one submission's process; `threads` counts those of its sandbox."""

    def __init__(self, connection: socket.socket, threads: Callable[[], int]) -> None:
        self.connection, self.threads = connection, threads

    def hold(self, cells: list[str]) -> None:
        """Leave the cells that are not run with the process. Raises CrashError."""
        self._ask({"do": "hold", "cells": cells}, limits.CELL_SECONDS)

    def run(self, source: str, before: int = -1) -> dict[str, str]:
        """Run a cell -> {"printed", "error", "taken", "magics"}. Raises CrashError.

        `before` is for an answer's cell: how many of the held cells stand above its check.
        """
        reply = self._ask({"do": "run", "source": source, "before": before}, limits.CELL_SECONDS + 2)
        if not isinstance(reply, dict):
            reply = {"error": "no answer that makes sense"}
        said = {key: reply.get(key) for key in ("printed", "error", "taken", "magics")}
        return {key: readable(text)[:2000] if isinstance(text, str) else "" for key, text in said.items()}

    def call(self, name: str, cases: bytes, *, again: bool) -> Said:
        """Call a function on each of the packed cases -> what it says happened. Raises CrashError."""
        request = {"do": "call", "name": name, "again": again}
        outcomes, after = self._asked(request, limits.CASES_SECONDS, (cases,), answers=2)
        return outcomes, after

    def explain(self, name: str, task: dict[str, Any], sound: list[str], seconds: float) -> list[Any]:
        """Search the function's own code for its slip -> what it says was found, unverified.

        `sound` are functions that are right. Raises CrashError.
        """
        asked = {"do": "explain", "name": name, "task": task, "sound": sound, "seconds": seconds}
        reply = self._ask(asked, seconds + SEARCH_GRACE)
        return reply if isinstance(reply, list) else []

    def _ask(self, request: dict[str, Any], seconds: float) -> Any:
        try:
            return unpack(self._asked(request, seconds)[0])
        except PackError:
            raise CrashError(TOO_MUCH) from None

    def _asked(
        self, request: dict[str, Any], seconds: float, packed: tuple[bytes, ...] = (), answers: int = 1
    ) -> list[bytes]:
        """The answers to a request, unopened."""
        end = time.monotonic() + seconds
        try:
            self.connection.settimeout(seconds)
            send(self.connection, request, *packed)
            while not self._answers(min(LOOK_SECONDS, end - time.monotonic())):
                if self.threads() > limits.THREADS:
                    raise CrashError(f"it started more than {limits.THREADS} threads")
            most = limits.MESSAGE_BYTES
            return [receive_packed(self.connection, most, end - time.monotonic()) for _ in range(answers)]
        except TimeoutError:
            raise CrashError(f"it was still running after {seconds:g} seconds", slow=True) from None
        except (EOFError, OSError):
            raise CrashError(
                "its process ended (out of memory, a full disk, a crash in native code, or an exit)"
            ) from None
        except PackError:
            raise CrashError(TOO_MUCH) from None

    def _answers(self, seconds: float) -> bool:
        """Does an answer begin within so many seconds? Raises TimeoutError if there are none left."""
        if seconds <= 0:
            raise TimeoutError
        waiting = select.poll()  # not select.select, which knows no file descriptor above 1023
        waiting.register(self.connection, select.POLLIN)
        return bool(waiting.poll(1000 * seconds))
