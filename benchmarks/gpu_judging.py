"""What do fresh answers of the oracle cost on each device, and what share of judging is that?"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import torch

from autograder import oracle
from autograder.exercise import Exercise
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.judging.source import solution_functions
from autograder.oracle.device import device
from autograder.oracle.pytorch import CPU
from benchmarks.tables import number, table

#: The first warms up; cases of the open seed come from the record.
SEEDS = (100, 101, 102, 103)
HEAD = ("references on", "oracle, s", "judging with the oracle, s", "right")


@contextmanager
def answering_on(where: torch.device) -> Iterator[None]:
    """The oracle answers on `where`, and has forgotten all that it answered before."""
    before = os.environ.get("AUTOGRADER_DEVICE")
    os.environ["AUTOGRADER_DEVICE"] = str(where)
    forget()
    try:
        yield
    finally:
        os.environ.pop("AUTOGRADER_DEVICE")
        if before is not None:
            os.environ["AUTOGRADER_DEVICE"] = before
        forget()


def forget() -> None:
    """Choose the device anew, and answer anew."""
    device.cache_clear()
    oracle._live.cache_clear()


def judge_all(exercises: Iterable[Exercise], seed: int) -> tuple[float, float, list[bool]]:
    """Seconds of the oracle, of oracle and judge together, and which solutions passed."""
    asked, judged, right = 0.0, 0.0, []
    for exercise in exercises:
        started = time.perf_counter()
        oracle.solve(exercise.name, seed)
        asked += time.perf_counter() - started
        right.append(judge(exercise, partial(call, solution_functions()[exercise.name]), seed).passed)
        judged += time.perf_counter() - started
    return asked, judged, right


def row(exercises: list[Exercise], where: torch.device, seeds: tuple[int, ...]) -> tuple[str, ...]:
    """One line of the table: figures for 1,000 answers, each judged on its own fresh inputs."""
    with answering_on(where):
        judge_all(exercises, seeds[0])
        done = [judge_all(exercises, seed) for seed in seeds[1:]]
    right = [passed for _, _, passes in done for passed in passes]
    each = 1000 / len(right)
    asked, judged = each * sum(a for a, _, _ in done), each * sum(j for _, j, _ in done)
    return str(where), number(asked), number(judged), f"{sum(right)} of {len(right)}"


def report(exercises: list[Exercise], where: torch.device, seeds: tuple[int, ...] = SEEDS) -> str:
    """The table, for the CPU and for `where`."""
    return table(HEAD, [row(exercises, place, seeds) for place in (CPU, where)])
