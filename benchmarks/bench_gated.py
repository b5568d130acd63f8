"""The lessons' NumPy LSTM and GRU against torch.nn on the same CPU, in one thread each.

    .venv/bin/python benchmarks/bench_gated.py            all sizes
    .venv/bin/python benchmarks/bench_gated.py --quick    the small ones, fewer rounds

`forward` is lstm_forward or gru_forward against the module's forward pass without gradients. `backward` is
lstm_backward or gru_backward, which run their own forward pass first, against torch's forward and backward:
each does all the work from inputs to gradients once. `step` is what a training step calls in NumPy, forward
for the loss and then backward with its own second forward, against the same torch time.

The two sides are timed in turns, round by round, so that a busy machine slows both. What is printed is the
median of the rounds' ratios, NumPy's time divided by torch's: below 1, NumPy is faster.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from coursekit.training import one_thread
from tests.solved import solution_functions

#: N, T, D, H
SIZES = ((1, 50, 16, 16), (32, 50, 32, 64), (32, 50, 64, 128), (32, 100, 64, 256), (128, 50, 64, 256))
LAYERS = {"lstm": (nn.LSTM, 4), "gru": (nn.GRU, 3)}
DTYPES = {"float64": (np.float64, torch.float64), "float32": (np.float32, torch.float32)}

Size = tuple[int, int, int, int]
Action = Callable[[], object]


def numpy_side(kind: str, size: Size, dtype: type, rng: np.random.Generator) -> dict[str, Action]:
    """The lessons' solutions on random arrays of this size."""
    N, T, D, H = size
    blocks = LAYERS[kind][1]
    x, h0 = rng.normal(size=(N, T, D)), np.zeros((N, H))
    weights = [
        rng.normal(size=shape) / np.sqrt(H) for shape in ((D, blocks * H), (H, blocks * H), blocks * H)
    ]
    start = (h0, h0) if kind == "lstm" else (h0,)
    biases = [] if kind == "lstm" else [weights[2]]
    arguments = [a.astype(dtype) for a in (x, *start, *weights, *biases)]
    dh: np.ndarray = rng.normal(size=(N, T, H)).astype(dtype)
    found = solution_functions()
    forward, backward = found[f"{kind}_forward"], found[f"{kind}_backward"]
    return {
        "forward": lambda: forward(*arguments),
        "backward": lambda: backward(dh, *arguments),
        "step": lambda: (forward(*arguments), backward(dh, *arguments)),
    }


def torch_side(kind: str, size: Size, dtype: torch.dtype, rng: np.random.Generator) -> dict[str, Action]:
    """The same work by torch.nn; gradients with respect to the inputs and all weights."""
    N, T, D, H = size
    layer = LAYERS[kind][0](D, H, batch_first=True, dtype=dtype)
    x = torch.from_numpy(rng.normal(size=(N, T, D))).to(dtype).requires_grad_()
    dh = torch.from_numpy(rng.normal(size=(N, T, H))).to(dtype)
    wanted = (x, *layer.parameters())

    def forward() -> None:
        with torch.no_grad():
            layer(x)

    def both() -> None:
        torch.autograd.grad(layer(x)[0], wanted, dh)

    return {"forward": forward, "backward": both, "step": both}


def seconds(function: Action) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(ours: Action, theirs: Action, rounds: int) -> tuple[float, float, float]:
    """Median milliseconds of both, and the median of the rounds' ratios; the first round does not count."""
    times = [(seconds(ours), seconds(theirs)) for _ in range(rounds + 1)][1:]
    middle = [1000 * statistics.median(side) for side in zip(*times, strict=True)]
    return *middle, statistics.median(a / b for a, b in times)


def main(quick: bool) -> int:
    rounds, sizes = (5, SIZES[:3]) if quick else (11, SIZES)
    print(f"NumPy {np.__version__}, torch {torch.__version__}, one thread, median of {rounds} rounds")
    sizes_head = "".join(f"{name:>{width}}" for name, width in zip("NTDH", (4, 5, 4, 5), strict=True))
    print(f"{'cell':<6}{'dtype':<9}{sizes_head}  {'work':<10}{'NumPy ms':>10}{'torch ms':>10}{'ratio':>7}")
    for kind in LAYERS:
        for name, (numpy_type, torch_type) in DTYPES.items():
            for size in sizes:
                rng = np.random.default_rng(0)
                ours, theirs = (
                    numpy_side(kind, size, numpy_type, rng),
                    torch_side(kind, size, torch_type, rng),
                )
                for work in ours:
                    mine, its, ratio = compare(ours[work], theirs[work], rounds)
                    N, T, D, H = size
                    row = f"{kind:<6}{name:<9}{N:>4}{T:>5}{D:>4}{H:>5}  {work:<10}"
                    print(f"{row}{mine:>10.2f}{its:>10.2f}{ratio:>7.2f}", flush=True)
    return 0


if __name__ == "__main__":
    with one_thread():
        sys.exit(main("--quick" in sys.argv[1:]))
