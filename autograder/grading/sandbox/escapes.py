"""Ways out of the sandbox, to be tried when it starts."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from autograder.grading.sandbox.views import hidden
from autograder.lessons import PACKAGE

IMPORTS = "import ctypes, fcntl, os, socket"
#: The number of the system call that C libraries have no function for.
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}


def _escapes() -> dict[str, str]:
    """Each must fail inside the sandbox; without one it works, and does no harm. FILE is a file of ours."""
    found = {
        "read the exercises": f"open({str(PACKAGE / 'exercises' / '__init__.py')!r})",
        "read the system's users": "open('/etc/passwd')",
        "write outside the scratch folder": "open('/escape', 'w')",
        "cut off a file outside": "os.truncate(FILE, 0)",
        "empty a file that may only be read": "os.open('/dev/null', os.O_RDONLY | os.O_TRUNC)",
        "open a socket": "socket.socket()",
        "start a process": "os.fork() or os._exit(0)",
        "signal a process": "os.kill(os.getppid(), 0)",
        "let a file signal a process": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
        # Its own here: between root's processes the dropped capabilities stand as well.
        "choose a process's processors": "os.sched_setaffinity(0, os.sched_getaffinity(0))",
        "change a process's priority": "os.setpriority(0, 0, os.getpriority(0, 0))",
    }
    if number := IOPRIO_SET.get(platform.machine()):
        usual = 2 << 13 | 4  # best effort, in the middle
        call = f"ctypes.CDLL(None).syscall({number}, 1, 0, {usual})"
        found["change a process's turn at the disk"] = f"if {call}: raise OSError"
    return found | {f"read {path}": f"open({str(path)!r})" for path in _of_torch()}


def _of_torch() -> list[Path]:
    """A file of PyTorch, by its own path and by the link that a virtual environment has to its packages."""
    files = [path / "__init__.py" for path in hidden() if path.name == "torch"]
    prefix = Path(sys.prefix).resolve()
    files += [
        prefix / "lib64" / path.relative_to(prefix / "lib")
        for path in files
        if path.is_relative_to(prefix / "lib")
    ]
    return [path for path in files if path.exists()]


ESCAPES = _escapes()
