"""Grade one submission: run its cells in the sandbox, and ask the judge what each function is worth."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

from nbformat import NotebookNode

from autograder.grading import limits
from autograder.grading.explaining import STEP, explain
from autograder.grading.judge_client import Judge
from autograder.grading.notebooks import MISSING, grade_id, is_run, is_test
from autograder.grading.results import Result
from autograder.grading.sandbox.host import Sandbox, SandboxError
from autograder.grading.sandbox.isolation import strongest
from autograder.grading.sandbox.student import (
    TOO_MUCH,
    CrashError,
    Request,
    Said,
    Student,
    calling,
    holding,
    running,
)
from autograder.grading.scores import Progress, answer_cells, exercise_name, scored
from autograder.grading.taken import held_cells, taken_remarks
from autograder.grading.warming import modules_of
from autograder.packing import PackError, pack

#: After a crash of the sandbox itself (not of a student's process) the submission is tried again.
SANDBOX_TRIES = 3
NO_CASES = pack([])
#: A submission's answers by the exercise's name, and what is known of it.
Asked = tuple[dict[str, NotebookNode], Progress]
LATE = "The whole submission took longer than {:g} seconds; what came after that was not graded."


class Grader:
    """A sandbox (of the strongest kind, unless one is named) and a judge. Use it from one thread."""

    def __init__(self, judge: Judge, kind: str = "") -> None:
        self.judge = judge
        self.kind = kind or strongest().kind
        self.sandbox: Sandbox | None = None
        self.warmed: list[str] = []
        self.stopped = False

    def close(self) -> None:
        """End the sandbox; the judge belongs to whoever made it."""
        if self.sandbox:
            self.sandbox.close()
        self.sandbox = None

    def stop(self) -> None:
        """From another thread: end what runs, so that `grade` fails at once."""
        self.stopped = True
        if self.sandbox:
            self.sandbox.kill()

    def grade(self, notebook: NotebookNode, result: Result, known: Progress | None = None) -> Result:
        """Fill in `result` for a rebuilt notebook; what is `known` of it is not judged again.

        Raises SandboxError, JudgeError or NotJudgedError where there is no grade to give.
        """
        for attempt in range(SANDBOX_TRIES):
            done = deepcopy(known) if known else Progress()
            done.end = self._clock() + limits.SUBMISSION_SECONDS
            try:
                while not self._pass(notebook, done):
                    pass
                break
            except SandboxError:
                self.close()
                if self.stopped or attempt == SANDBOX_TRIES - 1:
                    raise
        result.isolation, result.printed = self.kind, done.printed
        result.remarks = [*result.remarks, *done.remarks]
        for cell in filter(is_test, notebook.cells):
            result.tests[grade_id(cell)] = scored(cell, done)
        return result

    def _prepare(self, notebook: NotebookNode) -> Sandbox:
        if self.sandbox and self.sandbox.broken:
            self.close()
        if self.sandbox is None:
            self.sandbox, self.warmed = Sandbox(self.kind), []
        if (wanted := modules_of(notebook)) != self.warmed:
            self.sandbox.warm(wanted)
            self.warmed = wanted
        return self.sandbox

    def _clock(self) -> float:
        """Seconds that count for a submission: while the judge works for others, its time stands still."""
        return time.monotonic() - self.judge.waited()

    def _pass(self, notebook: NotebookNode, done: Progress) -> bool:
        """Run the notebook in a fresh process, as far as it goes; True if nothing is left to do."""
        if self.stopped:  # what a killed sandbox looked like is no student's doing
            raise SandboxError("grading was stopped")
        if len(done.crashed) > limits.MOST_CRASHES or self._clock() > done.end:
            if self._clock() > done.end:
                done.remarks.append(LATE.format(limits.SUBMISSION_SECONDS))
            return True
        step, sandbox = "", self._prepare(notebook)
        try:
            with sandbox.student() as student:
                for step in self._steps(notebook, student, done):  # noqa: B007  the crash handler reads it
                    if self._clock() > done.end:
                        return False
        except CrashError as crash:
            if step.startswith(STEP):
                return True
            if sandbox.broken:  # it took the student's process with it
                raise SandboxError("the sandbox ended while it was in use") from crash
            if step in done.fallen or crash.slow:  # once may be the machine's doing, which ran out of memory
                self._crash(step, crash, done)
            done.fallen.add(step)
            return False
        return True

    def _steps(self, notebook: NotebookNode, student: Student, done: Progress) -> Iterator[str]:
        """Yields each step's name before doing it: cells first, hidden cases when all cells have run."""
        code = (cell for cell in notebook.cells if cell.cell_type == "code" and cell.id not in done.crashed)
        cells = [cell for cell in code if is_test(cell) or is_run(cell)]
        asked = answer_cells(notebook), done
        student.begin(self._requests(notebook, cells, done))
        for cell in cells:
            yield cell.id
            if is_test(cell):
                self._check(asked, exercise_name(cell), student)
            else:
                self._ran(cell, student.ran(), done)
        fresh = [n for n, told in done.open.items() if told["credit"] > 0 and n not in done.hidden]
        student.begin([calling(n, self.judge.packed_cases(n, hidden=True), again=True) for n in fresh])
        for name in fresh:
            yield f"hidden {name}"
            done.hidden[name] = self._verdict(asked, name, student.called(), hidden=True)
        yield from explain(self.judge, student, done, partial(self._verdict, asked))

    def _requests(self, notebook: NotebookNode, cells: list[NotebookNode], done: Progress) -> list[Request]:
        """What the student's process is to do with the cells; known functions it is only to remember."""
        held, before = held_cells(notebook)
        requests = [holding(held)] if held else []
        for cell in cells:
            if is_test(cell):
                name = exercise_name(cell)
                cases = NO_CASES if name in done.open else self.judge.packed_cases(name, hidden=False)
                requests.append(calling(name, cases, again=False))
            else:
                requests.append(running(cell.source, before.get(cell.id, -1)))
        return requests

    def _ran(self, cell: NotebookNode, said: dict[str, str], done: Progress) -> None:
        done.errors[cell.id] = said["error"]
        text = said["printed"] + (f"{said['error']}\n" if said["error"] else "")
        done.printed.setdefault(cell.id, text)
        done.remarks += [r for r in taken_remarks(cell, said) if r not in done.remarks]

    def _check(self, asked: Asked, name: str, student: Student) -> None:
        """Judge on the open cases, unless it was done before a crash."""
        outcomes, done = student.called(), asked[1]
        if name in done.open:
            return
        done.open[name] = self._verdict(asked, name, outcomes)
        if done.open[name]["unexplained"]:
            done.unexplained[name] = outcomes

    def _verdict(
        self, asked: Asked, name: str, outcomes: Said, found: Iterable[Any] = (), *, hidden: bool = False
    ) -> dict[str, Any]:
        """Ask the judge, and tell it which other functions are wrong.

        Raises CrashError for what is no plain value.
        """
        cells, done = asked
        cell = cells[name]
        told = (done.open, done.hidden)
        wrong = dict.fromkeys(n for verdicts in told for n, v in verdicts.items() if v["credit"] < 1)
        wrong.pop(name, None)
        about = {
            "source": "" if cell.source == MISSING else cell.source,
            "error": done.errors.get(cell.id, ""),
        }
        try:
            return self.judge.verdict(name, outcomes, hidden=hidden, wrong=wrong, found=found, **about)
        except PackError:
            raise CrashError(TOO_MUCH) from None

    def _crash(self, step: str, crash: CrashError, done: Progress) -> None:
        """Remember where the process ended; that step counts as failed and is left out from now on."""
        done.crashed.add(step)
        why, slow = str(crash), crash.slow
        text = f"{limits.CASES_SECONDS:g}" if slow else why
        error = {"kind": "TimeLimit" if slow else "Crash", "text": text, "line": None, "code": ""}
        outcome: dict[str, Any] = {"value": None, "error": error, "after": None, "printed": "", "warned": []}
        word, _, name = step.partition(" ")
        if word == "hidden":
            done.hidden[name] = self.judge.verdict(name, [outcome], hidden=True)
        elif step.startswith("test_"):
            name, judge = step.removeprefix("test_"), self.judge
            told = judge.verdict(name, [outcome], hidden=False) if slow else judge.stopped(name, why)
            done.open[name] = told
        else:
            done.errors[step] = why
            done.printed[step] = f"This cell was stopped: {why}.\n"
