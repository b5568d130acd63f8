"""The trusted judge: one warm process that holds PyTorch, the references and the class's secret.

    python -m autograder.grading.judge_process SOCKET        (the secret and the credits come on stdin)

It answers questions on its socket, one at a time, and outlives whoever asks and whatever is asked. It never
runs a student's code.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import selectors
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any

from autograder.grading import limits
from autograder.grading.judge_answers import answer
from autograder.grading.policy import apply_credits
from autograder.grading.results import NO_CREDITS
from autograder.grading.wire import readable, receive, receive_packed, send
from autograder.judging.timing import TimeLimit, time_limit
from autograder.packing import PackError

#: Seconds that a grader may take to send one request.
REQUEST_SECONDS = 30.0
#: Where a watchdog's last words go.
NOWHERE = open(os.devnull, "w")  # noqa: SIM115  for as long as the process lives


def serve(listener: socket.socket) -> None:
    """Answer graders, each on its own connection, until stdin closes."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(listener, selectors.EVENT_READ)
        waiting.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is sys.stdin:  # closed, because whoever started us is gone
                    return
                if key.fileobj is listener:
                    waiting.register(listener.accept()[0], selectors.EVENT_READ)
                elif isinstance(key.fileobj, socket.socket) and not _serve_one(key.fileobj):
                    waiting.unregister(key.fileobj)
                    key.fileobj.close()


def _serve_one(connection: socket.socket) -> bool:
    """Answer one request, a bad one too; False when the connection is to be closed."""
    readable_request = False
    try:
        try:
            request = receive(connection, limits.MESSAGE_BYTES * 2, REQUEST_SECONDS)
            if isinstance(request, dict) and request.get("attached"):
                request["outcomes"], request["after"] = (
                    receive_packed(connection, limits.MESSAGE_BYTES, REQUEST_SECONDS) for _ in range(2)
                )
            readable_request = True
            send(connection, _within_limits(request))
        except PackError as error:
            send(connection, {"value": None, "error": f"no plain message: {error}", "seconds": 0.0})
    except (EOFError, OSError):
        return False
    return readable_request  # after a message that is too large, what comes next would be the rest of it


def _within_limits(request: Any) -> dict[str, Any]:
    """The reply to a request, whatever answering it raises: {"value", "error", "seconds"}."""
    started, value, error = time.monotonic(), None, ""
    # Native code cannot be interrupted: then this process ends, and the grader asks a new one.
    faulthandler.dump_traceback_later(2 * limits.JUDGE_SECONDS, exit=True, file=NOWHERE)
    try:
        with time_limit(limits.JUDGE_SECONDS):
            value = answer(request)
    except TimeLimit:
        error = f"the judge needed more than {limits.JUDGE_SECONDS:g} seconds for it"
    except Exception as raised:  # the judge outlives whatever it is asked
        error = readable(f"the judge failed with {type(raised).__name__}: {raised}")[:300]
    finally:
        faulthandler.cancel_dump_traceback_later()
    return {"value": value, "error": error, "seconds": time.monotonic() - started}


def main(path: str) -> None:
    """Listen on `path`; ends when the process that started it goes away."""
    os.environ["AUTOGRADER_SEED"] = sys.stdin.readline().strip()
    apply_credits(sys.stdin.readline().strip() or NO_CREDITS)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(64)
            with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):  # gone before this was ready
                print("ready", flush=True)
                serve(listener)
    finally:
        shutil.rmtree(Path(path).parent, ignore_errors=True)  # made for this socket by whoever is gone


if __name__ == "__main__":
    main(sys.argv[1])
