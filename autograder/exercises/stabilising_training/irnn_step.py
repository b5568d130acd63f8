"""Lesson 08, irnn_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("h",),
    hints=(
        "It is rnn_step of lesson 04 with another activation.",
        "ReLU: the larger of z and 0, entry by entry, of the whole sum.",
        "return np.maximum(x @ W_xh + h_prev @ W_hh + b_h, 0)",
    ),
    source="Le, Jaitly and Hinton (2015), A simple way to initialize recurrent networks of rectified linear "
    "units",
)
def irnn_step(x, h_prev, W_xh, W_hh, b_h): ...


@irnn_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in ((2, 3, 7), (5, 2, 3)):
        h_prev = np.abs(rng.normal(size=(N, H))) + 0.1
        yield (
            rng.normal(size=(N, D)),
            h_prev,
            rng.normal(size=(D, H)),
            rng.normal(size=(H, H)),
            rng.normal(size=H),
        )
    yield np.zeros((1, 2)), rng.uniform(1, 2, size=(1, 5)), rng.normal(size=(2, 5)), np.eye(5), np.zeros(5)
    yield (
        rng.normal(size=(3, 1)) * 50,
        rng.uniform(1, 100, size=(3, 2)),
        np.array([[1.5, -0.5]]),
        rng.normal(size=(2, 2)),
        rng.normal(size=2),
    )


def _relu(z):
    return np.maximum(z, 0)


@irnn_step.mistake(
    "You used tanh. The identity keeps a state only where the activation leaves it alone, and tanh squeezes "
    "it in every step: use ReLU, np.maximum(z, 0)."
)
def irnn_with_tanh(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)


@irnn_step.mistake("The activation is missing: negative sums must become 0, np.maximum(z, 0).", credit=0.25)
def irnn_without_relu(x, h_prev, W_xh, W_hh, b_h):
    return x @ W_xh + h_prev @ W_hh + b_h


@irnn_step.mistake("You added b_h outside the ReLU. It belongs inside, into the sum.", credit=0.5)
def irnn_bias_outside(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev @ W_hh) + b_h


@irnn_step.mistake(
    "You applied ReLU to each term. Add the three terms first, then cut the sum at 0.", credit=0.25
)
def irnn_relu_of_each_term(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh) + _relu(h_prev @ W_hh) + _relu(b_h)


@irnn_step.mistake(
    "You added h_prev itself, as if W_hh were fixed at the identity. It only *starts* there and is learned: "
    "h_prev @ W_hh."
)
def irnn_weights_fixed(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev + b_h)


@irnn_step.mistake("You ignore h_prev, so there is no recurrence: add h_prev @ W_hh.")
def irnn_no_recurrence(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + b_h)


@irnn_step.mistake("You used the transpose of W_hh: with row vectors it is h_prev @ W_hh.", credit=0.25)
def irnn_weights_transposed(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev @ W_hh.T + b_h)


@irnn_step.mistake(
    "You multiplied h_prev and W_hh entry by entry. Every unit hears all units: h_prev @ W_hh, a matrix "
    "product."
)
def irnn_entrywise(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev * W_hh + b_h)


@irnn_step.mistake("You forgot the bias b_h.", credit=0.5)
def irnn_without_bias(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev @ W_hh)


@irnn_step.mistake(
    "The memory is added outside the ReLU. It belongs inside, into the sum: a state is never negative.",
    credit=0.25,
)
def irnn_memory_outside(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + b_h) + h_prev @ W_hh


@irnn_step.mistake("You took the absolute value. ReLU sets negative sums to 0; it does not turn them round.")
def irnn_absolute(x, h_prev, W_xh, W_hh, b_h):
    return np.abs(x @ W_xh + h_prev @ W_hh + b_h)


@irnn_step.mistake(
    "You let a hundredth of negative sums through: that is a leaky ReLU. Here they become 0.",
    credit=0.25,
)
def irnn_leaky(x, h_prev, W_xh, W_hh, b_h):
    z = x @ W_xh + h_prev @ W_hh + b_h
    return np.where(z > 0, z, 0.01 * z)


@irnn_step.mistake(
    "You took np.minimum: what is positive becomes 0. A ReLU passes the positive: np.maximum(z, 0).",
    credit=0.5,
)
def irnn_minimum(x, h_prev, W_xh, W_hh, b_h):
    return np.minimum(x @ W_xh + h_prev @ W_hh + b_h, 0)


@irnn_step.mistake("You returned the ReLU's slope, 1 or 0. Its value is asked: np.maximum(z, 0).")
def irnn_slope(x, h_prev, W_xh, W_hh, b_h):
    return (x @ W_xh + h_prev @ W_hh + b_h > 0).astype(float)
