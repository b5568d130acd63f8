"""Lesson 19's question: a linear recurrence, step by step or by a scan in log2(T) rounds. Which is faster?

The sizes are those of section 2 there, forwards.
"""

from functools import partial

import torch

from autograder.oracle.pytorch import CPU
from autograder.references.return_of_recurrence import linear_scan
from benchmarks.tables import number, table
from benchmarks.timing import median_ms, threads

LENGTHS = (64, 256, 1024, 4096)
#: Sequences, and units of each.
SIZES = ((1, 1), (1, 16), (8, 64), (8, 256))


def scan(a: torch.Tensor, b: torch.Tensor, h0: torch.Tensor) -> torch.Tensor:
    """h_t = a_t h_{t-1} + b_t in log2(T) rounds over the whole sequence (Hillis and Steele, 1986).

    a, b, result: (N, T, H), h0: (N, H). The reference, `linear_scan`, takes one step after the other.
    """
    b = torch.cat([torch.addcmul(b[:, :1], a[:, :1], h0[:, None]), b[:, 1:]], dim=1)
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
            h0 = torch.randn(N, H, device=where)
            by_loop, by_scan = (median_ms(partial(way, a, b, h0), where) for way in (linear_scan, scan))
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
