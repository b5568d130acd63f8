"""Lesson 11's training runs: a character model on little text, and a memory task, with noise in the layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Parameters = dict[str, np.ndarray]
#: dh (N, T, H) -> dx, dh0, dW_xh, dW_hh, db_h
Backward = Callable[[np.ndarray], tuple[np.ndarray, ...]]
#: No generator, no noise.
Noise = np.random.Generator | None
#: (x (N, T, D), h0 (N, H), parameters, generator) -> h (N, T, H), backward
Layer = Callable[[np.ndarray, np.ndarray, Parameters, Noise], tuple[np.ndarray, Backward]]


@dataclass(frozen=True)
class Run:
    """Bits per character after every epoch, each (epochs,) and without noise, and the final parameters."""

    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray
    parameters: Parameters


def new_parameters(V: int, D: int, H: int, rng: np.random.Generator) -> Parameters:
    """Embedding, recurrent layer and readout of a character model, in float32."""
    shapes = {"E": (V, D), "W_xh": (D, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, V), "b_y": (V,)}
    made = {}
    for name, shape in shapes.items():
        scale = 0.0 if len(shape) == 1 else 1.0 if name == "E" else 1 / np.sqrt(shape[0])
        made[name] = (scale * rng.normal(size=shape)).astype(np.float32)
    return made


def adam(parameters: Parameters, lr: float) -> Callable[[Parameters], None]:
    """A function that moves the parameters in place (Kingma and Ba, 2015), after clipping to norm 1."""
    first = {name: np.zeros_like(value) for name, value in parameters.items()}
    second = {name: np.zeros_like(value) for name, value in parameters.items()}
    count = 0

    def step(gradients: Parameters) -> None:
        nonlocal count
        count += 1
        norm = np.sqrt(sum(float(np.vdot(g, g)) for g in gradients.values()))
        for name, gradient in gradients.items():
            gradient = gradient * np.float32(min(1.0, 1 / norm))
            first[name] += 0.1 * (gradient - first[name])
            second[name] += 0.001 * (gradient**2 - second[name])
            size = np.sqrt(second[name] / (1 - 0.999**count)) + 1e-8
            parameters[name] -= np.float32(lr / (1 - 0.9**count)) * first[name] / size

    return step


def chunks(ids: np.ndarray, N: int, T: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The text cut into N parallel streams, T characters at a time: inputs (N, T), targets (N, T)."""
    length = (len(ids) - 1) // N
    inputs = ids[: N * length].reshape(N, length)
    targets = ids[1 : N * length + 1].reshape(N, length)
    for start in range(0, length - T + 1, T):
        yield inputs[:, start : start + T], targets[:, start : start + T]


def cross_entropy(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean loss in nats and its gradient with respect to the logits (..., V)."""
    logits = logits - logits.max(axis=-1, keepdims=True)
    exps = np.exp(logits)
    total = exps.sum(axis=-1, keepdims=True)
    picked = np.take_along_axis(logits, targets[..., None], axis=-1)
    loss = float(np.mean(np.log(total) - picked))
    dlogits = exps / total
    np.put_along_axis(dlogits, targets[..., None], np.exp(picked) / total - 1, axis=-1)
    return loss, dlogits / targets.size


def bits(
    layer: Layer,
    p: Parameters,
    ids: np.ndarray,
    noise: Noise = None,
    N: int = 20,
    T: int = 100,
) -> float:
    """Bits per character of a text; with a generator, in spite of the layer's noise."""
    state, losses = np.zeros((N, len(p["W_hh"])), dtype=np.float32), []
    for inputs, targets in chunks(ids, N, T):
        h, _ = layer(p["E"][inputs], state, p, noise)
        losses.append(cross_entropy(h @ p["W_hy"] + p["b_y"], targets)[0])
        state = h[:, -1]
    return float(np.mean(losses) / np.log(2))


def gradients(
    layer: Layer, p: Parameters, inputs: np.ndarray, targets: np.ndarray, state: np.ndarray, noise: Noise
) -> tuple[Parameters, np.ndarray]:
    """Gradients of the mean loss on inputs (N, T) with targets (N, T), and the last state (N, H)."""
    V, H = p["W_hy"].T.shape
    h, backward = layer(p["E"][inputs], state, p, noise)
    _, dlogits = cross_entropy(h @ p["W_hy"] + p["b_y"], targets)
    g = {"W_hy": h.reshape(-1, H).T @ dlogits.reshape(-1, V), "b_y": dlogits.sum(axis=(0, 1))}
    dx, _, g["W_xh"], g["W_hh"], g["b_h"] = backward(dlogits @ p["W_hy"].T)
    g["E"] = np.zeros_like(p["E"])
    np.add.at(g["E"], inputs, dx)
    return g, h[:, -1]


def train_characters(
    layer: Layer,
    texts: tuple[np.ndarray, np.ndarray, np.ndarray],
    V: int,
    seed: int,
    epochs: int,
    H: int = 96,
) -> Run:
    """Train a character model on the first of three texts (training, validation, test), with Adam."""
    N, T, train = 16, 32, texts[0]
    rng, noise = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    p = new_parameters(V, 32, H, rng)
    step, scores = adam(p, lr=4e-3), []
    for _ in range(epochs):
        state = np.zeros((N, H), dtype=np.float32)
        for inputs, targets in chunks(train[rng.integers(T) :], N, T):  # other borders in every epoch
            g, state = gradients(layer, p, inputs, targets, state, noise)
            step(g)
        scores.append([bits(layer, p, text) for text in texts])
    read, valid, test = np.array(scores).T
    return Run(read, valid, test, p)


def train_recall(layer: Layer, T: int, seed: int, steps: int = 400) -> float:
    """Learn to name the first of T symbols after the last one; accuracy on 640 new sequences, noise off."""
    N, S, H = 32, 4, 64
    rng, noise = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    p = new_parameters(S, S, H, rng)
    p["E"], p["W_xh"] = np.eye(S, dtype=np.float32), 0.6 * p["W_xh"]
    p["W_hh"] = np.linalg.qr(p["W_hh"])[0]  # orthogonal: without noise nothing is lost at the start
    learned = {name: value for name, value in p.items() if name != "E"}
    step, state = adam(learned, lr=2e-3), np.zeros((N, H), dtype=np.float32)
    for _ in range(steps):
        ids = rng.integers(0, S, size=(N, T))
        h, backward = layer(p["E"][ids], state, p, noise)
        _, dlogits = cross_entropy(h[:, -1] @ p["W_hy"] + p["b_y"], ids[:, 0])
        dh = np.zeros_like(h)
        dh[:, -1] = dlogits @ p["W_hy"].T
        g = dict(zip(("W_xh", "W_hh", "b_h"), backward(dh)[2:], strict=True))
        step({**g, "W_hy": h[:, -1].T @ dlogits, "b_y": dlogits.sum(axis=0)})
    ids = rng.integers(0, S, size=(640, T))
    h, _ = layer(p["E"][ids], np.zeros((640, H), dtype=np.float32), p, None)
    return float(np.mean((h[:, -1] @ p["W_hy"] + p["b_y"]).argmax(axis=1) == ids[:, 0]))
