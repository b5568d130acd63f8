"""Lesson 04, count_rnn_parameters: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("count",),
    hints=(
        "Count the entries of W_xh, W_hh and b_h. How does the number of steps enter?",
        "W_xh has D*H entries and W_hh has H*H; every unit has one bias.",
        "The whole body: return D * H + H * H + H",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2",
)
def count_rnn_parameters(D, H): ...


@count_rnn_parameters.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (10, 3)
    yield (4, 8)
    yield (7, 5)
    yield (1, 1)
    for least in (20, 50, 300):
        yield (int(rng.integers(least, 2 * least)), int(rng.integers(100, 200)))


@count_rnn_parameters.mistake(
    "You counted two biases per unit, as PyTorch stores them. They always appear as a sum, so one is "
    "enough: this course, like Keras, has one.",
    credit=0.5,
)
def two_biases(D, H):
    return D * H + H * H + 2 * H


@count_rnn_parameters.mistake("The biases are missing: one for each of the H units.", credit=0.5)
def count_without_bias(D, H):
    return D * H + H * H


@count_rnn_parameters.mistake("W_hh is missing: the recurrence has H*H weights of its own.")
def count_without_recurrence(D, H):
    return D * H + H


@count_rnn_parameters.mistake("You counted one bias in all; each of the H units has its own.", credit=0.5)
def count_one_bias(D, H):
    return D * H + H * H + 1


@count_rnn_parameters.mistake(
    "You gave each unit a single recurrent weight. Every unit hears every unit: W_hh has H*H entries."
)
def count_diagonal_recurrence(D, H):
    return D * H + H + H


@count_rnn_parameters.mistake(
    "You counted an output layer back to D numbers as well. The recurrent layer alone is asked: W_xh, W_hh "
    "and b_h.",
    credit=0.25,
)
def count_with_output_layer(D, H):
    return D * H + H * H + H + H * D + D
