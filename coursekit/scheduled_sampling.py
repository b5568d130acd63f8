"""Lesson 14's translator, trained with inputs between teacher forcing and free running."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from coursekit.translation import SOS, Recurrent

#: (targets (N, T), predictions (N, T), uniforms (N, T), p, sos) -> y_in (N, T)
Mix = Callable[[np.ndarray, np.ndarray, np.ndarray, float, int], np.ndarray]


class ScheduledRecurrent(Recurrent):
    """In training a share of the inputs are the model's own words; it grows evenly from none to 1 - p_end.

    Its own words come from a first pass, with the true inputs (Mihaylova and Martins, 2019), so that a batch
    takes two passes and not one for each word. `mix` is the learner's `scheduled_inputs`.
    """

    def __init__(self, mix: Mix, p_end: float, steps: int, H: int = 128) -> None:
        super().__init__(False, H)
        self.blend, self.shares = mix, iter(np.linspace(1, p_end, steps))
        self.rng = np.random.default_rng(0)

    def forward(self, source: torch.Tensor, lengths: torch.Tensor, y_in: torch.Tensor) -> torch.Tensor:
        if self.training:
            with torch.no_grad():
                own = super().forward(source, lengths, y_in).argmax(dim=2).numpy()
            targets = np.roll(y_in.numpy(), -1, axis=1)  # the last one is never an input
            uniforms = self.rng.uniform(size=own.shape)
            y_in = torch.tensor(self.blend(targets, own, uniforms, float(next(self.shares)), SOS))
        return super().forward(source, lengths, y_in)
