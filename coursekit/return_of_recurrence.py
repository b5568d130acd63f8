"""Lesson 19: the recall task for a stack of minimal GRUs; running them both ways is the caller's part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from coursekit.dropout import Parameters, adam, cross_entropy
from coursekit.lstm import K, recall_batch

#: One number for every unit's gate, or time constants spread from 1 to T steps (Tallec and Ollivier, 2018).
Bias = float | Literal["chrono"]
LAYER = ("W_z", "b_z", "W_n", "b_n")
#: (x (N, T, D), h0 (N, H), W_z, b_z, W_n, b_n) -> h (N, T, H)
Forward = Callable[..., np.ndarray]
#: (dh (N, T, H), x, h, h0, W_z, b_z, W_n, b_n) -> dx, dW_z, db_z, dW_n, db_n
Backward = Callable[..., tuple[np.ndarray, ...]]


def start(layers: int, H: int, T: int, bias: Bias, rng: np.random.Generator) -> Parameters:
    """Weights in float32, drawn as PyTorch draws a linear layer's; `bias` is that of the gates."""
    made = {}
    for layer in range(layers):
        D = H if layer else K + 1
        for name, shape in zip(LAYER, ((D, H), (H,), (D, H), (H,)), strict=True):
            made[f"{name}{layer}"] = rng.uniform(-1, 1, size=shape) / np.sqrt(D)
        made[f"b_z{layer}"][:] = np.log(rng.uniform(1, T - 1, size=H)) if bias == "chrono" else bias
    made["W_hy"], made["b_y"] = (rng.uniform(-1, 1, size=shape) / np.sqrt(H) for shape in ((H, K), K))
    return {name: value.astype(np.float32) for name, value in made.items()}


def weights(p: Parameters, layer: int) -> tuple[np.ndarray, ...]:
    """W_z, b_z, W_n, b_n of one layer."""
    return tuple(p[f"{name}{layer}"] for name in LAYER)


def run(forward: Forward, p: Parameters, x: np.ndarray, layers: int) -> list[np.ndarray]:
    """The input and the states of every layer, each (N, T, .)."""
    seen = [x]
    for layer in range(layers):
        h0 = np.zeros((len(x), len(p[f"b_z{layer}"])), dtype=x.dtype)
        seen.append(forward(seen[-1], h0, *weights(p, layer)))
    return seen


def gradients(
    backward: Backward, p: Parameters, seen: list[np.ndarray], targets: np.ndarray
) -> tuple[Parameters, np.ndarray]:
    """The gradient of each parameter, and the logits (N, K) at the last step."""
    last = seen[-1][:, -1]
    logits = last @ p["W_hy"] + p["b_y"]
    _, dlogits = cross_entropy(logits, targets)
    g = {"W_hy": last.T @ dlogits, "b_y": dlogits.sum(axis=0)}
    dh = np.zeros_like(seen[-1])
    dh[:, -1] = dlogits @ p["W_hy"].T
    for layer in reversed(range(len(seen) - 1)):
        x, h = seen[layer], seen[layer + 1]
        dh, *made = backward(dh, x, h, np.zeros_like(h[:, 0]), *weights(p, layer))
        g |= {f"{name}{layer}": value for name, value in zip(LAYER, made, strict=True)}
    return g, logits


def train_recall(
    forward: Forward,
    backward: Backward,
    T: int,
    seed: int,
    *,
    layers: int = 2,
    H: int = 24,
    steps: int = 300,
    lr: float = 5e-3,
    bias: Bias = 0.0,
) -> tuple[Parameters, float]:
    """Learn lesson 09's task, to name the first of T symbols; the weights, and accuracy on new sequences.

    Batches, steps and rate are those of coursekit.lstm.train_recall.
    """
    rng = np.random.default_rng(seed)
    p = start(layers, H, T, bias, np.random.default_rng(1000 + seed))
    step = adam(p, lr)
    for _ in range(steps):
        x, targets = recall_batch(rng, 32, T)
        step(gradients(backward, p, run(forward, p, x, layers), targets)[0])
    return p, accuracy(forward, p, T, seed + 10**6, layers)


def accuracy(forward: Forward, p: Parameters, T: int, seed: int, layers: int) -> float:
    """Share right of 1,000 new sequences."""
    x, targets = recall_batch(np.random.default_rng(seed), 1000, T)
    logits = run(forward, p, x, layers)[-1][:, -1] @ p["W_hy"] + p["b_y"]
    return float(np.mean(logits.argmax(axis=1) == targets))
