"""The warm process in the sandbox: NumPy and the lesson's modules are loaded once, each submission is a fork.

    python -m autograder.grading.sandbox.zygote CONTROL_SOCKET SCRATCH WALLS

It takes orders on its control socket: W and a message (modules to load), F and a socket (fork, and let the
child serve it), E (end the child and remove all traces of it). It is stopped by closing that socket.
"""

from __future__ import annotations

import bdb  # noqa: F401  the first cell that runs would load it, and so would every submission's
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import IPython.core.logger  # noqa: F401  as bdb
import numpy as np  # noqa: F401  loaded here, so that no submission has to
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import autograder
from autograder.grading import limits
from autograder.grading.sandbox.child import serve  # now: behind the walls nothing can be looked for
from autograder.grading.sandbox.confine import NOT_DUMPABLE, Walls, confine, plan
from autograder.grading.sandbox.libc import libc
from autograder.grading.sandbox.seccomp import DEATH_SIGNAL
from autograder.grading.sandbox.sweep import sweep
from autograder.grading.sandbox.views import HIDDEN, visible
from autograder.grading.wire import receive

CHILD_SUBREAPER = 36


class NotHere:
    """Answers the import of a hidden package with a sentence; the walls are what keeps it away."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        package = name.split(".")[0]
        if package in HIDDEN:
            said = "PyTorch is the judge's: write this with NumPy." if package == "torch" else "not here"
            raise ModuleNotFoundError(said, name=name)


class Zygote:
    """One control socket, at most one child at a time."""

    def __init__(self, control: socket.socket, base: Path, walls: Walls, alone: bool) -> None:
        self.control, self.base, self.alone = control, base, alone
        self.work = base / "work"
        self.work.mkdir(mode=0o700)
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell.instance(config=config)
        # The judge's side says what went wrong, and %matplotlib asks for a GUI. IPython has no setting for
        # either, so that this one shell's methods are replaced.
        self.shell.showtraceback = lambda *_arguments, **_options: None  # type: ignore[method-assign]
        self.shell.enable_gui = lambda _gui=None: None  # type: ignore[method-assign]
        self.plans = plan(self.work, *visible(), walls)
        sys.meta_path.insert(0, NotHere())
        self.child = 0
        for word in ("check", "recheck", "hint", "replay", "progress"):
            setattr(autograder, word, lambda *_arguments: None)  # no verdict is given while grading

    def serve(self) -> None:
        """Follow orders until the control socket closes."""
        while True:
            ready, _, _ = select.select([self.control], [], [], 0.25 if self.child else None)
            if not ready:
                if self.crowded():
                    os.kill(self.child, signal.SIGKILL)
                continue
            order, fds, _, _ = socket.recv_fds(self.control, 1, 1)
            if not order:
                return self.end() if self.child else None
            orders: dict[bytes, Callable[..., None]] = {b"W": self.warm, b"F": self.fork, b"E": self.end}
            orders[order](*fds)
            self.control.sendall(b".")  # one order at a time: the next one waits for this

    def warm(self) -> None:
        """Load modules; what cannot be loaded here the student's own import will report."""
        for name in ["coursekit", *receive(self.control, limits.MESSAGE_BYTES)]:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        gc.freeze()  # a collection would write to all objects, and so copy their memory for each child

    def fork(self, fd: int) -> None:
        """Start a child that serves the socket `fd`."""
        self.child = os.fork()
        if self.child == 0:
            with contextlib.suppress(BaseException):
                self.become_student(socket.socket(fileno=fd))
            os._exit(0)
        os.close(fd)

    def become_student(self, connection: socket.socket) -> None:
        self.control.close()
        os.chdir(self.work)
        os.environ["HOME"] = str(self.work)
        os.setsid()  # no terminal, and a signal to its group does not reach the warm process
        libc.prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        confine(self.plans)
        serve(connection, self.shell)

    def end(self) -> None:
        """End the child with whatever it started, and empty the scratch folder."""
        if self.alone:  # only the student's processes can be meant by -1 in a process namespace of our own
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        while (left := _children()) and not self.alone:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        self.child = 0
        if self.plans.rules is None:  # nothing kept the student from spoiling the folder itself
            sweep(self.base)
            self.work.mkdir(mode=0o700)
        else:  # whose rules name this very folder
            sweep(self.work)
            os.utime(self.work, (0, 0))  # not even when something was written there

    def crowded(self) -> bool:
        """Did the child fill its scratch folder?"""
        files = size = 0
        top = str(self.base).count(os.sep)
        for folder, folders, names in os.walk(self.base):
            if folder.count(os.sep) - top > limits.SCRATCH_DEPTH:  # os.walk and paths have an end
                return True
            for name in (*folders, *names):
                files += 1
                with contextlib.suppress(OSError):
                    size += os.lstat(os.path.join(folder, name)).st_size
                if files > limits.SCRATCH_FILES or size > limits.SCRATCH_BYTES:
                    return True
        return False


def _children() -> list[int]:
    """Processes that a student's process left behind; they become children of this one."""
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:  # no /proc in the sandbox, where ending the child ends them all
        return []
    return [int(pid) for pid in listed.split()]


def main(control: str, base: str, walls: str) -> None:
    """Start from the command line; `walls` names those to put up, joined by commas."""
    wanted = walls.split(",")
    libc.prctl(NOT_DUMPABLE, 0, 0, 0, 0)  # no child may look into this process
    if "alone" not in wanted:
        libc.prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    zygote = Zygote(
        socket.socket(fileno=int(control)),
        Path(base),
        Walls("landlock" in wanted, "seccomp" in wanted),
        "alone" in wanted,
    )
    os.dup2(0, 2)  # what kept it from starting would have been read; what students write there is not
    zygote.control.sendall(b".")
    zygote.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
