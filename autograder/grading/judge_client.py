"""A grader's side of the trusted judge: start it, ask it, start it again if it died."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.grading import limits
from autograder.grading.wire import receive, send

ANSWER_SECONDS = 30.0
TRIES = 3


class JudgeError(RuntimeError):
    """The judge cannot be started, or dies again and again."""


class Judge:
    """One judge process, shared by the threads of this process; every thread has its own connection."""

    def __init__(self, seed: str) -> None:
        if not find_spec("torch"):  # the judge's process would fail without a word
            raise ModuleNotFoundError("PyTorch is the judge's, for fresh inputs", name="torch")
        self.seed = seed
        self.folder = Path(tempfile.mkdtemp(prefix="judge-"))  # mkdtemp: for this user's eyes only
        self.lock = threading.Lock()
        self.local = threading.local()
        self.connections: list[socket.socket] = []
        self.process: subprocess.Popen[str] | None = None
        self.starts = 0
        self.closed = False
        self.cases_of: dict[tuple[str, bool], list[tuple[Any, ...]]] = {}

    def cases(self, exercise: str, *, hidden: bool) -> list[tuple[Any, ...]]:
        """The inputs of an exercise's cases."""
        key = (exercise, hidden)
        if key not in self.cases_of:
            self.cases_of[key] = self.ask({"ask": "cases", "exercise": exercise, "hidden": hidden})
        return self.cases_of[key]

    def verdict(
        self, exercise: str, outcomes: list[Any], *, hidden: bool, source: str = "", wrong: Iterable[str] = ()
    ) -> dict[str, Any]:
        """What a student's outcomes are worth: {"passed", "credit", "lines", ...}.

        Where the answer's `source` uses one of the functions in `wrong`, a failed verdict says so.
        """
        request = {"ask": "verdict", "exercise": exercise, "hidden": hidden}
        try:
            return self._told({**request, "outcomes": outcomes, "source": source, "wrong": list(wrong)})
        except JudgeError:  # an answer that stops the judge is a wrong answer
            return self._told({**request, "outcomes": [], "source": "", "wrong": []})

    def absent(self, exercise: str, source: str, error: str) -> dict[str, Any]:
        """The verdict on a function that is not there, though its cell was run."""
        try:
            return self._told({"ask": "absent", "exercise": exercise, "source": source, "error": error})
        except JudgeError:
            return self._told({"ask": "absent", "exercise": exercise, "source": "", "error": ""})

    def stopped(self, exercise: str, why: str) -> dict[str, Any]:
        """The verdict on a function whose process did not survive it; `why` is one clause."""
        return self._told({"ask": "stopped", "exercise": exercise, "why": why})

    def ask(self, request: dict[str, Any]) -> Any:
        """Send a request and wait for the answer; a judge that died is started again. Raises JudgeError."""
        for _ in range(TRIES):
            try:
                connection = self._connection()
                send(connection, request)
                return receive(connection, 2 * limits.MESSAGE_BYTES, ANSWER_SECONDS)
            except (EOFError, OSError):
                self.local.connection = None
                self._restart(getattr(self.local, "start", 0))
        raise JudgeError("the judge ended three times over the same answer")

    def close(self) -> None:
        """End the process for good: whoever still asks gets a JudgeError."""
        self.closed = True
        for connection in self.connections:
            connection.close()
        if self.process:
            self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _told(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request whose answer is a verdict."""
        verdict: dict[str, Any] = self.ask(request)
        return verdict

    def _connection(self) -> socket.socket:
        if getattr(self.local, "connection", None) is None:
            with self.lock:
                if self.process is None:
                    self._start()
                self.local.start = self.starts  # whose death it is that ends this connection
            self.local.connection = socket.socket(socket.AF_UNIX)
            self.connections.append(self.local.connection)
            self.local.connection.connect(str(self.folder / f"judge-{self.local.start}"))
        connection: socket.socket = self.local.connection
        return connection

    def _restart(self, seen: int) -> None:
        with self.lock:
            if self.starts == seen and self.process:  # else another thread was faster
                self._end()
                self._start()

    def _end(self) -> None:
        assert self.process and self.process.stdin and self.process.stdout  # _start made it, with pipes
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def _start(self) -> None:
        if self.closed:
            raise JudgeError("the judge was ended")
        self.starts += 1
        command = [sys.executable, "-m", "autograder.grading.judge_process"]
        self.process = subprocess.Popen(
            [*command, str(self.folder / f"judge-{self.starts}")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the command, which ends the judge
        )
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(self.seed + "\n")
            self.process.stdin.flush()
        if self.process.stdout.readline() != "ready\n":
            raise JudgeError(
                "the judge does not start; `python -m autograder.grading.judge_process x` says why"
            )
