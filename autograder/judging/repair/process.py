"""Run a search in a process of its own, so that nothing that a changed answer does reaches the notebook."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.packing import LENGTH, pack, unpack

#: Seconds beyond its own limit after which the process is ended.
GRACE = 0.5
#: Bytes that a search may take beyond what the notebook holds already.
MEMORY = 2**30


#: Computes, and tells of what it has found so far, in plain values.
Work = Callable[[Callable[[Any], None]], None]


def apart(work: Work) -> Any:
    """The last thing that `work` tells, computed quietly in this process."""
    told: list[Any] = [None]
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        work(told.append)
    return told[-1]


def in_a_fork(work: Work, seconds: float) -> Any:
    """The last thing that `work` tells, computed in a copy of this process that is ended after `seconds`.

    Where there are no such copies (Windows, a browser) it is computed here.
    """
    if not hasattr(os, "fork") or sys.platform in ("emscripten", "wasi"):
        return apart(work)
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of other threads: the copy never waits for one
        child = os.fork()
    if child == 0:
        os.close(ours)
        _child(work, theirs)
    os.close(theirs)
    try:
        return _last(_received(ours, time.monotonic() + seconds + GRACE))
    finally:
        os.close(ours)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _child(work: Work, pipe: int) -> None:
    """In the copy: compute, tell, and end without a trace of whatever else the notebook had open."""
    try:
        gc.disable()  # a collected object may close what the notebook still uses
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):  # LAPACK writes there itself
            os.dup2(nowhere, stream)
        _limit_memory()
        apart(lambda _told: work(partial(_send, pipe)))
    finally:
        os._exit(0)


def _send(pipe: int, value: Any) -> None:
    content = pack(value)
    data = memoryview(LENGTH.pack(len(content)) + content)
    while data:
        data = data[os.write(pipe, data) :]


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, hard))


def _received(pipe: int, end: float) -> bytes:
    data = bytearray()
    while (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([pipe], [], [], left)
        piece = os.read(pipe, 2**16) if ready else b""
        if not piece:
            break
        data += piece
    return bytes(data)


def _last(data: bytes) -> Any:
    """The last whole message; None if there is none."""
    place, found = 0, None
    while place + LENGTH.size <= len(data):
        (size,) = LENGTH.unpack_from(data, place)
        start, place = place + LENGTH.size, place + LENGTH.size + size
        if place <= len(data):
            found = unpack(data[start:place])
    return found
