"""Lesson 01, length_mask: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("mask",),
    hints=(
        "Number the steps 0, 1, .. T-1. Which of them belong to a sequence of length 3?",
        "Step t of sequence n is real where t < lengths[n]. Compare a row of steps with a column of lengths.",
        "The whole body: return np.arange(T) < lengths[:, None]",
    ),
    source="NOTATION.md: True means real; Cho et al. (2014) train on padded batches with such a mask",
)
def length_mask(lengths, T): ...


@length_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.integers(1, 8, size=3), 7
    yield rng.integers(1, 6, size=7), 11
    yield np.array([5, *rng.integers(1, 5, size=3)]), 5
    yield np.array([0, *rng.integers(1, 5, size=3)]), 5
    yield np.array([1]), 1


@length_mask.mistake(
    "Your mask is one step too long: steps count from 0, so a sequence of length 3 owns the steps 0, 1, 2. "
    "Use < and not <=.",
    credit=0.25,
)
def one_step_too_long(lengths, T):
    return np.arange(T) <= lengths[:, None]


@length_mask.mistake(
    "Your mask is one step too short: a sequence of length 3 owns the steps 0, 1 and 2. Compare with "
    "lengths, not with lengths - 1.",
    credit=0.25,
)
def one_step_too_short(lengths, T):
    return np.arange(T) < lengths[:, None] - 1


@length_mask.mistake("Your mask is inverted. True means real data here, False means padding.", credit=0.25)
def inverted(lengths, T):
    return np.arange(T) >= lengths[:, None]


@length_mask.mistake("Your mask has time first. One row per sequence: (N, T).", credit=0.5)
def mask_transposed(lengths, T):
    return np.arange(T)[:, None] < lengths


@length_mask.mistake(
    "Your mask holds numbers instead of True and False. A comparison gives booleans, and only booleans can "
    "be used to select with x[mask].",
    credit=0.5,
)
def mask_of_numbers(lengths, T):
    return (np.arange(T) < lengths[:, None]).astype(float)


@length_mask.mistake(
    "You mark only the last real step of each sequence. Mark all steps before it as well: t < lengths[n]."
)
def last_step_marked(lengths, T):
    return np.arange(T) == lengths[:, None] - 1


@length_mask.mistake(
    "Your mask is as wide as the longest sequence. T is given, and may be larger: np.arange(T).", credit=0.5
)
def width_from_lengths(lengths, T):
    return np.arange(lengths.max()) < lengths[:, None]


@length_mask.mistake("You marked the end of each row. The data are in front, and the padding behind.")
def marked_at_the_end(lengths, T):
    return np.arange(T) >= T - lengths[:, None]


@length_mask.mistake("Step 0 is missed: the real steps are 0 to length - 1, counted from 0.", credit=0.25)
def first_step_missed(lengths, T):
    steps = np.arange(T)
    return (steps > 0) & (steps < lengths[:, None])
