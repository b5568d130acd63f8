"""Lesson 13's training runs: one recurrent word model, and output layers of different cost on top of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Parameters = dict[str, np.ndarray]
#: (h (N, H), parameters, targets (N,), generator) -> dh (N, H), gradients of the layer
OutputLayer = Callable[
    [np.ndarray, Parameters, np.ndarray, np.random.Generator], tuple[np.ndarray, Parameters]
]

#: (x (N, T, H), h0 (N, H), W_xh, W_hh, b_h) -> h (N, T, H)
Forward = Callable[..., np.ndarray]
#: (dh (N, T, H), x, h0, h, W_xh, W_hh) -> dx, dh0, dW_xh, dW_hh, db_h
Backward = Callable[..., tuple[np.ndarray, ...]]
#: (h (N, H), parameters, targets (N,)) -> mean in nats
Loss = Callable[[np.ndarray, Parameters, np.ndarray], float]


@dataclass(frozen=True)
class Curve:
    """Held-out perplexity (checks,) after so many steps and so many seconds of the processor's time."""

    steps: np.ndarray
    seconds: np.ndarray
    perplexity: np.ndarray


def body(V: int, H: int, rng: np.random.Generator) -> Parameters:
    """Embedding (V, H) and recurrent layer of H units, in float32."""
    made = {"E": 0.3 * rng.normal(size=(V, H)), "b_h": np.zeros(H)}
    made["W_xh"], made["W_hh"] = rng.normal(size=(2, H, H)) / np.sqrt(H)
    return {name: value.astype(np.float32) for name, value in made.items()}


def flat_head(counts: np.ndarray, H: int) -> Parameters:
    """One row per word, small, and a bias that starts as the logarithm of the word's frequency."""
    rng, frequency = np.random.default_rng(0), (counts + 1) / (counts + 1).sum()
    W = 0.05 * rng.normal(size=(len(counts), H))
    return {"W": W.astype(np.float32), "b": np.log(frequency).astype(np.float32)}


def two_level_head(counts: np.ndarray, H: int) -> tuple[Parameters, int]:
    """Classes of M = ceil(sqrt(V)) words by rank: word v is number v % M in class v // M. Returns M, too."""
    rng, V = np.random.default_rng(0), len(counts)
    M = int(np.ceil(np.sqrt(V)))
    C = -(-V // M)
    weight = np.full(C * M, 1e-9)  # places behind the last word stay all but impossible
    weight[:V] = counts + 1
    weight = weight.reshape(C, M) / weight.sum()
    made = {
        "W_c": 0.05 * rng.normal(size=(H, C)),
        "b_c": np.log(weight.sum(axis=1)),
        "W_w": 0.05 * rng.normal(size=(C, H, M)),
        "b_w": np.log(weight / weight.sum(axis=1, keepdims=True)),
    }
    return {name: value.astype(np.float32) for name, value in made.items()}, M


def softmax_gradient(z: np.ndarray, targets: np.ndarray, scale: float) -> np.ndarray:
    """Gradient of a sum of cross-entropies, times `scale`, with respect to logits z (N, V); z is used up."""
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z *= scale / z.sum(axis=1, keepdims=True)
    z[np.arange(len(z)), targets] -= scale
    return z


def full_output(
    h: np.ndarray, p: Parameters, targets: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, Parameters]:
    """The full softmax's gradients: every row of W takes part."""
    d = softmax_gradient(h @ p["W"].T + p["b"], targets, 1 / len(h))
    return d @ p["W"], {"W": d.T @ h, "b": d.sum(axis=0)}


def two_level_output(
    h: np.ndarray, p: Parameters, targets: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, Parameters]:
    """The two-level softmax's gradients: C classes, and the M words of each target's class."""
    M = p["b_w"].shape[1]
    classes, places, scale = targets // M, targets % M, 1 / len(h)
    of_class = softmax_gradient(h @ p["W_c"] + p["b_c"], classes, scale)
    W_own = p["W_w"][classes]  # (N, H, M)
    inside = softmax_gradient(np.einsum("nh,nhm->nm", h, W_own) + p["b_w"][classes], places, scale)
    dW_w, db_w = np.zeros(p["W_w"].shape, h.dtype), np.zeros(p["b_w"].shape, h.dtype)
    for c in np.unique(classes):
        rows = classes == c
        dW_w[c], db_w[c] = h[rows].T @ inside[rows], inside[rows].sum(axis=0)
    dh = of_class @ p["W_c"].T + np.einsum("nm,nhm->nh", inside, W_own)
    return dh, {"W_c": h.T @ of_class, "b_c": of_class.sum(axis=0), "W_w": dW_w, "b_w": db_w}


def batches(ids: np.ndarray, N: int, T: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The text as N parallel streams, T words at a time, again and again: inputs and targets (N, T)."""
    length = (len(ids) - 1) // N
    inputs, targets = (ids[s : s + N * length].reshape(N, length) for s in (0, 1))
    while True:
        for start in range(0, length - T + 1, T):
            yield inputs[:, start : start + T], targets[:, start : start + T]


def adagrad_step(p: Parameters, squares: Parameters, gradients: Parameters, lr: float) -> None:
    """Adagrad (Duchi et al., 2011), in place. Rows whose gradient is zero are not touched."""
    rows: np.ndarray | slice
    for name, gradient in gradients.items():
        if gradient.ndim > 1:
            rows = np.flatnonzero(gradient.reshape(len(gradient), -1).any(axis=1))
            gradient = gradient[rows]
        else:
            rows = slice(None)
        squares[name][rows] += gradient**2
        p[name][rows] -= lr * gradient / (np.sqrt(squares[name][rows]) + 1e-6)


def held_out_perplexity(p: Parameters, ids: np.ndarray, forward: Forward, loss: Loss) -> float:
    """exp of the mean loss over 3,600 words; `loss(h (N, H), p, targets (N,))` is a mean in nats."""
    N, T, H = 10, 60, len(p["W_hh"])
    state, losses = np.zeros((N, H), dtype=np.float32), []
    for (inputs, targets), _ in zip(batches(ids, N, T), range(6), strict=False):
        h = forward(p["E"][inputs], state, p["W_xh"], p["W_hh"], p["b_h"])
        losses.append(loss(h.reshape(-1, H), p, targets.reshape(-1)))
        state = h[:, -1]
    return float(np.exp(np.mean(losses)))


def train_words(
    p: Parameters,
    ids: np.ndarray,
    output: OutputLayer,
    network: tuple[Forward, Backward],
    check: Callable[[Parameters], float],
    seed: int,
    steps: int,
) -> Curve:
    """Train `p` in place, 160 words a step; `network`: its forward and backward; `check(p)`: a perplexity."""
    (forward, backward), N, T, H = network, 16, 10, len(p["W_hh"])
    rng, squares = np.random.default_rng(seed), {name: np.zeros_like(value) for name, value in p.items()}
    state, seconds, points = np.zeros((N, H), dtype=np.float32), 0.0, [(0, 0.0, check(p))]
    for done, (inputs, targets) in zip(range(1, steps + 1), batches(ids, N, T), strict=False):
        began = time.process_time()
        x = p["E"][inputs]
        h = forward(x, state, p["W_xh"], p["W_hh"], p["b_h"])
        dh, g = output(h.reshape(-1, H), p, targets.reshape(-1), rng)
        dx, _, g["W_xh"], g["W_hh"], g["b_h"] = backward(
            dh.reshape(h.shape), x, state, h, p["W_xh"], p["W_hh"]
        )
        g["E"] = np.zeros_like(p["E"])
        np.add.at(g["E"], inputs, dx)
        adagrad_step(p, squares, g, lr=0.05)
        state = h[:, -1]
        seconds += time.process_time() - began
        if done % (steps // 5) == 0:
            points.append((done, seconds, check(p)))
    return Curve(*np.array(points).T)


def seconds_per_call(function: Callable[..., object], *arguments: object, times: int = 3) -> float:
    """Least processor time of a call, over a few calls."""
    found = []
    for _ in range(times):
        began = time.process_time()
        function(*arguments)
        found.append(time.process_time() - began)
    return min(found)
