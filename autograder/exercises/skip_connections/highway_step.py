"""Lesson 12, highway_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise

HIGHWAY = "Srivastava, Greff and Schmidhuber (2015), Highway Networks"


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=(
        "Three parts: a candidate as in any layer, a gate between 0 and 1, and a mixture of candidate and "
        "input.",
        "t = sigmoid(x W_t + b_t) is the transform gate; what it does not transform is carried: 1 - t.",
        "The body: t = np.exp(-np.logaddexp(0, -(x @ W_t + b_t))); return t * np.tanh(x @ W_h + b_h) + "
        "(1 - t) * x",
    ),
    source=HIGHWAY,
)
def highway_step(x, W_h, b_h, W_t, b_t): ...


@highway_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def layer(N, H):
        W_h, W_t = rng.normal(size=(2, H, H))
        b_h, b_t = rng.normal(size=(2, H))
        return 2 * rng.normal(size=(N, H)), W_h, b_h, W_t, b_t

    yield layer(3, 5)
    yield layer(2, 7)
    yield layer(1, 2)
    x, W_h, b_h, W_t, _ = layer(5, 3)
    yield x, W_h, b_h, 0.1 * W_t, np.array([-30.0, 0.0, 30.0])
    x, W_h, b_h, W_t, _ = layer(2, 3)
    yield x, W_h, b_h, W_t, np.array([-1000.0, 0.0, 1000.0])  # the exponential of 1000 is no number any more


def _sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


@highway_step.mistake("Transform and carry are swapped: t weighs the candidate, 1 - t weighs x.")
def carry_swapped(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return (1 - t) * np.tanh(x @ W_h + b_h) + t * x


@highway_step.mistake(
    "You added all of x, as a residual layer does; a highway layer carries 1 - t of it.", credit=0.25
)
def whole_input_added(x, W_h, b_h, W_t, b_t):
    return _sigmoid(x @ W_t + b_t) * np.tanh(x @ W_h + b_h) + x


@highway_step.mistake("Nothing is carried: beside t * candidate stands (1 - t) * x.", credit=0.25)
def nothing_carried(x, W_h, b_h, W_t, b_t):
    return _sigmoid(x @ W_t + b_t) * np.tanh(x @ W_h + b_h)


@highway_step.mistake(
    "The gate went through tanh, so it can be negative; a gate is a sigmoid, between 0 and 1.", credit=0.25
)
def tanh_gate(x, W_h, b_h, W_t, b_t):
    t = np.tanh(x @ W_t + b_t)
    return t * np.tanh(x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake(
    "The candidate is squashed by a sigmoid; it is a tanh, only the gate is a sigmoid.", credit=0.25
)
def sigmoid_candidate(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return t * _sigmoid(x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake(
    "The gate is computed from the candidate; it reads the layer's input, sigmoid(x W_t + b_t).", credit=0.25
)
def gate_reads_the_candidate(x, W_h, b_h, W_t, b_t):
    candidate = np.tanh(x @ W_h + b_h)
    t = _sigmoid(candidate @ W_t + b_t)
    return t * candidate + (1 - t) * x


@highway_step.mistake(
    "The biases are missing: b_h belongs to the candidate and b_t to the gate.", credit=0.25
)
def no_biases(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t)
    return t * np.tanh(x @ W_h) + (1 - t) * x


@highway_step.mistake(
    "The two layers are swapped: W_h and b_h make the candidate, W_t and b_t the gate.", credit=0.25
)
def layers_swapped(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_h + b_h)
    return t * np.tanh(x @ W_t + b_t) + (1 - t) * x


@highway_step.mistake("The candidate has no tanh: it is tanh(x W_h + b_h), as in any layer.", credit=0.25)
def candidate_not_squashed(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return t * (x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake("The gate has no bias: it is sigmoid(x W_t + b_t).", credit=0.25)
def gate_without_bias(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t)
    return t * np.tanh(x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake("The candidate has no bias: it is tanh(x W_h + b_h).", credit=0.25)
def candidate_without_bias(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return t * np.tanh(x @ W_h) + (1 - t) * x


@highway_step.mistake(
    "You have one gate for each row, the mean over its units. Every unit decides for itself: t has the "
    "shape of x.",
    credit=0.25,
)
def one_gate_per_row(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t).mean(axis=1, keepdims=True)
    return t * np.tanh(x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake(
    "Your sigmoid is exp(z) / (1 + exp(z)): for a large z exp overflows, and inf / inf is nan. Write "
    "1 / (1 + exp(-z)), or 0.5 * (1 + tanh(z / 2)).",
    credit=0.5,
)
def gate_overflows(x, W_h, b_h, W_t, b_t):
    e = np.exp(x @ W_t + b_t)
    return e / (1 + e) * np.tanh(x @ W_h + b_h) + (1 - e / (1 + e)) * x
