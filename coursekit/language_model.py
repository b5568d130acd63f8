"""For lesson 18: a small decoder-only Transformer as it is built today, trained with PyTorch on characters.

Source: the block of Touvron et al. (2023), LLaMA: pre-norm with RMSNorm, rotary positions, SwiGLU, no biases.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from coursekit.lstm import Adam, SequenceModel
from coursekit.training import progress_bar

Arrays = dict[str, np.ndarray]
#: Gives logits (N, T, V) for ids (N, T).
Predictor = Callable[[torch.Tensor], torch.Tensor]


def turned(x: torch.Tensor) -> torch.Tensor:
    """Rotary positions (Su et al., 2021): the pairs of x (..., T, d) as complex numbers, turned."""
    T, d = x.shape[-2:]
    rates = 10_000 ** (-torch.arange(0, d, 2, dtype=x.dtype) / d)
    angles = torch.arange(T, dtype=x.dtype)[:, None] * rates  # (T, d / 2)
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


class Block(nn.Module):
    """Pre-norm attention and SwiGLU: x (N, T, E) -> (N, T, E)."""

    W_q: nn.Parameter
    W_k: nn.Parameter
    W_v: nn.Parameter
    W_o: nn.Parameter
    W_1: nn.Parameter
    W_3: nn.Parameter
    W_2: nn.Parameter

    def __init__(self, E: int, heads: int, F: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.RMSNorm(E, eps=1e-5), nn.RMSNorm(E, eps=1e-5)
        for name in ("W_q", "W_k", "W_v", "W_o", "W_1", "W_3", "W_2"):
            rows, columns = (F, E) if name == "W_2" else (E, F) if name in ("W_1", "W_3") else (E, E)
            self.register_parameter(name, nn.Parameter(torch.randn(rows, columns) / math.sqrt(rows)))
        with torch.no_grad():  # what is written back into x starts small (Radford et al., 2019)
            self.W_o.mul_(0.5)
            self.W_2.mul_(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.norm1(x)
        q, k, v = (self._split(z @ W) for W in (self.W_q, self.W_k, self.W_v))
        out = functional.scaled_dot_product_attention(turned(q), turned(k), v, is_causal=True)
        x = x + out.transpose(1, 2).flatten(2) @ self.W_o
        z = self.norm2(x)
        y: torch.Tensor = x + (functional.silu(z @ self.W_1) * (z @ self.W_3)) @ self.W_2
        return y

    def _split(self, z: torch.Tensor) -> torch.Tensor:
        cut: torch.Tensor = z.unflatten(2, (self.heads, -1)).transpose(1, 2)  # (N, heads, T, d)
        return cut

    def arrays(self) -> Arrays:
        """Its weights under the names that gpt_block takes, float64."""
        renamed = {"norm1.weight": "norm1_gain", "norm2.weight": "norm2_gain"}
        return {
            renamed.get(name, name): p.detach().double().numpy().copy() for name, p in self.named_parameters()
        }


class LanguageModel(nn.Module):
    """Ids (N, T) -> logits (N, T, V): embedding, blocks, norm, and the same embedding once more."""

    def __init__(self, V: int, seed: int, E: int = 96, heads: int = 4, F: int = 256, blocks: int = 2) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.E = nn.Parameter(torch.randn(V, E) / math.sqrt(E))
        self.blocks = nn.ModuleList(Block(E, heads, F) for _ in range(blocks))
        self.norm = nn.RMSNorm(E, eps=1e-5)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = functional.embedding(ids, self.E)
        for block in self.blocks:
            x = block(x)
        logits: torch.Tensor = self.norm(x) @ self.E.T
        return logits

    def size(self) -> int:
        """How many numbers it learns."""
        return sum(p.numel() for p in self.parameters())


def pieces(rng: np.random.Generator, ids: np.ndarray, steps: int, N: int, T: int) -> Iterator[torch.Tensor]:
    """`steps` batches of N random pieces of the text, (N, T + 1)."""
    for _ in range(steps):
        starts = rng.integers(len(ids) - T, size=(N, 1))
        yield torch.from_numpy(ids[starts + np.arange(T + 1)])


def fit(
    model: nn.Module,
    ids: np.ndarray,
    seed: int,
    *,
    steps: int,
    N: int = 16,
    T: int = 128,
    lr: float = 3e-3,
    label: str = "training",
) -> None:
    """Adam with a short warm-up and half a cosine down to zero; the gradient's norm is clipped at 1."""
    adam, rng = Adam(model.parameters(), lr), np.random.default_rng(seed)
    warmup = max(1, steps // 20)
    for step, piece in enumerate(progress_bar(pieces(rng, ids, steps, N, T), label, steps), start=1):
        logits = model(piece[:, :-1]).flatten(0, 1)
        functional.cross_entropy(logits, piece[:, 1:].flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        fall = 0.5 * (1 + math.cos(math.pi * max(0, step - warmup) / max(1, steps - warmup)))
        adam.lr = lr * min(step / warmup, fall)
        adam.step()


@torch.no_grad()
def nats_of(model: Predictor, ids: np.ndarray, first: int, T: int = 128) -> np.ndarray:
    """-ln p of each of ids[first:], every one with at least half of the T symbols before it in sight."""
    found = np.full(len(ids), np.nan)
    for start in range(0, len(ids) - 1, T // 2):
        piece = torch.from_numpy(ids[start : start + T + 1])[None]
        loss = functional.cross_entropy(model(piece[:, :-1])[0], piece[0, 1:], reduction="none").numpy()
        own = slice(start + 1 if start == 0 else start + 1 + T // 2, start + 1 + len(loss))
        found[own] = loss[own.start - start - 1 :]
    return found[first:]


class Recurrent(nn.Module):
    """Lesson 09's and 10's models on ids: `kind` "rnn", "lstm" or "gru"; ids (N, T) -> logits (N, T, V)."""

    def __init__(self, kind: str, V: int, H: int, seed: int) -> None:
        super().__init__()
        self.model = SequenceModel(kind, V, H, V, seed)
        self.rows = torch.eye(V)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(self.rows[ids])
        return logits
