"""The student's side: run cells, call functions, answer with plain values. It knows no verdict."""

from __future__ import annotations

import contextlib
import socket
import traceback
from dataclasses import asdict
from functools import partial
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from autograder.grading import limits
from autograder.grading.sandbox.running import run
from autograder.grading.sandbox.surroundings import Surroundings
from autograder.grading.wire import receive, send
from autograder.judging.definitions import without_timing
from autograder.judging.outcome import UNDEFINED, CappedText, Outcome, Raised, called, without_after
from autograder.judging.repair.code import code_of
from autograder.judging.repair.process import apart
from autograder.judging.repair.search import search
from autograder.judging.repair.trial import Task
from autograder.judging.timing import TimeLimit, time_limit
from autograder.packing import PackError, pack

#: After one of these the other cases are not tried: see autograder.judging.judge.
HOPELESS = ("TimeLimit", "NotImplementedError")
ENDLESS = "TimeLimit: still running after {:g} seconds; is there a loop that never ends?"


def serve(connection: socket.socket, shell: InteractiveShell) -> None:
    """Do what is asked until the other side hangs up.

    So many requests come at once; all of them are read before the first is done.
    """
    student = Student(shell)
    while True:
        try:
            asked = range(receive(connection, limits.MESSAGE_BYTES))
            for request, cases in [_request(connection) for _ in asked]:
                _do(connection, student, request, cases)
        except EOFError:
            return


def _request(connection: socket.socket) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """What is to be done; cases come in a message of their own."""
    request = receive(connection, limits.MESSAGE_BYTES)
    return request, receive(connection, limits.MESSAGE_BYTES) if request["do"] == "call" else []


def _do(
    connection: socket.socket, student: Student, request: dict[str, Any], cases: list[tuple[Any, ...]]
) -> None:
    what = request.pop("do")
    if what == "hold":  # nobody waits for an answer
        student.hold(**request)
    elif what == "call":
        _tell(connection, student.call(**request, cases=cases))
    else:
        send(connection, getattr(student, what)(**request))


def _tell(connection: socket.socket, made: list[dict[str, Any]]) -> None:
    """What became of the arguments goes in a message of its own."""
    try:
        outcomes, after = without_after(made)
        send(connection, outcomes, pack(after))
    except PackError as error:
        odd = outcome_message(Outcome(error=Raised("NotPlain", str(error)[:200])))
        send(connection, [odd], pack([None]))


class Student:
    """One submission while it runs."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell, self.around = shell, Surroundings(shell)
        #: The notebook's names as they were at each exercise's test cell.
        self.at_test: dict[str, dict[str, Any]] = {}

    def hold(self, cells: list[str]) -> None:
        """Keep cells that are not run: an answer may need a definition in them."""
        self.around.cells = cells

    def run(self, source: str, before: int) -> dict[str, str]:
        """Run one cell -> what it printed, and its error in a line ('' if there was none).

        An answer (`before` is how many of the held cells stand above its check; -1 for other cells) takes
        along what it needs of them: the names are told, and how many lines were IPython's own.
        """
        printed, taken, magics = CappedText(), list[str](), 0
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            time_limit(limits.CELL_SECONDS),
        ):
            if before >= 0:
                taken, magics = self._prepare(source, before), self.around.magics(source)
            error = run(self.shell, without_timing(source))
        told = {"taken": " ".join(taken), "magics": str(magics)}
        return {"printed": printed.getvalue(), "error": _in_a_line(error) if error else "", **told}

    def _prepare(self, source: str, before: int) -> list[str]:
        """Take along what the answer needs; why it cannot be had is printed, and the answer is run."""
        try:
            return self.around.take_along(source, before)
        except SyntaxError:  # running the cell will say it
            return []
        except BaseException as error:  # a time limit and exit() included
            print(f"What this cell needs of another one stopped: {_in_a_line(error)}")
            return []

    def call(self, name: str, cases: list[tuple[Any, ...]], again: bool) -> list[dict[str, Any]]:
        """Call the function `name` on each case -> one outcome each, fewer if going on is hopeless.

        The first time its surroundings are remembered; `again` returns to them, since later cells may
        have given their names to something else.
        """
        names = self.shell.user_ns
        if again:
            self._return_to(name)
        else:
            self.at_test[name] = dict(names)
        if name not in names:
            return [outcome_message(Outcome(error=Raised(UNDEFINED, "")))]
        made = []
        for arguments in cases:
            made.append(called(names[name], arguments, limits.CALL_SECONDS))
            if made[-1].error and made[-1].error.kind in HOPELESS:
                break
        return [outcome_message(outcome) for outcome in made]

    def explain(self, name: str, task: dict[str, Any], sound: list[str], seconds: float) -> Any:
        """Which change of the function's own code explains it: see `autograder.judging.repair.search`."""
        self._return_to(name)
        code = code_of(self.shell.user_ns[name], frozenset(sound))
        return apart(partial(search, code, Task(**task), seconds)) if code else None

    def _return_to(self, name: str) -> None:
        self.shell.user_ns.clear()
        self.shell.user_ns.update(self.at_test[name])


def _in_a_line(error: BaseException) -> str:
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(">")]
    spot = f" in line {lines[-1]}" if lines else ""
    if isinstance(error, TimeLimit):
        return ENDLESS.format(limits.CELL_SECONDS)
    try:
        if type(error) is SyntaxError:  # its own words name IPython's file
            return f"SyntaxError in line {error.lineno}: {error.msg}"[:500]
        return f"{type(error).__name__}{spot}: {error}"[:500].removesuffix(": ")
    except Exception:  # a student's exception may refuse to be printed
        return "an exception without words"


def outcome_message(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a plain value."""
    error = outcome.error
    return {
        "value": outcome.value if error is None else None,
        "error": error and asdict(error),
        "after": outcome.after,
        "printed": outcome.printed,
        "warned": list(outcome.warned)[:20],
    }
