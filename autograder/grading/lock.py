"""One run at a time in a course."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from autograder.grading.faults import FaultError


@contextlib.contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Hold the lock of the course in `root`; it goes with its process, however that ends.

    Raises FaultError if another run holds it.
    """
    path = root / ".autograder" / "grading.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise FaultError(
                f"Another `autograder grade` is at work in this course (process {file.read().strip()}): "
                "wait until it is done, or stop it with Ctrl-C."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
