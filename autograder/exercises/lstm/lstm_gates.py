"""Lesson 09, lstm_gates: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import gate_order
from autograder.exercises.lstm.draws import gated_weights
from autograder.exercises.lstm.parts import np_gates, np_parts, np_sigmoid


@exercise(
    points=2,
    difficulty=1,
    minutes=15,
    returns=("i", "f", "g", "o"),
    hints=(
        "All four come from one sum of shape (N, 4H), the sum that the plain RNN squashes as a whole.",
        "a = x @ W_xh + h_prev @ W_hh + b_h; the first H columns belong to i, the next to f, then g, then "
        "o. np.split(a, 4, axis=-1) cuts them. Three are gates (sigmoid); g is content (tanh).",
        "i, f, g, o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=-1); return sigmoid(i), sigmoid(f), "
        "np.tanh(g), sigmoid(o)",
    ),
    source="Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000)",
)
def lstm_gates(x, h_prev, W_xh, W_hh, b_h): ...


@lstm_gates.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2)):
        yield (rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H)), *gated_weights(rng, D, H, 4))
    yield (900 * rng.normal(size=(3, 2)), rng.uniform(-1, 1, size=(3, 5)), *gated_weights(rng, 2, 5, 4))


gate_order(lstm_gates, np_gates, "ifgo", "ifog", "figo")


@lstm_gates.mistake(
    "You squashed all four with the sigmoid. g is content, not a gate: it may be negative, so it takes tanh."
)
def sigmoid_on_candidate(x, h_prev, W_xh, W_hh, b_h):
    return tuple(map(np_sigmoid, np_parts(x, h_prev, W_xh, W_hh, b_h)))


@lstm_gates.mistake("You squashed all four with tanh. i, f and o are shares between 0 and 1: sigmoid.")
def tanh_on_all(x, h_prev, W_xh, W_hh, b_h):
    return tuple(map(np.tanh, np_parts(x, h_prev, W_xh, W_hh, b_h)))


@lstm_gates.mistake("The gates do not see the state: h_prev @ W_hh is missing from the sum.")
def gates_without_state(x, h_prev, W_xh, W_hh, b_h):
    return np_gates(x, np.zeros_like(h_prev), W_xh, W_hh, b_h)


@lstm_gates.mistake("The bias is missing from the sum.", credit=0.5)
def gates_without_bias(x, h_prev, W_xh, W_hh, b_h):
    return np_gates(x, h_prev, W_xh, W_hh, np.zeros_like(b_h))


@lstm_gates.mistake("These are the four sums; squash them: sigmoid for i, f and o, tanh for g.")
def not_squashed(x, h_prev, W_xh, W_hh, b_h):
    return tuple(np_parts(x, h_prev, W_xh, W_hh, b_h))


@lstm_gates.mistake(
    "You took every fourth column. The gates stand in blocks: columns 0 to H-1 are i, H to 2H-1 are f, and "
    "so on."
)
def gates_interleaved(x, h_prev, W_xh, W_hh, b_h):
    z = x @ W_xh + h_prev @ W_hh + b_h
    return np_sigmoid(z[:, 0::4]), np_sigmoid(z[:, 1::4]), np.tanh(z[:, 2::4]), np_sigmoid(z[:, 3::4])
