"""Aids for long cells: a progress bar, one thread where two would be in each other's way, two processes."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits
from tqdm import tqdm

Item = TypeVar("Item")


def progress_bar(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """Go through `items` under a progress bar that disappears at the end.

    It writes to stdout: a graded notebook must not write to stderr.
    """
    form = "{desc} {percentage:3.0f}% {bar:30} {n_fmt}/{total_fmt} [{elapsed} < {remaining}]"
    yield from tqdm(items, label, total, file=sys.stdout, leave=False, mininterval=0.5, bar_format=form)


@contextmanager
def one_thread() -> Iterator[None]:
    """Run NumPy's and PyTorch's matrix products in one thread while inside.

    At this course's sizes a second thread wins little, and on a busy machine it can cost 50-fold.
    """
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch else 0
    if torch:
        torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        if torch:
            torch.set_num_threads(threads)


def side_by_side(function: Callable[..., Item], jobs: Sequence[dict[str, Any]], label: str) -> list[Item]:
    """`function(**job)` of every job, in the order of the jobs: two at a time, each in a process of its own.

    For many trainings that do not wait for each other: each runs in one thread, so that its numbers are
    the same as alone. The function and what it takes go to other processes: it has to stand in a module.
    """
    from concurrent.futures import ProcessPoolExecutor  # here: a browser has no processes
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        done = pool.map(_in_one_thread, repeat(function), jobs)
        return list(progress_bar(done, label, len(jobs)))


def _in_one_thread(function: Callable[..., Item], job: dict[str, Any]) -> Item:
    with one_thread():
        return function(**job)


def time_ratio(first: Callable[[], object], second: Callable[[], object], rounds: int = 9) -> float:
    """How many times as long as `second` does `first` take? Timed in turns; the median of the rounds."""

    def seconds(function: Callable[[], object]) -> float:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return statistics.median(seconds(first) / seconds(second) for _ in range(rounds))
