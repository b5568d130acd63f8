"""Lesson 12's long-range task: name the first of T symbols after the last one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coursekit.dropout import Parameters, adam, cross_entropy

#: (x (N, T, S), h0 (N, H), W_xh, W_hh, b_h) -> h (N, T, H)
Forward = Callable[..., np.ndarray]
#: (dh (N, T, H), x, h0, h, W_xh, W_hh, b_h) -> dW_xh, dW_hh, db_h
Backward = Callable[..., tuple[np.ndarray, ...]]


def start(S: int, H: int, gain: float, rng: np.random.Generator) -> Parameters:
    """Weights in float32; the largest eigenvalue of W_hh has about the size of `gain`."""
    made = {
        "W_xh": rng.normal(size=(S, H)) / np.sqrt(S),
        "W_hh": gain * rng.normal(size=(H, H)) / np.sqrt(H),
        "b_h": np.zeros(H),
        "W_hy": rng.normal(size=(H, S)) / np.sqrt(H),
        "b_y": np.zeros(S),
    }
    return {name: value.astype(np.float32) for name, value in made.items()}


def train_recall(
    forward: Forward, backward: Backward, T: int, seed: int, steps: int = 300, gain: float = 0.5
) -> np.ndarray:
    """Accuracy (steps,) on each step's fresh batch of 64 sequences, before the step; 8 symbols, 64 units."""
    N, S, H = 64, 8, 64
    rng = np.random.default_rng(seed)
    p, symbols = start(S, H, gain, rng), np.eye(S, dtype=np.float32)
    step, h0, accuracy = adam(p, lr=2e-3), np.zeros((N, H), dtype=np.float32), np.empty(steps)
    for i in range(steps):
        ids = rng.integers(0, S, size=(N, T))
        x, weights = symbols[ids], (p["W_xh"], p["W_hh"], p["b_h"])
        h = forward(x, h0, *weights)
        logits = h[:, -1] @ p["W_hy"] + p["b_y"]
        accuracy[i] = np.mean(logits.argmax(axis=1) == ids[:, 0])
        _, dlogits = cross_entropy(logits, ids[:, 0])
        dh = np.zeros_like(h)
        dh[:, -1] = dlogits @ p["W_hy"].T
        g = dict(zip(("W_xh", "W_hh", "b_h"), backward(dh, x, h0, h, *weights), strict=True))
        step({**g, "W_hy": h[:, -1].T @ dlogits, "b_y": dlogits.sum(axis=0)})
    return accuracy
