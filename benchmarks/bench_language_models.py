"""The course's networks on lesson 02's held-out text, at the same processor time, three seeds each.

    .venv/bin/python benchmarks/bench_language_models.py [name ...]

About a minute and a half for each of the runs. Lesson 18 quotes the table that this prints.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from coursekit.data import characters
from coursekit.language_model import LanguageModel, Recurrent, fit, nats_of
from coursekit.training import one_thread

TEXT = characters()
#: The symbols at the beginning that no model is asked for, as in lesson 02.
FIRST = 6


@dataclass(frozen=True)
class Setting:
    """How a model is made from a seed, and trained; about 228,000 weights each."""

    make: Callable[[int], nn.Module]
    steps: int
    N: int
    T: int
    lr: float


def recurrent(kind: str, H: int) -> Callable[[int], nn.Module]:
    return lambda seed: Recurrent(kind, TEXT.V, H, seed)


# The steps are those that took equally long. Shorter pieces suit the recurrent ones: fewer steps in a row.
SETTINGS = {
    "gpt": Setting(lambda seed: LanguageModel(TEXT.V, seed), steps=1_300, N=8, T=128, lr=3e-3),
    "lstm": Setting(recurrent("lstm", 200), steps=1_900, N=16, T=64, lr=16e-3),
    "gru": Setting(recurrent("gru", 232), steps=1_060, N=16, T=64, lr=16e-3),
    "rnn": Setting(recurrent("rnn", 410), steps=1_100, N=16, T=64, lr=1e-3),
}


def run(name: str, seed: int) -> str:
    """Train and score one model; a line of the table."""
    setting = SETTINGS[name]
    model = setting.make(seed)
    started = time.process_time()
    fit(model, TEXT.train, seed, steps=setting.steps, N=setting.N, T=setting.T, lr=setting.lr, label=name)
    seconds = time.process_time() - started
    bits = nats_of(model, TEXT.test, FIRST).mean() / np.log(2)
    weights = sum(p.numel() for p in model.parameters())
    cost = f"{weights:8,} weights  {setting.steps:5,} steps  {seconds:4.0f} s"
    return f"{name:5} seed {seed}  {cost}  {bits:.3f} bits"


if __name__ == "__main__":
    with one_thread():
        for chosen in sys.argv[1:] or SETTINGS:
            for seed in range(3):
                print(run(chosen, seed), flush=True)
