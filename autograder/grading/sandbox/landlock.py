"""Landlock: this process and its children see only the files that they are given. Linux 5.13 or later."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from autograder.grading.sandbox.libc import libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
READ_FILE, READ_DIR = 1 << 2, 1 << 3
EXECUTE, WRITE_FILE, TRUNCATE, IOCTL = 1 << 0, 1 << 1, 1 << 14, 1 << 15
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL
#: How many kinds of file access a version of Landlock knows.
KNOWN_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
NO_NEW_PRIVILEGES = 38


class Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    _pack_ = 1  # the kernel's struct has no padding, C's would have
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The kernel's version of Landlock; 0 where there is none."""
    known: int = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    return max(0, known)


def ruleset(readable: Iterable[Path], listed: Iterable[Path], writable: Path) -> int:
    """Rules by which only `readable` can be read, `listed` only listed, and `writable` read and written.

    TCP, signals to others and abstract sockets are closed as well where the kernel can. Returns a file
    descriptor, which child processes can have, too. Raises OSError.
    """
    kernel = version()
    rights = (1 << KNOWN_RIGHTS.get(kernel, 16)) - 1
    attributes = Ruleset(rights, 3 if kernel >= 4 else 0, 3 if kernel >= 6 else 0)
    # A kernel refuses fields that it does not know.
    size = 8 if kernel < 4 else 16 if kernel < 6 else 24
    rules = _call(CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0)
    for path in readable:
        _allow(rules, path, (EXECUTE | READ_FILE | READ_DIR) & rights)
    for path in listed:
        _allow(rules, path, READ_DIR)
    _allow(rules, writable, rights & ~EXECUTE)
    return rules


def restrict(rules: int) -> None:
    """From now on this process keeps to the `rules`, which are closed. Raises OSError."""
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    _call(RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(folder).st_mode):
        rights &= ON_FILES  # a rule on a file that speaks of folders is refused
    _call(ADD_RULE, rules, 1, ctypes.byref(Beneath(rights, folder)), 0)
    os.close(folder)


def _call(number: int, *arguments: object) -> int:
    result: int = libc.syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result
