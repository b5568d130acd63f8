"""Lesson 06: what the cases of several exercises draw."""

import numpy as np

from autograder.exercises.numpy_rnn.draws import rnn_weights


def case(rng: np.random.Generator, N: int, T: int, D: int, H: int, gain: float = 1.0) -> tuple:
    """dh, x, h0, h, W_xh, W_hh with the states `h` of a forward run."""
    x, h0 = rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H))
    W_xh, W_hh, b_h = rnn_weights(rng, D, H, gain)
    states, h_t = [], h0
    for t in range(T):
        h_t = np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)
        states.append(h_t)
    return rng.normal(size=(N, T, H)), x, h0, np.stack(states, axis=1), W_xh, W_hh
