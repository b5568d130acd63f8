"""Lesson 19's question: a linear recurrence, step by step or by a scan in log2(T) rounds. Which is faster?

The sizes are those of section 2 there, forwards.
"""

from collections.abc import Callable
from functools import partial

import torch

from autograder.oracle.pytorch import CPU
from benchmarks.tables import number, table
from benchmarks.timing import median_ms, threads

LENGTHS = (64, 256, 1024, 4096)
#: Sequences, and units of each.
SIZES = ((1, 1), (1, 16), (8, 64), (8, 256))


def loop(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """h_t = a_t h_{t-1} + b_t from h_0 = 0, one step after the other. a, b, result: (N, T, H)."""
    h, states = torch.zeros_like(b[:, 0]), []
    for t in range(b.shape[1]):
        h = a[:, t] * h + b[:, t]
        states.append(h)
    return torch.stack(states, dim=1)


def scan(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The same in log2(T) rounds over the whole sequence (Hillis and Steele, 1986)."""
    reach = 1
    while reach < b.shape[1]:
        b = torch.cat([b[:, :reach], b[:, reach:] + a[:, reach:] * b[:, :-reach]], dim=1)
        a = torch.cat([a[:, :reach], a[:, reach:] * a[:, :-reach]], dim=1)
        reach *= 2
    return b


def row(N: int, H: int, where: torch.device, lengths: tuple[int, ...]) -> list[str]:
    """Milliseconds of loop and scan at each length, and how many times faster the scan is."""
    cells = []
    with torch.no_grad(), threads(1):
        for T in lengths:
            a, b = torch.rand(N, T, H, device=where), torch.randn(N, T, H, device=where)
            ways: tuple[Callable[..., torch.Tensor], ...] = (loop, scan)
            by_loop, by_scan = (median_ms(partial(way, a, b), where) for way in ways)
            cells.append(f"{number(by_loop)} / {number(by_scan)} = {number(by_loop / by_scan)}")
    return cells


def report(where: torch.device, lengths: tuple[int, ...] = LENGTHS) -> str:
    """Each size on one core of the CPU and on `where`."""
    rows = [
        (f"N = {N}, H = {H}, {label}", *row(N, H, place, lengths))
        for label, place in (("one core", CPU), (str(where), where))
        for N, H in SIZES
    ]
    return table(("size, device", *(f"T = {T}" for T in lengths)), rows)
