"""Lesson 03, exponential_state: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("h",),
    hints=(
        "One number is carried from step to step. In each step, a share alpha of it is replaced by the new "
        "value.",
        "Start with h = h0. In round t: h = (1 - alpha) * h + alpha * x[t], and keep it as entry t.",
        "out = np.empty(len(x)); h = h0; for t in range(len(x)): h = (1 - alpha) * h + alpha * x[t]; out[t] "
        "= h; return out",
    ),
    source="Brown (1956), Exponential Smoothing for Predicting Demand",
)
def exponential_state(x, alpha, h0): ...


@exponential_state.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=7), 0.3, 1.7)
    yield (50 + 20 * rng.normal(size=11), 0.85, -3.0)
    yield (rng.normal(size=5), 1.0, 2.0)
    yield (rng.normal(size=1), 0.4, -1.3)
    yield (rng.normal(size=101), 0.01, 10.0)
    yield (rng.integers(-9, 9, size=13), 0.3, 2.5)  # whole numbers, whose averages are none
    yield (rng.normal(size=499), 0.9, 1.0)  # 0.1 ** 499 is 0


def _smoothed(x, keep, take, h):
    out = np.empty(len(x))
    for t in range(len(x)):
        h = keep * h + take * x[t]
        out[t] = h
    return out


@exponential_state.mistake(
    "You swapped the shares: alpha belongs to the new value x_t, and 1 - alpha to the old state.", credit=0.5
)
def shares_swapped(x, alpha, h0):
    return _smoothed(x, alpha, 1 - alpha, h0)


@exponential_state.mistake(
    "You started from the first value and ignored h0. The first step already mixes: h_1 = (1 - alpha) h_0 + "
    "alpha x_1."
)
def starts_from_first_value(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, x[0])


@exponential_state.mistake("You started from zero and ignored h0, the state before the first value.")
def starts_from_zero(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, 0.0)


@exponential_state.mistake(
    "Your states come one step too late: the first entry is h0. Entry t is the state *after* reading x[t].",
    credit=0.5,
)
def one_step_late(x, alpha, h0):
    return np.concatenate([[h0], _smoothed(x, 1 - alpha, alpha, h0)[:-1]])


@exponential_state.mistake(
    "Nothing is ever forgotten: the old state must shrink by the factor 1 - alpha before alpha x_t is added."
)
def never_forgets(x, alpha, h0):
    return _smoothed(x, 1.0, alpha, h0)


@exponential_state.mistake(
    "The new value enters in full: weigh it with alpha, so that the two shares add up to one."
)
def new_value_in_full(x, alpha, h0):
    return _smoothed(x, 1 - alpha, 1.0, h0)


@exponential_state.mistake(
    "Every step starts again from h0: keep the new state for the next round, or nothing is remembered."
)
def average_never_updated(x, alpha, h0):
    return (1 - alpha) * h0 + alpha * x


@exponential_state.mistake("Only the last state comes back; here all T of them are asked for, one per value.")
def only_last_average(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, h0)[-1]


@exponential_state.mistake(
    "You set h[0] = h0 and begin the loop at 1: x[0] is never read. h0 comes *before* the first value, so "
    "entry 0 is (1 - alpha) * h0 + alpha * x[0]."
)
def first_value_unread(x, alpha, h0):
    return np.concatenate([[h0], _smoothed(x[1:], 1 - alpha, alpha, h0)])


@exponential_state.mistake(
    "You return h0 in front of the states. One entry per value of x: (T,), and the first one has read x[0].",
    credit=0.5,
)
def start_returned_too(x, alpha, h0):
    return np.concatenate([[h0], _smoothed(x, 1 - alpha, alpha, h0)])


@exponential_state.mistake(
    "Your h0 fades one step too late: entry t has passed t + 1 steps, so h0 enters it with the weight (1 - "
    "alpha) ** (t + 1).",
    credit=0.5,
)
def start_fades_late(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, 0.0) + (1 - alpha) ** np.arange(len(x)) * h0


@exponential_state.mistake(
    "You keep the states in an array of x's type: where x holds whole numbers, all behind the point is "
    "cut off. Make a float array, np.zeros(len(x)).",
    credit=0.5,
)
def cut_to_integers(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, h0).astype(x.dtype)


@exponential_state.mistake(
    "You keep the states in an array of x's type and read them back from there: where x holds whole numbers, "
    "each step cuts off what stands behind the point. Make a float array, np.zeros(len(x)).",
    credit=0.5,
)
def cut_to_integers_each_step(x, alpha, h0):
    h, out = h0, np.zeros_like(x)
    for t in range(len(x)):
        out[t] = (1 - alpha) * h + alpha * x[t]
        h = out[t]
    return out
