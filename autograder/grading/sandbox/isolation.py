"""Which isolation works on this machine: found out by breaking out of it, not by asking for versions."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache

from autograder.grading.sandbox import landlock, seccomp
from autograder.grading.sandbox.host import KINDS, CrashError, Sandbox, SandboxError
from autograder.lessons import ROOT

#: Each line must fail inside the sandbox.
ESCAPES = {
    "read the exercises": f"open({str(ROOT / 'autograder' / 'exercises' / '__init__.py')!r})",
    "read the system's users": "open('/etc/passwd')",
    "write outside the scratch folder": "open('/escape', 'w')",
    "open a socket": "__import__('socket').socket()",
    "start a process": "__import__('os').fork() or __import__('os')._exit(0)",
}
#: What the isolation cannot do, for the report.
SHORTFALL = {
    "bubblewrap": "",
    "landlock": "Students' code sees the names of files that it cannot read, and shares the process list.",
    "limits": (
        "WARNING: neither bubblewrap nor Landlock with seccomp works here. Students' code is limited in "
        "time and memory, but it can read this machine's files and use the network. "
        "Grade on Linux 5.13 or later."
    ),
}


@dataclass(frozen=True)
class Isolation:
    """The isolation in use, and one sentence on what it leaves open ('' if nothing is known)."""

    kind: str
    shortfall: str


@cache
def strongest() -> Isolation:
    """The strongest isolation that holds on this machine."""
    kind = next(kind for kind in KINDS if kind == "limits" or not leaks(kind))
    return Isolation(kind, SHORTFALL[kind])


def leaks(kind: str) -> list[str]:
    """What a student's process can do that it should not; everything if the sandbox does not start."""
    if kind == "bubblewrap" and not shutil.which("bwrap"):
        return list(ESCAPES)
    if "landlock" in KINDS[kind] and not (landlock.version() and seccomp.library()):
        return list(ESCAPES)
    try:
        sandbox = Sandbox(kind)
    except SandboxError:
        return list(ESCAPES)
    try:
        with sandbox.student() as student:
            return [name for name, code in ESCAPES.items() if not student.run(code)["error"]]
    except (CrashError, SandboxError):
        return list(ESCAPES)
    finally:
        sandbox.close()
