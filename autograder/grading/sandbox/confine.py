"""Take rights away from this process before a student's code runs in it."""

from __future__ import annotations

import ctypes
import os
import resource
from dataclasses import dataclass
from pathlib import Path

from autograder.grading import limits
from autograder.grading.sandbox import landlock, seccomp
from autograder.grading.sandbox.libc import libc

NOT_DUMPABLE = 4
CAPABILITIES_3 = 0x20080522


@dataclass(frozen=True)
class Walls:
    """What stands around a student's process besides its limits."""

    landlock: bool
    seccomp: bool


@dataclass(frozen=True)
class Plans:
    """Walls that are ready to be put up: Landlock's rules and seccomp's filter; None where not wanted."""

    rules: int | None
    filter: bytes | None


def plan(scratch: Path, readable: list[Path], listed: list[Path], walls: Walls) -> Plans:
    """Make the walls once for all students, whose processes inherit them. Raises OSError if that fails."""
    rules = landlock.ruleset(readable, listed, scratch) if walls.landlock else None
    library = seccomp.library() if walls.seccomp else None
    return Plans(rules, seccomp.program(library) if library else None)


def confine(plans: Plans) -> None:
    """Limits always; the walls where they are planned. Raises OSError if a wall cannot be put up."""
    _set_limits()
    _drop_capabilities()
    if plans.rules is not None:
        landlock.restrict(plans.rules)
    if plans.filter is not None and (library := seccomp.library()):
        seccomp.restrict(library, plans.filter)


def _set_limits() -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.MEMORY),
        (resource.RLIMIT_CPU, int(limits.SUBMISSION_SECONDS)),
        (resource.RLIMIT_FSIZE, limits.FILE_BYTES),
        (resource.RLIMIT_NOFILE, limits.OPEN_FILES),
        (resource.RLIMIT_NPROC, limits.PROCESSES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        # RLIM_INFINITY is -1 in Python, the least of all numbers.
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _drop_capabilities() -> None:
    """Root without its powers: what a file's owner may do is left, and walls cannot be climbed."""
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0)
    if libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())) and os.geteuid() == 0:
        raise OSError(ctypes.get_errno(), "capset")
    libc.prctl(NOT_DUMPABLE, 0, 0, 0, 0)
