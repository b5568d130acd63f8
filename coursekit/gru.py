"""Training for the comparison of cells: how good does each get from a given amount of text?"""

from __future__ import annotations

import numpy as np

from coursekit.data import CharacterText
from coursekit.lstm import SequenceModel, bits_per_character, chunks, fit

#: Characters at the end of the training text that only choose when to stop.
VALIDATION = 6_000


def bits_after_little_text(
    kind: str, text: CharacterText, seed: int, *, H: int, n: int, lr: float, rounds: int = 5, steps: int = 50
) -> float:
    """Held-out bits per character of a model that has read `n` characters only, again and again.

    After each round of `steps` batches it is scored on a validation piece. Training stops when it is clearly
    worse there, by 0.05 bits, than it has been; what counts is the round that was best there. The seed
    chooses the piece of text, the first weights and the batches.
    """
    rng = np.random.default_rng(seed)
    start = int(rng.integers(len(text.train) - VALIDATION - n))
    read, validation = text.train[start : start + n], text.train[-VALIDATION:]
    model, scores = SequenceModel(kind, text.V, H, text.V, seed), []
    for _ in range(rounds):
        fit(model, chunks(rng, read, text.V, steps, 16, 32), lr)
        scores.append([bits_per_character(model, ids, text.V) for ids in (validation, text.test[:8_000])])
        if scores[-1][0] > min(scores)[0] + 0.05:
            break
    return min(scores)[1]


def parameters(kind: str, D: int, H: int, V: int) -> int:
    """How many numbers a SequenceModel learns, its readout included."""
    return sum(p.numel() for p in SequenceModel(kind, D, H, V, seed=0).parameters())
