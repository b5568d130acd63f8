"""Lesson 04, readout: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("logits",),
    hints=(
        "The same matrix reads every state; no loop over time is needed.",
        "h (N, T, H) @ W_hy (H, V) has shape (N, T, V): @ works on the last two axes and repeats over the "
        "others.",
        "The whole body: return h @ W_hy + b_y",
    ),
    source="Jordan (1986), Serial Order; Elman (1990), Finding Structure in Time",
)
def readout(h, W_hy, b_y): ...


@readout.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H, V in ((2, 5, 7, 3), (3, 2, 5, 11), (1, 1, 3, 2), (5, 3, 1, 2), (2, 5, 3, 3)):
        yield (rng.uniform(-1, 1, size=(N, T, H)), rng.normal(size=(H, V)), rng.normal(size=V))


@readout.mistake("The bias b_y is missing.", credit=0.5)
def readout_without_bias(h, W_hy, b_y):
    return h @ W_hy


@readout.mistake(
    "These are probabilities. Return the scores (logits) themselves: the loss takes the softmax, and twice "
    "would be once too often."
)
def readout_with_softmax(h, W_hy, b_y):
    return np_softmax(h @ W_hy + b_y)


@readout.mistake("You squashed the scores with tanh. Logits may be any number: leave the sum as it is.")
def readout_with_tanh(h, W_hy, b_y):
    return np.tanh(h @ W_hy + b_y)


@readout.mistake("Only the last step is read out. Here each of the T states gives scores: (N, T, V).")
def readout_of_last(h, W_hy, b_y):
    return h[:, -1] @ W_hy + b_y


@readout.mistake("W_hy is (H, V), the right way round for rows on the left: h @ W_hy, no transpose.")
def readout_transposed(h, W_hy, b_y):
    return h @ W_hy.T + b_y
