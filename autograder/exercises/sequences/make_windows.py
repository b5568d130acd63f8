"""Lesson 01, make_windows: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.sequences.parts import np_windows


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("inputs", "targets"),
    hints=(
        "Write down the first and the last row by hand for x = [10, 11, 12, 13, 14] and tau = 2: where does "
        "each start, and which value comes right after it?",
        "Row i is x[i : i + tau] and its target is x[i + tau]. There are T - tau rows: i runs from 0 to T - "
        "tau - 1.",
        "inputs = np.stack([x[i : i + tau] for i in range(len(x) - tau)]) and targets = x[tau:]",
    ),
    source="Yule (1927), On a Method of Investigating Periodicities in Disturbed Series",
)
def make_windows(x, tau): ...


@make_windows.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for T, tau in ((11, 3), (7, 2), (5, 1), (13, 5), (4, 3)):
        yield rng.normal(size=T) * 10, tau


@make_windows.mistake(
    "Your windows start one value too late: each ends with the very value that it should predict. Row i is "
    "x[i : i + tau], and its target x[i + tau] stays outside."
)
def window_holds_its_target(x, tau):
    return np.stack([x[i + 1 : i + 1 + tau] for i in range(len(x) - tau)]), x[tau:]


@make_windows.mistake(
    "Your targets come one step too early: each is the last value of its own window, which is already "
    "known. The target of row i is x[i + tau].",
    credit=0.25,
)
def targets_shifted(x, tau):
    return np_windows(x, tau)[0], x[tau - 1 : -1]


@make_windows.mistake(
    "The last window is missing: your loop stops one short. There are T - tau windows, so range(T - tau).",
    credit=0.5,
)
def last_window_missing(x, tau):
    inputs, targets = np_windows(x, tau)
    return inputs[:-1], targets[:-1]


@make_windows.mistake(
    "You keep one window too many: the last one ends at the end of the series, where there is nothing left "
    "to predict. T - tau windows have a target.",
    credit=0.5,
)
def window_without_target(x, tau):
    return np.lib.stride_tricks.sliding_window_view(x, tau).copy(), x[tau:]


@make_windows.mistake("Each window runs backwards in time. The oldest value comes first: x[i : i + tau].")
def newest_first(x, tau):
    inputs, targets = np_windows(x, tau)
    return inputs[:, ::-1], targets


@make_windows.mistake(
    "Your windows are the columns. Make each window a row, so that inputs is (T - tau, tau)."
)
def windows_as_columns(x, tau):
    inputs, targets = np_windows(x, tau)
    return inputs.T, targets


@make_windows.mistake(
    "Your windows do not overlap: they move on by tau values at a time. Move on by one, so that every value "
    "from the tau-th on is a target once."
)
def windows_side_by_side(x, tau):
    inputs, targets = np_windows(x, tau)
    return inputs[::tau], targets[::tau]


@make_windows.mistake(
    "The targets are a column (T - tau, 1). One number per window needs one axis only: (T - tau,).",
    credit=0.5,
)
def targets_as_column(x, tau):
    inputs, targets = np_windows(x, tau)
    return inputs, targets[:, None]


@make_windows.mistake(
    "Each row has tau + 1 values: the target stands at its end, where the model would simply read it off. "
    "Cut it off, so that inputs is (T - tau, tau).",
    credit=0.25,
)
def target_left_in_the_row(x, tau):
    return np.lib.stride_tricks.sliding_window_view(x, tau + 1).copy(), x[tau:]
