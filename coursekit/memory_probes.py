"""Two questions that need a long memory, and several recurrent networks trained on them side by side.

The networks of one run differ in their seed alone. They share every matrix product, in one batch of
networks, which costs a fraction of training them one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

SYMBOLS = 8

Batch = tuple[torch.Tensor, torch.Tensor]


def recall_batch(random: torch.Generator, runs: int, N: int, T: int) -> Batch:
    """Sequences of symbols, one-hot x (runs, N, T, 8); the target (runs, N) is the first symbol of each."""
    ids = torch.randint(SYMBOLS, (runs, N, T), generator=random)
    return torch.nn.functional.one_hot(ids, SYMBOLS).float(), ids[:, :, 0]


def adding_batch(random: torch.Generator, runs: int, N: int, T: int) -> Batch:
    """Numbers and marks, x (runs, N, T, 2); the target (runs, N) is the sum of the two marked numbers.

    One mark lies in each half of the sequence. Source: Hochreiter and Schmidhuber (1997); Le et al. (2015).
    """
    numbers = torch.rand((runs, N, T), generator=random)
    marks = torch.zeros_like(numbers)
    for start, stop in ((0, T // 2), (T // 2, T)):
        place = torch.randint(start, stop, (runs, N, 1), generator=random)
        marks.scatter_(2, place, 1.0)
    return torch.stack([numbers, marks], dim=3), (numbers * marks).sum(2)


@dataclass
class Networks:
    """`runs` recurrent networks: the first axis of every parameter counts them."""

    parameters: list[torch.Tensor]
    activation: Callable[[torch.Tensor], torch.Tensor]

    def last_output(self, x: torch.Tensor) -> torch.Tensor:
        """x (runs, N, T, D) -> output at the last step (runs, N, M)."""
        W_xh, W_hh, b_h, W_hy, b_y = self.parameters
        runs, N, T, D = x.shape
        drive = torch.baddbmm(b_h, x.reshape(runs, N * T, D), W_xh).view(runs, N, T, -1)
        h = torch.zeros_like(drive[:, :, 0])
        for now in drive.unbind(2):
            h = self.activation(torch.baddbmm(now, h, W_hh))
        return torch.baddbmm(b_y, h, W_hy)


def make_networks(
    W_hh: np.ndarray, D: int, M: int, activation: str, random: torch.Generator, input_scale: float
) -> Networks:
    """Networks with the recurrent weights W_hh (runs, H, H) and small Gaussian weights elsewhere."""
    runs, H, _ = W_hh.shape
    made = [
        torch.randn((runs, D, H), generator=random) * input_scale,
        torch.tensor(W_hh, dtype=torch.float32),
        torch.zeros(runs, 1, H),
        torch.randn((runs, H, M), generator=random) / H**0.5,
        torch.zeros(runs, 1, M),
    ]
    return Networks([p.requires_grad_() for p in made], getattr(torch, activation))


def clip_each(parameters: list[torch.Tensor], max_norm: float) -> None:
    """Clip the gradients of each network by its own norm; the first axis counts the networks."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    lengths = torch.cat([g.flatten(1) for g in gradients], dim=1).norm(dim=1)
    for g in gradients:
        g *= (max_norm / lengths).clamp(max=1.0)[:, None, None]


def train(
    networks: Networks,
    batch: Callable[..., Batch],
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    T: int,
    steps: int,
    random: torch.Generator,
    lr: float = 3e-3,
    N: int = 32,
) -> None:
    """Train all networks at once: Adam, gradients clipped at 1, the rate falling to 0 over the last half.

    `loss(output, target)` gives one number per network; their sum keeps the networks independent.
    """
    runs = len(networks.parameters[0])
    optimiser = torch.optim.Adam(networks.parameters, lr=lr)
    for step in range(steps):
        x, target = batch(random, runs, N, T)
        optimiser.zero_grad()
        loss(networks.last_output(x), target).sum().backward()
        clip_each(networks.parameters, 1.0)
        optimiser.param_groups[0]["lr"] = lr * min(1.0, 2 * (1 - step / steps))
        optimiser.step()


def gradient_flow(
    W: np.ndarray, kind: str, drive: np.ndarray, dh: np.ndarray, keep: float = 0.0
) -> tuple[np.ndarray, float]:
    """How much gradient autograd brings back from the last state, by lag, and the largest |state| on the way.

    W (H, H), kind of activation "sigmoid", "tanh" or "relu", drive (N, T, H) what x W_xh + b_h would be,
    dh (N, H) the gradient at the last state -> norms (T,) relative to that of lag 0, largest ()
    `keep` adds that share of the old state: h_t = keep h_{t-1} + f(drive_t + h_{t-1} W).
    """
    f, weights = getattr(torch, kind), torch.from_numpy(W)
    states = [torch.zeros(dh.shape, dtype=torch.float64, requires_grad=True)]
    for now in torch.from_numpy(drive).unbind(1):
        states.append(keep * states[-1] + f(now + states[-1] @ weights))
    gradients = torch.autograd.grad(states[-1], states[1:], torch.from_numpy(dh))
    norms = np.array([gradient.norm().item() for gradient in reversed(gradients)])
    return norms / norms[0], max(state.abs().max().item() for state in states)


def _recall_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(output.swapaxes(1, 2), target, reduction="none").mean(1)


def _adding_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return (output[:, :, 0] - target).square().mean(1)


def recall_accuracy(W_hh: np.ndarray, T: int, steps: int, seed: int = 0, tests: int = 500) -> np.ndarray:
    """Train tanh networks that start at W_hh (runs, H, H) to name the first of T symbols.

    Returns the share of right answers (runs,) on fresh sequences; guessing gives 1/8.
    """
    random = torch.Generator().manual_seed(seed)
    networks = make_networks(W_hh, SYMBOLS, SYMBOLS, "tanh", random, input_scale=0.5)
    train(networks, recall_batch, _recall_loss, T, steps, random)
    with torch.no_grad():
        x, target = recall_batch(random, len(W_hh), tests, T)
        return (networks.last_output(x).argmax(2) == target).double().mean(1).numpy()


def adding_error(
    W_hh: np.ndarray, activation: str, T: int, steps: int, lr: float = 3e-3, seed: int = 0, tests: int = 500
) -> np.ndarray:
    """Train networks that start at W_hh (runs, H, H) on the adding problem of length T.

    Returns the mean squared error (runs,) on fresh sequences; always answering 1 gives 1/6.
    """
    random = torch.Generator().manual_seed(seed)
    networks = make_networks(W_hh, 2, 1, activation, random, input_scale=0.2)
    train(networks, adding_batch, _adding_loss, T, steps, random, lr)
    with torch.no_grad():
        x, target = adding_batch(random, len(W_hh), tests, T)
        return _adding_loss(networks.last_output(x), target).double().numpy()
