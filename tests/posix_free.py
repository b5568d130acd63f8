"""Run as `python -m tests.posix_free COMMAND...`: the `autograder` command on a system without POSIX.

What Windows' Python does not have is taken away before anything of ours is imported, after the packages
that would look for their own Windows parts.
"""

import ctypes
import os
import signal
import socket
import sys

import IPython.display
import matplotlib.pyplot as plt  # noqa: F401
import nbformat  # noqa: F401
import numpy as np  # noqa: F401
import typer  # noqa: F401

MODULES = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios")
GONE = {
    os: (
        *("fork", "forkpty", "geteuid", "getuid", "killpg", "mkfifo", "openpty", "sched_getaffinity"),
        *(
            "sched_setaffinity",
            "setpriority",
            "setsid",
            "O_NOFOLLOW",
            "O_DIRECTORY",
            "O_CLOEXEC",
            "O_NONBLOCK",
        ),
        *("O_PATH", "WNOHANG", "waitstatus_to_exitcode"),
    ),
    signal: ("SIGALRM", "SIGKILL", "ITIMER_REAL", "setitimer", "alarm", "SIGHUP", "SIGUSR1", "SIGXCPU"),
    socket: ("AF_UNIX", "send_fds", "recv_fds", "socketpair"),
}


class NoLibraryOfItsOwn(ctypes.CDLL):
    """Windows' ctypes has no handle of the program itself."""

    def __init__(self, name: object, *arguments: object, **options: object) -> None:
        if name is None:
            raise TypeError("bad argument type for built-in operation")
        super().__init__(name, *arguments, **options)  # type: ignore[arg-type]


def take_away() -> None:
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in GONE.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    ctypes.CDLL = NoLibraryOfItsOwn  # type: ignore[misc]
    sys.platform = "win32"


if __name__ == "__main__":
    assert IPython.display
    take_away()
    if sys.argv[1:2] == ["-c"]:
        exec(sys.argv[2])
    else:
        from autograder.__main__ import main

        main()
