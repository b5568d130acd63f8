"""Which isolation works on this machine: found out by breaking out of it, not by asking for versions."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import cache

from autograder.grading.sandbox import landlock, seccomp
from autograder.grading.sandbox.escapes import ESCAPES, IMPORTS
from autograder.grading.sandbox.host import KINDS, Sandbox, SandboxError
from autograder.grading.sandbox.student import CrashError, running

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
    """What a student's process can do that it should not; everything if the sandbox does not start, twice.

    Once may be the machine's doing, and the whole class would be graded behind lower walls.
    """
    if kind == "bubblewrap" and not shutil.which("bwrap"):
        return list(ESCAPES)
    if "landlock" in KINDS[kind] and not (landlock.version() and seccomp.library()):
        return list(ESCAPES)
    tried = (_tried(kind) for _ in range(2))
    return next((found for found in tried if found is not None), list(ESCAPES))


def _tried(kind: str) -> list[str] | None:
    """The escapes that succeed; None where the sandbox does not start, or ends meanwhile."""
    try:
        sandbox = Sandbox(kind)
    except SandboxError:
        return None
    try:
        with tempfile.NamedTemporaryFile(prefix="escape-") as ours, sandbox.student() as student:
            known = f"{IMPORTS}\nFILE = {ours.name!r}\n"
            student.begin([running(known + code) for code in ESCAPES.values()])
            return [name for name in ESCAPES if not student.ran()["error"]]
    except (CrashError, SandboxError):
        return None
    finally:
        sandbox.close()
