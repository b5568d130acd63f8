"""Lesson 18, rotary: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import (
    np_angles,
    np_paired,
    np_rotary,
    np_rotary_halves,
    np_turn,
)
from autograder.exercises.transformer.parts import np_positions


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("y",),
    hints=(
        "Lesson 16's angles, without their sines and cosines being added: they turn two features at a time, "
        "the columns 2i and 2i + 1.",
        "angle is (T, d/2): positions start + np.arange(T) as rows, rates as columns. With a = x[..., 0::2], "
        "b = x[..., 1::2], the turned pair is a cos - b sin and a sin + b cos.",
        "angle = (start + np.arange(T))[:, None] / 10000 ** (np.arange(0, d, 2) / d); y = np.zeros(x.shape); "
        "y[..., 0::2] = a * np.cos(angle) - b * np.sin(angle); y[..., 1::2] = a * np.sin(angle) + b * "
        "np.cos(angle); return y",
    ),
    source="Su et al. (2021), RoFormer, section 3.2.2",
)
def rotary(x, start): ...


@rotary.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(2, 3, 5, 6)), 0
    yield rng.normal(size=(2, 3, 5, 10)), 7
    yield rng.normal(size=(3, 7, 4)), 2
    yield rng.normal(size=(5, 2)), int(rng.integers(11, 101))
    yield rng.normal(size=(2, 3, 1, 6)), 13  # one step behind a cache
    yield rng.normal(size=(1, 1, 8)), 0  # at position 0 nothing is turned


@rotary.mistake(
    "You paired the first half of the features with the second half, as some libraries do. Here neighbours "
    "are a pair: the columns 2i and 2i + 1.",
    credit=0.25,
)
def halves_paired(x, start):
    return np_rotary_halves(x, start)


@rotary.mistake(
    "You turned the other way: the signs of the sines are exchanged. The new first feature is a cos - b sin, "
    "the second a sin + b cos.",
    credit=0.5,
)
def turned_backwards(x, start):
    angle = np_angles(*x.shape[-2:], start)
    return np_paired(*np_turn(x[..., 0::2], x[..., 1::2], -angle))


@rotary.mistake(
    "You do not use start: with a cache the first row is not at position 0. Its position is start.",
    credit=0.25,
)
def start_forgotten(x, start):
    return np_rotary(x)


@rotary.mistake("Positions begin at start, not at start + 1: at position 0 nothing is turned.", credit=0.5)
def positions_one_late(x, start):
    return np_rotary(x, start + 1)


@rotary.mistake(
    "All rows are turned as if they stood at start. Row t stands at start + t: np.arange(T) is missing."
)
def every_row_at_start(x, start):
    T, d = x.shape[-2:]
    return np_paired(*np_turn(x[..., 0::2], x[..., 1::2], np.repeat(np_angles(1, d, start), T, axis=0)))


@rotary.mistake("You multiplied the position by start. It is added: start + t.")
def start_multiplied(x, start):
    T, d = x.shape[-2:]
    return np_paired(*np_turn(x[..., 0::2], x[..., 1::2], start * np_angles(T, d)))


@rotary.mistake(
    "The turned features stand side by side, all first ones and then all second ones. Put them back where "
    "they came from: y[..., 0::2] and y[..., 1::2].",
    credit=0.25,
)
def left_side_by_side(x, start):
    return np.concatenate(np_turn(x[..., 0::2], x[..., 1::2], np_angles(*x.shape[-2:], start)), axis=-1)


@rotary.mistake("The exponent is i/d where it must be 2i/d: your later pairs turn too fast.", credit=0.5)
def exponent_half(x, start):
    return np_rotary(x, start, step=1)


@rotary.mistake(
    "The exponent is 4i/d where it must be 2i/d: np.arange(0, d, 2) counts 0, 2, 4 already.", credit=0.5
)
def exponent_doubled(x, start):
    return np_rotary(x, start, step=4)


@rotary.mistake("You multiplied the position by 10000^(2i/d). Divide by it: later pairs turn ever slower.")
def rates_upside_down(x, start):
    return np_rotary(x, start, step=-2)


@rotary.mistake("All pairs turn at the same rate. The pair i turns by position / 10000^(2i/d).")
def one_rate_for_all(x, start):
    return np_rotary(x, start, step=0)


@rotary.mistake(
    "That is lesson 16's encoding, added. Here nothing is added: each pair of features is turned."
)
def encoding_added(x, start):
    T, d = x.shape[-2:]
    return x + np_positions(T, d, start)


@rotary.mistake(
    "The second feature is made from the first one after it was turned. Both come from the old pair: keep "
    "a and b until both are done."
)
def second_from_turned_first(x, start):
    angle = np_angles(*x.shape[-2:], start)
    a, b = x[..., 0::2], x[..., 1::2]
    a = a * np.cos(angle) - b * np.sin(angle)
    return np_paired(a, a * np.sin(angle) + b * np.cos(angle))


@rotary.mistake(
    "Both features got the same sign before the sine. One is a cos - b sin, the other a sin + b cos."
)
def both_signs_minus(x, start):
    angle = np_angles(*x.shape[-2:], start)
    a, b = x[..., 0::2], x[..., 1::2]
    return np_paired(a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) - a * np.sin(angle))


@rotary.mistake(
    "Sine and cosine are exchanged: at position 0, where the sine is 0, x must come back as it was."
)
def cosine_for_sine(x, start):
    return np_paired(*np_turn(x[..., 0::2], x[..., 1::2], np.pi / 2 - np_angles(*x.shape[-2:], start)))


@rotary.mistake("Each feature is only multiplied by a cosine. A turn mixes the two of a pair.")
def multiplied_by_cosine(x, start):
    return x * np.repeat(np.cos(np_angles(*x.shape[-2:], start)), 2, axis=-1)
