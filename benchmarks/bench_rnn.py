"""The course's NumPy RNN, forward and backpropagation through time, against torch.nn.RNN on the same CPU.

    .venv/bin/python benchmarks/bench_rnn.py            all sizes
    .venv/bin/python benchmarks/bench_rnn.py --quick    the small ones, fewer rounds

The NumPy side is what the lessons teach: rnn_forward (lesson 04), with the input's product hoisted out of the
time loop, and rnn_backward (lesson 06), with each sum over batch and time as one matrix product. The torch
side is torch.nn.RNN with the same weights and autograd. Both give the gradients of the inputs, the initial
state and all weights; that they agree is asserted before anything is timed.

Both run in one thread, in turns, and each turn begins with the other side, so that a busy machine slows both.
What is printed is the median of the rounds' ratios, NumPy's processor time divided by torch's, with the least
and the greatest: below 1, NumPy is faster.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.references.numpy_rnn import load_weights
from coursekit.training import one_thread
from tests.solved import solution_functions

#: N, T, D, H
SIZES = (
    (1, 50, 16, 16),
    (8, 50, 32, 64),
    (32, 50, 64, 64),
    (16, 16, 48, 256),
    (32, 50, 64, 256),
    (64, 100, 64, 512),
)
#: float32 sums in another order differ by this much, relative to the largest entry.
TOLERANCE = {"float64": 1e-10, "float32": 1e-3}
Action = Callable[[], Any]
Sides = dict[str, tuple[Action, Action]]


def sides(size: tuple[int, ...], dtype: str) -> Sides:
    """Work -> (NumPy, torch): the same network with the same numbers on both sides."""
    N, T, D, H = size
    rng = np.random.default_rng(0)
    shapes = ((N, T, H), (N, T, D), (N, H), (D, H), (H, H), (H,))
    scales = (1, 1, 1, D**-0.5, H**-0.5, 1)
    dh, x, h0, W_xh, W_hh, b_h = (
        (scale * rng.normal(size=shape)).astype(dtype) for shape, scale in zip(shapes, scales, strict=True)
    )
    forward, backward = (solution_functions()[name] for name in ("rnn_forward", "rnn_backward"))

    def numpy_step() -> tuple[np.ndarray, ...]:
        gradients: tuple[np.ndarray, ...] = backward(dh, x, h0, forward(x, h0, W_xh, W_hh, b_h), W_xh, W_hh)
        return gradients

    inputs, state, upstream = (torch.from_numpy(a) for a in (x, h0[None], dh))
    rnn = nn.RNN(D, H, batch_first=True, dtype=getattr(torch, dtype))
    load_weights(rnn, *(torch.from_numpy(a) for a in (W_xh, W_hh, b_h)))
    wanted = (inputs.requires_grad_(), state.requires_grad_(), *rnn.parameters())

    def torch_forward() -> torch.Tensor:
        with torch.no_grad():
            h: torch.Tensor = rnn(inputs, state)[0]
            return h

    def torch_step() -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad(rnn(inputs, state)[0], wanted, upstream)

    return {
        "forward": (lambda: forward(x, h0, W_xh, W_hh, b_h), torch_forward),
        "forward + BPTT": (numpy_step, torch_step),
    }


def agree(found: Sides, tolerance: float) -> None:
    """Raise AssertionError unless both sides give the same states and gradients."""
    ours, theirs = (side() for side in found["forward"])
    np.testing.assert_allclose(ours, theirs.numpy(), atol=tolerance)
    dx, dh0, dW_xh, dW_hh, db_h = found["forward + BPTT"][0]()
    x, state, weight_ih, weight_hh, bias, _ = (g.numpy() for g in found["forward + BPTT"][1]())
    for mine, its in ((dx, x), (dh0, state[0]), (dW_xh, weight_ih.T), (dW_hh, weight_hh.T), (db_h, bias)):
        np.testing.assert_allclose(mine, its, atol=tolerance * np.abs(its).max())


def seconds(action: Action, calls: int) -> float:
    """Processor seconds per call."""
    started = time.process_time()
    for _ in range(calls):
        action()
    return (time.process_time() - started) / calls


def compare(ours: Action, theirs: Action, rounds: int) -> tuple[float, float, list[float]]:
    """Median milliseconds of both sides and the rounds' sorted ratios; the first round only warms up."""
    calls = max(1, round(0.02 / max(seconds(ours, 3), 1e-5)))
    times = []
    for number in range(rounds + 1):
        pair = (ours, theirs) if number % 2 else (theirs, ours)
        first, second = (seconds(side, calls) for side in pair)
        times.append((first, second) if number % 2 else (second, first))
    mine, its = zip(*times[1:], strict=True)
    ratios = sorted(a / b for a, b in times[1:])
    return 1e3 * statistics.median(mine), 1e3 * statistics.median(its), ratios


def main(quick: bool) -> int:
    rounds, sizes = (5, SIZES[:4]) if quick else (15, SIZES)
    print(
        f"NumPy {np.__version__}, torch {torch.__version__}, one thread, median of {rounds} rounds in turns"
    )
    print(f"{'dtype':<9}{'N':>4}{'T':>5}{'D':>4}{'H':>5}  {'work':<16}", end="")
    print(f"{'NumPy ms':>10}{'torch ms':>10}{'ratio':>8}   least to greatest")
    for dtype, tolerance in TOLERANCE.items():
        for size in sizes:
            found = sides(size, dtype)
            agree(found, tolerance)
            for work, (ours, theirs) in found.items():
                mine, its, ratios = compare(ours, theirs, rounds)
                N, T, D, H = size
                print(f"{dtype:<9}{N:>4}{T:>5}{D:>4}{H:>5}  {work:<16}", end="")
                print(f"{mine:>10.2f}{its:>10.2f}{statistics.median(ratios):>8.2f}", end="   ")
                print(f"{ratios[0]:.2f} to {ratios[-1]:.2f}", flush=True)
    return 0


if __name__ == "__main__":
    with one_thread():
        sys.exit(main("--quick" in sys.argv[1:]))
