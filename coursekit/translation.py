"""The models of lessons 14 to 16, which translate numbers from English into Korean words.

The three models are PyTorch's modules, quick to train; their weights come out in the course's notation, to be
run by the learner's own functions. The sentences themselves are number_words.py's, and handed on from here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from coursekit.number_words import (
    EOS,
    MOST_DIGITS,
    MOST_STEPS,
    PAD,
    ROMAN,
    SOS,
    SOURCE_IDS,
    SOURCE_WORDS,
    SPECIAL,
    TARGET_IDS,
    TARGET_WORDS,
    TESTED,
    Pairs,
    english,
    korean,
    make_pairs,
    number_pairs,
    romanised,
)
from coursekit.training import one_thread, progress_bar

__all__ = [
    "EOS",
    "MOST_DIGITS",
    "MOST_STEPS",
    "PAD",
    "ROMAN",
    "SOS",
    "SOURCE_IDS",
    "SOURCE_WORDS",
    "SPECIAL",
    "TARGET_IDS",
    "TARGET_WORDS",
    "TESTED",
    "Model",
    "Pairs",
    "Recurrent",
    "Transformer",
    "block_arrays",
    "english",
    "korean",
    "make_pairs",
    "number_pairs",
    "romanised",
    "train",
    "translate",
]


class Recurrent(nn.Module):
    """Encoder and decoder as in lesson 14; with `attention`, the decoder of lesson 15."""

    def __init__(self, attention: bool, H: int = 128, D: int = 32) -> None:
        super().__init__()
        self.source, self.target = nn.Embedding(len(SOURCE_WORDS), D), nn.Embedding(len(TARGET_WORDS), D)
        self.encoder, self.decoder = (nn.RNN(D, H, batch_first=True) for _ in range(2))
        for rnn in (self.encoder, self.decoder):
            nn.init.orthogonal_(rnn.get_parameter("weight_hh_l0"))
        self.mix = nn.Linear(2 * H, H) if attention else None
        self.readout = nn.Linear(H, len(TARGET_WORDS))

    def read(self, source: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """-> what the decoder starts from: context (1, N, H), states (N, S, H), mask (N, 1, S)."""
        states, _ = self.encoder(self.source(source))
        context = states[torch.arange(len(states)), lengths - 1]
        return context[None], states, (source != PAD)[:, None]

    def write(
        self, y_in: torch.Tensor, h: torch.Tensor, states: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """-> logits (N, T, V), and the decoder's last state."""
        s, h = self.decoder(self.target(y_in), h)
        if self.mix:
            context = functional.scaled_dot_product_attention(s, states, states, mask, scale=1.0)
            s = torch.tanh(self.mix(torch.cat([context, s], dim=2)))
        return self.readout(s), h

    def forward(self, source: torch.Tensor, lengths: torch.Tensor, y_in: torch.Tensor) -> torch.Tensor:
        return self.write(y_in, *self.read(source, lengths))[0]

    @torch.no_grad()
    def greedy(self, source: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        h, states, mask = self.read(source, lengths)
        token, written = torch.full((len(source), 1), SOS), []
        for _ in range(MOST_STEPS):
            logits, h = self.write(token, h, states, mask)
            token = logits.argmax(dim=2)
            written.append(token)
        return torch.cat(written, dim=1)

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights as the course writes them: enc_W_xh, dec_W_xh, ..., W_c, W_hy, E_source, E_target."""
        found: dict[str, torch.Tensor] = {"E_source": self.source.weight, "E_target": self.target.weight}
        for name, rnn in (("enc", self.encoder), ("dec", self.decoder)):
            W_ih, W_hh, b_ih, b_hh = rnn.parameters()
            found[f"{name}_W_xh"], found[f"{name}_W_hh"] = W_ih.T, W_hh.T
            found[f"{name}_b_h"] = b_ih + b_hh
        found["W_hy"], found["b_y"] = self.readout.weight.T, self.readout.bias
        if self.mix:
            found["W_c"], found["b_c"] = self.mix.weight.T, self.mix.bias
        return {name: _array(value) for name, value in found.items()}


class Transformer(nn.Module):
    """PyTorch's encoder and decoder layers, post-norm as in the paper; P (T, d) is added to the input."""

    P: torch.Tensor

    def __init__(self, P: np.ndarray, heads: int = 4, F: int = 128, layers: int = 1) -> None:
        super().__init__()
        d = P.shape[1]
        self.source, self.target = nn.Embedding(len(SOURCE_WORDS), d), nn.Embedding(len(TARGET_WORDS), d)
        for embedding in (self.source, self.target):
            nn.init.normal_(embedding.weight, std=d**-0.5)
        sizes: dict[str, Any]
        sizes = {"d_model": d, "nhead": heads, "dim_feedforward": F, "dropout": 0.0, "batch_first": True}
        self.encoder = nn.ModuleList(nn.TransformerEncoderLayer(**sizes) for _ in range(layers))
        self.decoder = nn.ModuleList(nn.TransformerDecoderLayer(**sizes) for _ in range(layers))
        self.readout = nn.Linear(d, len(TARGET_WORDS))
        self.register_buffer("P", torch.tensor(P, dtype=torch.float32))

    def _embed(self, embedding: nn.Embedding, ids: torch.Tensor) -> torch.Tensor:
        embedded: torch.Tensor = embedding(ids) * self.P.shape[1] ** 0.5 + self.P[: ids.shape[1]]
        return embedded

    def read(self, source: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """-> memory (N, S, d), and PyTorch's padding mask (N, S), True = ignore."""
        memory, padding = self._embed(self.source, source), source == PAD
        for layer in self.encoder:
            memory = layer(memory, src_key_padding_mask=padding)
        return memory, padding

    def write(self, y_in: torch.Tensor, memory: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """-> logits (N, T, V)."""
        z, T = self._embed(self.target, y_in), y_in.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        for layer in self.decoder:
            z = layer(z, memory, tgt_mask=future, memory_key_padding_mask=padding)
        logits: torch.Tensor = self.readout(z)
        return logits

    def forward(self, source: torch.Tensor, lengths: torch.Tensor, y_in: torch.Tensor) -> torch.Tensor:
        return self.write(y_in, *self.read(source))

    @torch.no_grad()
    def greedy(self, source: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        memory, padding = self.read(source)
        written = torch.full((len(source), 1), SOS)
        for _ in range(MOST_STEPS):
            token = self.write(written, memory, padding)[:, -1:].argmax(dim=2)
            written = torch.cat([written, token], dim=1)
        return written[:, 1:]


Model = TypeVar("Model", Recurrent, Transformer)


def train(
    make: Callable[[], Model], seed: int, steps: int, lr: float = 2e-3, label: str = "training"
) -> Model:
    """Make a model and train it on `steps` batches of 64 pairs of like length: Adam, clipping, falling rate.

    The first 100 steps warm up, the last 40 % cool down. Every model of lessons 14 to 16 is trained by this
    function, on the same pairs in the same order.
    """
    torch.manual_seed(seed)
    model, rng = make(), np.random.default_rng(seed)
    batches = _batches()
    order: list[int] = []
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    with one_thread():
        for step in progress_bar(range(steps), label):
            order = order or list(rng.permutation(len(batches)))
            optimiser.param_groups[0]["lr"] = lr * min(1, (step + 1) / 100, (steps - step) / (0.4 * steps))
            source, lengths, y_in, target = batches[order.pop()]
            logits = model(source, lengths, y_in)
            loss = functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PAD)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
    return model.eval()


@cache
def _batches(size: int = 64) -> list[tuple[torch.Tensor, ...]]:
    """Training batches of sentences of like length: source, lengths, y_in, target."""
    pairs, _ = number_pairs()
    rows = np.argsort(pairs.lengths, kind="stable")
    made: list[tuple[torch.Tensor, ...]] = []
    for start in range(0, len(rows) - size + 1, size):
        batch = pairs[rows[start : start + size]]
        target = torch.tensor(batch.target)
        y_in = functional.pad(target[:, :-1], (1, 0), value=SOS)
        made.append((torch.tensor(batch.source), torch.tensor(batch.lengths), y_in, target))
    return made


def translate(model: Recurrent | Transformer, pairs: Pairs) -> list[np.ndarray]:
    """The model's greedy translations: a list of ids, each cut off before its EOS."""
    with one_thread(), torch.no_grad():
        table = model.greedy(torch.tensor(pairs.source), torch.tensor(pairs.lengths)).numpy()
    return [row[: np.argmax(row == EOS)] if (row == EOS).any() else row for row in table]


def _array(value: torch.Tensor) -> np.ndarray:
    return value.detach().numpy().astype(np.float64)


def block_arrays(layer: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer) -> dict[str, np.ndarray]:
    """The weights of a TransformerEncoderLayer or TransformerDecoderLayer, under the names of lesson 16."""
    cross = isinstance(layer, nn.TransformerDecoderLayer)
    found = _attention_arrays(layer.self_attn, "self_" if cross else "")
    if isinstance(layer, nn.TransformerDecoderLayer):
        found |= _attention_arrays(layer.multihead_attn, "cross_")
    for number in (1, 2, 3) if cross else (1, 2):
        norm = getattr(layer, f"norm{number}")
        found |= {f"ln{number}_gain": norm.weight, f"ln{number}_bias": norm.bias}
    for number, linear in ((1, layer.linear1), (2, layer.linear2)):
        found |= {f"W_{number}": linear.weight.T, f"b_{number}": linear.bias}
    return {name: _array(value) for name, value in found.items()}


def _attention_arrays(module: nn.MultiheadAttention, prefix: str) -> dict[str, torch.Tensor]:
    """PyTorch keeps W_q, W_k, W_v transposed and below each other in one matrix."""
    matrices = [part.T for part in module.in_proj_weight.chunk(3)] + [module.out_proj.weight.T]
    biases = [*module.in_proj_bias.chunk(3), module.out_proj.bias]
    names = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")
    return {prefix + name: value for name, value in zip(names, matrices + biases, strict=True)}
