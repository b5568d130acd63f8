"""Training for the comparison of cells: how good does each get from a given amount of text?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coursekit.data import CharacterText
from coursekit.lstm import SequenceModel, bits_per_character, chunks, fit

#: Characters at the end of the training text that only choose when to stop.
VALIDATION = 6_000


class Reading(NamedTuple):
    """Bits per character on the validation piece and on unseen text at the best round, and all rounds."""

    validation: float
    unseen: float
    best: int
    rounds: int


def read_little_text(
    kind: str, text: CharacterText, seed: int, *, H: int, n: int, lr: float, rounds: int = 80, steps: int = 25
) -> Reading:
    """Train a model that reads `n` characters only, again and again, until the validation piece says stop.

    After each round of `steps` batches it is scored there. Training stops when it has become clearly worse,
    by 0.05 bits, than it was at its best; what counts is that best round. The seed chooses the piece of text,
    the first weights and the batches.
    """
    rng = np.random.default_rng(seed)
    start = int(rng.integers(len(text.train) - VALIDATION - n))
    read, validation = text.train[start : start + n], text.train[-VALIDATION:]
    model = SequenceModel(kind, text.V, H, text.V, seed)
    best, unseen = np.inf, np.inf
    scores: list[float] = []
    while len(scores) < rounds and (not scores or scores[-1] <= best + 0.05):
        fit(model, chunks(rng, read, text.V, steps, 16, 32), lr)
        scores.append(bits_per_character(model, validation, text.V))
        if scores[-1] < best:
            best, unseen = scores[-1], bits_per_character(model, text.test[:8_000], text.V)
    return Reading(best, unseen, 1 + int(np.argmin(scores)), len(scores))


def parameters(kind: str, D: int, H: int, V: int) -> int:
    """How many numbers a SequenceModel learns, its readout included."""
    return sum(p.numel() for p in SequenceModel(kind, D, H, V, seed=0).parameters())
