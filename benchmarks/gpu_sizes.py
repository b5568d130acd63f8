"""From which sizes on is a device faster than the CPU? A few references on a ladder of sizes.

The tensors are on the device beforehand: what is timed is the reference, not the way there and back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.exercise import EXERCISES
from autograder.oracle.pytorch import CPU, reference, to_torch
from benchmarks.tables import number, table
from benchmarks.timing import cores, median_ms, threads

Make = Callable[[np.random.Generator, int], tuple[Any, ...]]


@dataclass(frozen=True)
class Ladder:
    """A reference, what its size n is, the sizes, and its arguments at one of them."""

    name: str
    meaning: str
    sizes: tuple[int, ...]
    make: Make


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Small enough that no sum of a row saturates a tanh."""
    return np.asarray(rng.normal(size=shape) / np.sqrt(shape[-1]))


def rnn(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    return normal(rng, 32, 32, n), normal(rng, 32, n), normal(rng, n, n), normal(rng, n, n), normal(rng, n)


def lstm_back(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    states = (normal(rng, 32, 32, n), normal(rng, 32, 32, n), normal(rng, 32, n), normal(rng, 32, n))
    return *states, normal(rng, n, 4 * n), normal(rng, n, 4 * n), normal(rng, 4 * n)


def heads(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    x = normal(rng, 8, n, 64)
    matrices = (normal(rng, 64, 64) for _ in range(4))
    biases = (normal(rng, 64) for _ in range(4))
    return x, x, *matrices, *biases, 4, None


def square(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    return (normal(rng, n, n),)


def classes(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    targets, sampled = rng.integers(n, size=256), rng.integers(n, size=16)
    return normal(rng, 256, 256), normal(rng, n, 256), normal(rng, n), targets, sampled, np.ones(n) / n, False


LADDERS = (
    Ladder("rnn_forward", "width; 32 sequences of 32 steps", (16, 64, 256, 1024), rnn),
    Ladder("lstm_backward", "width; 32 sequences of 32 steps", (16, 64, 256, 512), lstm_back),
    Ladder("multi_head_attention", "length; 8 sequences, width 64", (16, 64, 256, 1024), heads),
    Ladder("softmax", "rows and columns", (16, 64, 256, 1024, 4096), square),
    Ladder("output_loss", "classes; 256 rows of width 256", (64, 512, 4096, 32768), classes),
)


def times(ladder: Ladder, size: int, where: torch.device) -> list[float]:
    """Milliseconds on one core, on all, and on `where`."""
    answer = reference(EXERCISES[ladder.name])
    case = ladder.make(np.random.default_rng(0), size)
    here, there = to_torch(case, CPU), to_torch(case, where)
    took = []
    for count in (1, cores()):
        with threads(count):
            took.append(median_ms(lambda: answer(*here), CPU))
    return [*took, median_ms(lambda: answer(*there), where)]


def wins_from(sizes: Sequence[int], cpu: Sequence[float], other: Sequence[float]) -> str:
    """The first size from which on the other device is the faster one at every greater size too."""
    found = "none of these"
    for size, ours, theirs in reversed(list(zip(sizes, cpu, other, strict=True))):
        if theirs >= ours:
            break
        found = str(size)
    return found


def report(where: torch.device, ladders: Sequence[Ladder] = LADDERS) -> str:
    """Two tables: the milliseconds, and from where on `where` is faster."""
    name, rows, wins = str(where), [], []
    for ladder in ladders:
        took = [times(ladder, size, where) for size in ladder.sizes]
        rows += [
            (f"{ladder.name} ({ladder.meaning})", size, *map(number, each))
            for size, each in zip(ladder.sizes, took, strict=True)
        ]
        one, every, other = zip(*took, strict=True)
        wins.append((ladder.name, *(wins_from(ladder.sizes, cpu, other) for cpu in (one, every))))
    head = ("reference (what n is)", "n", "one core, ms", f"{cores()} cores, ms", f"{name}, ms")
    faster = ("reference", f"{name} beats one core from n =", f"{cores()} cores from n =")
    return table(head, rows) + "\n\n" + table(faster, wins)
