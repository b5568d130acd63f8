"""Start the judge's process, and end it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path


class JudgeError(RuntimeError):
    """There is no judge, and none can be started."""


def start(path: Path, seed: str, credits: str, *, closed: bool = False) -> subprocess.Popen[str]:
    """A judge that listens on the socket `path`, and lets named mistakes earn what `credits` says.

    Raises JudgeError if it does not start (or if grading is over: `closed`), and EOFError if somebody ended
    it before it was ready.
    """
    if closed:
        raise JudgeError("the judge was ended")
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.grading.judge_process", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,  # Ctrl-C is for the command, which ends the judge
    )
    assert process.stdin and process.stdout
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(f"{seed}\n{credits}\n")
        process.stdin.flush()
    if process.stdout.readline() == "ready\n":
        return process
    killed = process.wait() < 0
    end(process)
    if killed:
        raise EOFError
    raise JudgeError("the judge does not start; `python -m autograder.grading.judge_process x` says why")


def end(process: subprocess.Popen[str]) -> None:
    """End a judge, dead or alive."""
    assert process.stdin and process.stdout  # start made it, with pipes
    process.kill()
    process.wait()
    process.stdout.close()
    with contextlib.suppress(OSError):
        process.stdin.close()
