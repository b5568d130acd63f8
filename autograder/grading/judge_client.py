"""A grader's side of the trusted judge: ask it, and say whose fault it is where no answer comes.

A judge that died is found dead by its exit code, never by a closed connection: the judge that all share is
not ended for one. A question that got no answer is asked again when nobody else asks, so that an answer over
which the judge dies harms nobody but whoever gave it.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.grading import limits
from autograder.grading.judge_start import end, start
from autograder.grading.results import NO_CREDITS
from autograder.grading.sandbox.student import Said
from autograder.grading.turns import Turns
from autograder.grading.wire import receive, send
from autograder.judging.outcome import without_after
from autograder.packing import PackError, pack
from autograder.plain import copy_plain

#: The judge ends itself when it thinks for too long; this is for one that is stopped, or waits for many.
ANSWER_SECONDS = 300.0
#: The first one beside others, the rest alone.
TRIES = 3
#: Different outcomes of right answers that are remembered; of an exercise there are a handful.
MOST_PASSED = 5_000


class NotJudgedError(RuntimeError):
    """The judge is there, and has no verdict on this answer. The message is one clause on why."""


class Judge:
    """One judge process, shared by the threads of this process; every thread has its own connection."""

    def __init__(self, seed: str, credits: str = NO_CREDITS) -> None:
        if not find_spec("torch"):  # the judge's process would fail without a word
            raise ModuleNotFoundError("PyTorch is the judge's, for fresh inputs", name="torch")
        self.seed, self.credits = seed, credits
        self.lock, self.turns, self.local = threading.Lock(), Turns(), threading.local()
        self.connections: set[socket.socket] = set()
        self.process: subprocess.Popen[str] | None = None
        self.starts = 0
        self.closed = False
        self.cases_of: dict[tuple[str, bool], list[tuple[Any, ...]]] = {}
        self.packed: dict[tuple[str, bool], bytes] = {}
        #: Verdicts on outcomes that passed, by a hash of them: nothing else decides what is said of those.
        self.passed: dict[tuple[str, bool, bytes, bytes], dict[str, Any]] = {}

    @cached_property
    def folder(self) -> Path:
        """Where it listens; made when the judge starts, which removes it even if this process is killed."""
        return Path(tempfile.mkdtemp(prefix="judge-"))  # mkdtemp: for this user's eyes only

    def cases(self, exercise: str, *, hidden: bool) -> list[tuple[Any, ...]]:
        """The inputs of an exercise's cases."""
        key = (exercise, hidden)
        if key not in self.cases_of:
            self.cases_of[key] = self.ask({"ask": "cases", "exercise": exercise, "hidden": hidden})
        return self.cases_of[key]

    def packed_cases(self, exercise: str, *, hidden: bool) -> bytes:
        """The same, packed once for all students."""
        key = (exercise, hidden)
        if key not in self.packed:
            self.packed[key] = pack(self.cases(exercise, hidden=hidden))
        return self.packed[key]

    def verdict(
        self,
        exercise: str,
        outcomes: list[Any] | Said,
        *,
        hidden: bool,
        source: str = "",
        error: str = "",
        wrong: Iterable[str] = (),
        found: Iterable[Any] = (),
    ) -> dict[str, Any]:
        """What a student's outcomes, packed or not, are worth: {"passed", "credit", "lines", ...}.

        Where the answer's `source` uses one of the functions in `wrong`, a failed verdict says so; it also
        says what a search has `found`, and the `error` of a cell that left no function. Outcomes that passed
        before, bit for bit, pass again: the judge is not asked.
        Raises PackError if the packed outcomes are no plain value.
        """
        request = {"ask": "verdict", "exercise": exercise, "hidden": hidden}
        plain = {**request, "source": "", "error": "", "wrong": [], "found": []}
        whole = {**request, "source": source, "error": error, "wrong": list(wrong), "found": list(found)}
        try:
            said = outcomes if isinstance(outcomes, tuple) else _packed(outcomes)
        except PackError as odd:  # too much to be sent: an answer like any other wrong one
            said = _packed([not_plain(str(odd))])
        key = (exercise, hidden, sha256(said[0]).digest(), sha256(said[1]).digest())
        if key in self.passed:
            known: dict[str, Any] = copy_plain(self.passed[key])
            return known
        try:
            verdict = self._told(whole, said)
        except NotJudgedError:  # the source serves a hint only
            verdict = self._told(plain, said)
        if verdict["passed"] and len(self.passed) < MOST_PASSED:
            self.passed[key] = copy_plain(verdict)
        return verdict

    def task(self, exercise: str, outcomes: Said) -> dict[str, Any]:
        """What changes of a wrong answer are held against: see `autograder.judging.repair.trial.Task`."""
        return self._told({"ask": "task", "exercise": exercise, "hidden": False}, outcomes)

    def stopped(self, exercise: str, why: str) -> dict[str, Any]:
        """The verdict on a function whose process did not survive it; `why` is one clause."""
        return self._told({"ask": "stopped", "exercise": exercise, "why": why})

    def waited(self) -> float:
        """Seconds that this thread has waited for the judge while it did not work for this thread."""
        return getattr(self.local, "waited", 0.0)

    def ask(self, request: dict[str, Any], outcomes: Said | tuple[()] = ()) -> Any:
        """Send a request, and packed outcomes, and wait for the answer; a judge that died is started again.

        Raises JudgeError if no judge can be had, NotJudgedError if it has no answer to this, and PackError
        if the request is no plain value, or too large.
        """
        for attempt in range(TRIES):
            begun, worked = time.monotonic(), 0.0
            with self.turns.taken(alone=attempt > 0):
                try:
                    reply = self._exchange(request, outcomes)
                    worked = reply["seconds"]
                except (EOFError, OSError):
                    self._hang_up()
                    continue
                finally:
                    self.local.waited = self.waited() + time.monotonic() - begun - worked
            if reply["error"]:
                raise NotJudgedError(reply["error"])
            return reply["value"]
        raise NotJudgedError(f"the judge ended {TRIES} times over the same answer")

    def close(self) -> None:
        """End the process for good: whoever still asks gets a JudgeError."""
        self.closed = True
        for connection in list(self.connections):
            connection.close()
        if self.process:
            end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _told(self, request: dict[str, Any], outcomes: Said | tuple[()] = ()) -> dict[str, Any]:
        """The answer to a request whose answer is a verdict."""
        verdict: dict[str, Any] = self.ask(request, outcomes)
        if "torn" in verdict:
            raise PackError(verdict["torn"])
        return verdict

    def _exchange(self, request: dict[str, Any], outcomes: Said | tuple[()]) -> dict[str, Any]:
        connection = self._connection()
        connection.settimeout(ANSWER_SECONDS)
        send(connection, {**request, "attached": len(outcomes)}, *outcomes)
        try:
            reply: dict[str, Any] = receive(connection, 2 * limits.MESSAGE_BYTES, ANSWER_SECONDS)
        except PackError as error:  # what comes next would be the rest of this
            raise EOFError from error
        return reply

    def _connection(self) -> socket.socket:
        if getattr(self.local, "connection", None) is None:
            path = self._judge()
            self.local.connection = socket.socket(socket.AF_UNIX)
            self.connections.add(self.local.connection)
            self.local.connection.connect(str(path))
        connection: socket.socket = self.local.connection
        return connection

    def _hang_up(self) -> None:
        """Forget this thread's connection, and wait a moment for a judge that is about to be dead."""
        if connection := getattr(self.local, "connection", None):
            connection.close()
            self.connections.discard(connection)
        self.local.connection = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self.process:
                self.process.wait(0.5)

    def _judge(self) -> Path:
        """Where the judge listens; it is started if there is none."""
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                if self.process:
                    end(self.process)
                self.process = None
                self.starts += not self.closed
                self.process = start(self._path(), self.seed, self.credits, closed=self.closed)
            return self._path()

    def _path(self) -> Path:
        return self.folder / f"judge-{self.starts}"


def _packed(outcomes: list[Any]) -> Said:
    said, after = without_after([dict(outcome) for outcome in outcomes])
    return pack(said), pack(after)


def not_plain(why: str) -> dict[str, Any]:
    """The outcome of a call whose result cannot be sent."""
    error = {"kind": "NotPlain", "text": why[:200], "line": None, "code": ""}
    return {"value": None, "error": error, "after": None, "printed": "", "warned": []}
