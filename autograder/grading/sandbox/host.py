"""The trusted side of the sandbox: start the warm process in it, and run submissions there one by one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from typing import IO

from autograder.grading.sandbox.bubblewrap import SCRATCH, bubblewrap
from autograder.grading.sandbox.student import Student
from autograder.grading.sandbox.sweep import sweep
from autograder.grading.sandbox.threads import threads_below
from autograder.grading.wire import readable, send

#: From strong to weak: what each kind of isolation is made of.
KINDS = {
    "bubblewrap": "landlock,seccomp,alone",
    "landlock": "landlock,seccomp",
    "limits": "",
}
START_SECONDS = 120.0
ORDER_SECONDS = 20.0


class SandboxError(RuntimeError):
    """The sandbox itself does not work, or no longer."""


class Sandbox:
    """A warm process behind walls. Use it from one thread."""

    def __init__(self, kind: str) -> None:
        self.kind, self.broken = kind, False
        # Behind bubblewrap the scratch folder is inside; it needs none here.
        self.base = None if kind == "bubblewrap" else tempfile.mkdtemp(prefix="grading-")
        self.control, theirs = socket.socketpair()
        inside = self.base or SCRATCH
        command = [
            sys.executable,
            "-I",
            "-m",
            "autograder.grading.sandbox.zygote",
            str(theirs.fileno()),
            inside,
        ]
        wrapped = [*bubblewrap(), *command, KINDS[kind]] if kind == "bubblewrap" else [*command, KINDS[kind]]
        with theirs, tempfile.TemporaryFile() as complaint:
            self.process = subprocess.Popen(
                wrapped,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaint,  # until it is ready: no student writes there
                cwd="/",
                env=environment(inside),
                start_new_session=True,
            )
            theirs.close()  # so that its end is seen here
            try:
                self._answer(START_SECONDS)
            except SandboxError as error:
                self.close()
                raise SandboxError(f"{error}{last_line(complaint)}") from error

    def warm(self, modules: list[str]) -> None:
        """Load modules that every submission of a lesson imports."""
        self._order(b"W")
        with contextlib.suppress(OSError):  # the answer says whether it worked
            send(self.control, modules)
        self._answer(START_SECONDS)

    @contextlib.contextmanager
    def student(self) -> Iterator[Student]:
        """A fresh child for one submission. Afterwards nothing of it is left."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._order(b"F", theirs.fileno())
            self._answer(ORDER_SECONDS)
            try:
                yield Student(ours, partial(threads_below, self.process.pid))
            finally:
                self._end_student()

    def kill(self) -> None:
        """End the warm process at once; may be called from another thread."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the warm process and whatever still runs in it."""
        self.control.close()  # the warm process ends its child, and itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(3)
        self.kill()
        self.process.wait()
        if self.base:
            with contextlib.suppress(OSError):
                sweep(self.base)
                os.rmdir(self.base)

    def _end_student(self) -> None:
        """What a student did to the sandbox costs the sandbox, not the student's result."""
        try:
            self._order(b"E")
            self._answer(ORDER_SECONDS)
        except SandboxError:
            self.broken = True

    def _order(self, order: bytes, *fds: int) -> None:
        try:
            socket.send_fds(self.control, [order], fds)
        except OSError as error:
            raise SandboxError(f"the sandbox ({self.kind}) is gone") from error

    def _answer(self, seconds: float) -> None:
        self.control.settimeout(seconds)
        try:
            answer = self.control.recv(1)
        except OSError:
            answer = b""
        if answer != b".":
            raise SandboxError(f"the sandbox ({self.kind}) does not answer")


def last_line(complaint: IO[bytes]) -> str:
    """What a process said last before it ended, as the end of a sentence; '' if it said nothing."""
    complaint.seek(0)
    said = readable(complaint.read().decode(errors="replace")).split("\n")
    lines = [line.strip() for line in said if line.strip()]
    return f": {lines[-1]}" if lines else ""


def environment(scratch: str) -> dict[str, str]:
    """All that the student's side knows of this process's environment."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "IPYTHONDIR": scratch,
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": scratch,
        "PYTHONDONTWRITEBYTECODE": "1",
        **threads,
    }
