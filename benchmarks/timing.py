"""How long does a piece of work take on a device?"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

#: Milliseconds after which no further round is begun.
ENOUGH = 2_000


def wait(where: torch.device) -> None:
    """Until the device has done all it was given: a GPU works on while Python goes on."""
    if where.type == "cuda":
        torch.cuda.synchronize(where)


def median_ms(work: Callable[[], object], where: torch.device, rounds: int = 5) -> float:
    """Median milliseconds of `rounds` calls, or of fewer that are long, after one that warms up."""
    took: list[float] = []
    while len(took) < 2 or (len(took) <= rounds and sum(took) < ENOUGH):
        wait(where)
        started = time.perf_counter()
        work()
        wait(where)
        took.append(1e3 * (time.perf_counter() - started))
    return statistics.median(took[1:])


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def threads(count: int) -> Iterator[None]:
    """PyTorch computes in `count` threads while inside."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
