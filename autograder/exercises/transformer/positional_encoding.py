"""Lesson 16, positional_encoding: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.transformer.parts import np_positions


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("P",),
    hints=(
        "Column 2i holds sines and column 2i+1 cosines of the same angle, t / 10000^(2i/d). Rows are "
        "positions t = 0, 1, ...",
        "angles = t[:, None] / 10000 ** (np.arange(0, d, 2) / d) has one column per pair: (T, ceil(d/2)). "
        "P[:, 0::2] takes the sines, P[:, 1::2] the cosines.",
        "P = np.zeros((T, d)); angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d); P[:, "
        "0::2] = np.sin(angles); P[:, 1::2] = np.cos(angles[:, : d // 2]); return P",
    ),
    source="Vaswani et al. (2017), Attention Is All You Need, section 3.5",
)
def positional_encoding(T, d): ...


@positional_encoding.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from ((3, 8), (11, 6), (7, 2), (5, 7), (1, 4), (2, 1))
    for odd in (0, 1, 0):
        T, pairs = rng.integers((12, 5), (41, 17))
        yield int(T), int(2 * pairs + odd)


@positional_encoding.mistake(
    "All sines come first, then all cosines. In the paper they alternate: column 2i is a sine, column 2i+1 "
    "a cosine."
)
def sines_then_cosines(T, d):
    P = np_positions(T, d)
    return np.concatenate([P[:, 0::2], P[:, 1::2]], axis=1)


@positional_encoding.mistake(
    "Sine and cosine are swapped: the even columns are sines, so row 0 begins with 0, 1."
)
def sine_and_cosine_swapped(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    P = np.zeros((T, d))
    P[:, 0::2] = np.cos(angles)
    P[:, 1::2] = np.sin(angles[:, : d // 2])
    return P


@positional_encoding.mistake(
    "The exponent is i/d where it must be 2i/d, i counting the pairs: the angles turn too fast from pair to "
    "pair."
)
def exponent_i(T, d):
    return np_positions(T, d, step=1)


@positional_encoding.mistake(
    "Each column has its own rate: you used the column's number as the exponent. A sine and its cosine "
    "share the even number 2i."
)
def rate_by_column(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(d) / d)
    return np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles))


@positional_encoding.mistake(
    "The exponent is 2c/d with c the column's own number. A sine and its cosine share one rate: the "
    "exponent is c/d in an even column and (c - 1)/d in an odd one."
)
def rate_by_column_twice(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (2 * np.arange(d) / d)
    return np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles))


@positional_encoding.mistake(
    "The exponent is 4i/d where it must be 2i/d: np.arange(0, d, 2) already counts 0, 2, 4, that is 2i.",
    credit=0.25,
)
def exponent_twice(T, d):
    return np_positions(T, d, step=4)


@positional_encoding.mistake(
    "You multiplied t by 10000^(2i/d). Divide by it: the angles turn ever slower from pair to pair."
)
def multiplied_by_rate(T, d):
    return np_positions(T, d, step=-2)


@positional_encoding.mistake("The odd columns hold sines too. Column 2i+1 is the cosine of the same angle.")
def sines_only(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    return np.sin(np.repeat(angles, 2, axis=1)[:, :d])


@positional_encoding.mistake("Positions start at 0, not at 1: row 0 is sin 0, cos 0, that is 0, 1, 0, 1.")
def positions_from_one(T, d):
    return np_positions(T, d, start=1)


@positional_encoding.mistake("The result is transposed: one row per position, shape (T, d).")
def positions_transposed(T, d):
    return np_positions(T, d).T


@positional_encoding.mistake(
    "Right for even d, but an odd d raises an error: there is one cosine fewer than there are sines. Cut "
    "the angles to d // 2 columns for the cosines.",
    credit=0.5,
)
def even_widths_only(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    P = np.zeros((T, d))
    P[:, 0::2] = np.sin(angles)
    P[:, 1::2] = np.cos(angles)
    return P


@positional_encoding.mistake(
    "Right for even d, but with an odd d the last column stays 0. There is one sine more than there are "
    "cosines: (d + 1) // 2 of them.",
    credit=0.5,
)
def last_odd_column_left(T, d):
    P = np_positions(T, d)
    P[:, d - d % 2 :] = 0
    return P


@positional_encoding.mistake(
    "Your wavelengths grow from 2 pi towards 1000 times that. The base is 10000.", credit=0.5
)
def base_of_one_thousand(T, d):
    angles = np.arange(T)[:, None] / 1000.0 ** (2 * (np.arange(d) // 2) / d)
    return np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles))
