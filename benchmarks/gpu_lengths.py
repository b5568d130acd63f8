"""Lesson 16's question: what does the length of a sentence cost a recurrent layer, and what attention?

The layers are those of section 10 there: one sentence of T steps of width 64, forwards.
"""

from collections.abc import Callable
from functools import partial

import torch

from autograder.oracle.pytorch import CPU
from benchmarks.tables import number, table
from benchmarks.timing import median_ms, threads

LENGTHS, H, HEADS = (64, 256, 1024, 4096), 64, 4


def layers(where: torch.device) -> dict[str, Callable[[torch.Tensor], object]]:
    """A recurrent layer, attention by itself, and PyTorch's whole attention layer."""
    rnn = torch.nn.RNN(H, H, batch_first=True, device=where)
    whole = torch.nn.MultiheadAttention(H, HEADS, batch_first=True, device=where).eval()
    return {
        "recurrent": rnn,
        "attention": lambda x: torch.softmax(x @ x.transpose(1, 2) / H**0.5, dim=2) @ x,
        "with projections": lambda x: whole(x, x, x, need_weights=False),
    }


def curve(
    layer: Callable[[torch.Tensor], object], where: torch.device, lengths: tuple[int, ...]
) -> list[float]:
    """Milliseconds at each length."""
    inputs = [torch.randn(1, T, H, device=where) for T in lengths]
    with torch.no_grad(), threads(1):
        return [median_ms(partial(layer, x), where) for x in inputs]


def report(where: torch.device, lengths: tuple[int, ...] = LENGTHS) -> str:
    """The curves on one core of the CPU and on `where`."""
    rows = [
        (f"{name}, {label}", *map(number, curve(layer, place, lengths)))
        for label, place in (("one core", CPU), (str(where), where))
        for name, layer in layers(place).items()
    ]
    return table(("layer, device", *(f"T = {T}, ms" for T in lengths)), rows)
