"""Aids of lesson 05: a fill-in-the-blank task, small PyTorch readers of it, and their training."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

#: Symbols of the fill-in-the-blank task: the blank, three cues, five words that mean nothing, padding.
BLANK, CUES, FILLERS = 0, (1, 2, 3), (4, 5, 6, 7, 8)
PADDING, SYMBOLS = 9, 10


def cloze(rng: np.random.Generator, N: int, cue: str, T: int = 12) -> tuple[torch.Tensor, ...]:
    """Sentences with one blank and one cue, which stands 1 to 4 steps to its "right" or "left".

    -> ids (N, T), lengths (N,) from 8 to T, the blank's position (N,), the answer (N,), one of three
    """
    lengths, gap = rng.integers(8, T + 1, size=N), rng.integers(1, 5, size=N)
    ids = rng.choice(FILLERS, size=(N, T))
    ids[np.arange(T) >= lengths[:, None]] = PADDING
    early = rng.integers(0, lengths - gap)
    blank, cue_at = (early, early + gap) if cue == "right" else (early + gap, early)
    answer, rows = rng.integers(len(CUES), size=N), np.arange(N)
    ids[rows, blank] = BLANK
    ids[rows, cue_at] = np.array(CUES)[answer]
    return tuple(torch.as_tensor(a) for a in (ids, lengths, blank, answer))


class Reader(nn.Module):
    """Symbols -> vectors -> a stack of recurrent layers -> scores of C classes at every step."""

    def __init__(self, V: int, H: int, C: int, L: int = 1, bidirectional: bool = False, E: int = 16) -> None:
        super().__init__()
        self.embed = nn.Embedding(V, E)
        self.rnn = nn.RNN(E, H, L, batch_first=True, bidirectional=bidirectional)
        self.out = nn.Linear(H * (1 + bidirectional), C)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """ids (N, T), lengths (N,) if there is padding -> logits (N, T, C)."""
        x = self.embed(ids)
        if lengths is None:
            logits: torch.Tensor = self.out(self.rnn(x)[0])
            return logits
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=ids.shape[1])
        logits = self.out(h)
        return logits


def train(model: nn.Module, loss: Callable[[], torch.Tensor], steps: int, lr: float) -> Iterator[int]:
    """Adam with clipped gradients on `loss()`, drawn anew in each step; yields the steps done so far."""
    optimiser = torch.optim.Adam(model.parameters(), lr)
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        loss().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        yield step


def text_windows(ids: np.ndarray, N: int, T: int, rng: np.random.Generator) -> torch.Tensor:
    """N random stretches of T symbols: (N, T)."""
    starts = rng.integers(0, len(ids) - T, size=N)
    return torch.as_tensor(ids[starts[:, None] + np.arange(T)])
