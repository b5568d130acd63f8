"""Training for the demos on gated cells, with torch.nn: recalling a symbol, and predicting characters."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
import torch
from torch import nn

from coursekit.data import CharacterText

LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
#: Symbols of the recall task: chance is one in four.
K = 4
#: Inputs (N, T, D), targets (N,) or (N*T,), and whether only the last step is to be predicted.
Batch = tuple[torch.Tensor, torch.Tensor, bool]


class SequenceModel(nn.Module):
    """One recurrent layer of `kind` "rnn", "lstm" or "gru" and a readout: x (N, T, D) -> logits (N, T, V)."""

    def __init__(self, kind: str, D: int, H: int, V: int, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.kind = kind
        self.layer = LAYERS[kind](D, H, batch_first=True)
        self.readout = nn.Linear(H, V)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.readout(self.layer(x)[0])
        return logits

    def set_keep_bias(self, values: torch.Tensor | float) -> None:
        """Set the bias of the gate that keeps: the LSTM's f, the GRU's z. Both are the second block."""
        H = self.layer.hidden_size
        with torch.no_grad():
            self.layer.bias_ih_l0[H : 2 * H] = values
            self.layer.bias_hh_l0[H : 2 * H] = 0

    def set_chrono_bias(self, T: int) -> None:
        """Spread the units' time constants from 1 to T steps (Tallec and Ollivier, 2018)."""
        H = self.layer.hidden_size
        values = torch.log(torch.empty(H).uniform_(1, T - 1))
        self.set_keep_bias(values)
        if self.kind == "lstm":
            with torch.no_grad():
                self.layer.bias_ih_l0[:H] = -values
                self.layer.bias_hh_l0[:H] = 0


def course_weights(layer: nn.Module) -> tuple[np.ndarray, ...]:
    """W_xh, W_hh, b_x, b_h of a torch layer in the course's shapes, float64."""
    W_xh, W_hh, b_x, b_h = (p.detach().double().numpy() for p in layer.parameters())
    return W_xh.T, W_hh.T, b_x, b_h


def recall_batch(rng: np.random.Generator, N: int, T: int) -> tuple[np.ndarray, np.ndarray]:
    """Random symbols as one-hot rows, x (N, T, K + 1); the last column marks the first, the target (N,)."""
    ids = rng.integers(K, size=(N, T))
    x = np.zeros((N, T, K + 1), dtype=np.float32)
    np.put_along_axis(x, ids[..., None], 1, axis=2)
    x[:, 0, K] = 1
    return x, ids[:, 0]


class Adam:
    """Adam (Kingma and Ba, 2015); torch.optim's own spends 3 seconds on importing PyTorch's compiler."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float) -> None:
        self.parameters, self.lr, self.steps = list(parameters), lr, 0
        self.means = [torch.zeros_like(p) for p in self.parameters]
        self.squares = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter against its gradient, which is used up by that."""
        self.steps += 1
        rate, unbiased = self.lr / (1 - 0.9**self.steps), (1 - 0.999**self.steps) ** -0.5
        for p, mean, square in zip(self.parameters, self.means, self.squares, strict=True):
            if p.grad is None:
                continue
            mean.lerp_(p.grad, 0.1)
            square.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
            p.addcdiv_(mean, (square.sqrt() * unbiased).add_(1e-8), value=-rate)
            p.grad = None


def fit(model: SequenceModel, batches: Iterable[Batch], lr: float) -> None:
    """One step of Adam per (x, targets, last_only) in `batches`, with the gradient's norm clipped at 1."""
    optimizer = Adam(model.parameters(), lr)
    for x, targets, last_only in batches:
        logits = model(x)[:, -1] if last_only else model(x).flatten(0, 1)
        nn.functional.cross_entropy(logits, targets).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def train_recall(
    kind: str,
    T: int,
    seed: int,
    *,
    H: int = 24,
    steps: int = 300,
    bias: float | Literal["chrono"] | None = None,
) -> tuple[SequenceModel, float]:
    """Learn to name the first of T random symbols at the end; the model, and its accuracy on new ones.

    `bias` is the keeping gate's bias at the start: a number, "chrono", or None for PyTorch's default.
    """
    model = SequenceModel(kind, K + 1, H, K, seed)
    if bias == "chrono":
        model.set_chrono_bias(T)
    elif bias is not None:
        model.set_keep_bias(bias)
    rng = np.random.default_rng(seed)
    drawn = (recall_batch(rng, 32, T) for _ in range(steps))
    fit(model, ((torch.from_numpy(x), torch.from_numpy(y), True) for x, y in drawn), lr=5e-3)
    x, y = recall_batch(np.random.default_rng(seed + 10**6), 1000, T)
    with torch.no_grad():
        right = model(torch.from_numpy(x))[:, -1].argmax(dim=1).numpy() == y
    return model, float(right.mean())


def chunks(rng: np.random.Generator, ids: np.ndarray, V: int, steps: int, N: int, T: int) -> Iterator[Batch]:
    """`steps` batches of N random pieces of text: one-hot inputs (N, T, V) and the next ids (N*T,)."""
    eye = torch.eye(V)
    for _ in range(steps):
        starts = rng.integers(len(ids) - T, size=(N, 1))
        piece = torch.from_numpy(ids[starts + np.arange(T + 1)])  # (N, T + 1)
        yield eye[piece[:, :-1]], piece[:, 1:].flatten(), False


def bits_per_character(model: SequenceModel, ids: np.ndarray, V: int, T: int = 200) -> float:
    """Mean of -log2 p(next character) over `ids`, read in pieces of T, of which the first 20 only warm up."""
    rows = ids[: len(ids) // (T + 1) * (T + 1)].reshape(-1, T + 1)
    piece = torch.from_numpy(rows)
    with torch.no_grad():
        logits = model(torch.eye(V)[piece[:, :-1]])[:, 20:].flatten(0, 1)
        loss = nn.functional.cross_entropy(logits, piece[:, 21:].flatten())
    bits: float = float(loss) / np.log(2)
    return bits


def train_characters(
    kind: str, text: CharacterText, seed: int, *, H: int, rounds: int, steps: int, held_out: int, lr: float
) -> tuple[np.ndarray, np.ndarray]:
    """Predict the next character; seconds of CPU time (rounds,) and held-out bits (rounds,), each per round.

    A round is `steps` batches of 32 pieces of 32 characters; the held-out text is not timed.
    """
    model, rng = SequenceModel(kind, text.V, H, text.V, seed), np.random.default_rng(seed)
    seconds, bits, used = [], [], 0.0
    for _ in range(rounds):
        start = time.process_time()
        fit(model, chunks(rng, text.train, text.V, steps, 32, 32), lr)
        used += time.process_time() - start
        seconds.append(used)
        bits.append(bits_per_character(model, text.test[:held_out], text.V))
    return np.array(seconds), np.array(bits)
