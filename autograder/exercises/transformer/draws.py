"""Lesson 16: what the cases of several exercises draw."""

import numpy as np

NAMES = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")


def attention_weights(rng: np.random.Generator, E: int) -> dict[str, np.ndarray]:
    matrices = {name: rng.normal(size=(E, E)) / np.sqrt(E) for name in NAMES[:4]}
    return matrices | {name: rng.normal(size=E) for name in NAMES[4:]}


def norm_weights(rng: np.random.Generator, E: int, number: int) -> dict[str, np.ndarray]:
    return {f"ln{number}_gain": rng.uniform(0.5, 2, size=E), f"ln{number}_bias": rng.normal(size=E)}


def inner_weights(rng: np.random.Generator, E: int, F: int) -> dict[str, np.ndarray]:
    return {
        "W_1": rng.normal(size=(E, F)) / np.sqrt(E),
        "b_1": rng.normal(size=F),
        "W_2": rng.normal(size=(F, E)) / np.sqrt(F),
        "b_2": rng.normal(size=E),
    }
