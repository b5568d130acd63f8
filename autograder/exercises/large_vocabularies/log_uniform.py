"""Lesson 13, log_uniform: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=6,
    returns=("q",),
    hints=(
        "The probability of class k is the length of a piece of the logarithm's axis, from k + 1 to k + 2.",
        "q_k = (log(k + 2) - log(k + 1)) / log(V + 1): the pieces for k = 0 .. V - 1 fill the axis from log "
        "1 to log(V + 1).",
        "The body: return np.diff(np.log(np.arange(1, V + 2))) / np.log(V + 1)",
    ),
    source="Jozefowicz et al. (2016), Exploring the Limits of Language Modeling",
)
def log_uniform(V): ...


@log_uniform.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (7,)
    yield (101,)
    yield (2,)
    yield (1,)
    for least, most in ((11, 97), (103, 509), (503, 997)):
        yield (int(rng.integers(least, most)),)


@log_uniform.mistake(
    "You returned Zipf's 1 / (k + 1), normalised: close, but asked is the log-uniform one.", credit=0.25
)
def zipf(V):
    weights = 1 / np.arange(1, V + 1)
    return weights / weights.sum()


@log_uniform.mistake(
    "You divided by log(V): the pieces add up to log(V + 1), so that is the divisor.", credit=0.5
)
def divides_by_log_v(V):
    with np.errstate(all="ignore"):
        return np.diff(np.log(np.arange(1, V + 2))) / np.log(V)


@log_uniform.mistake("The weights are right but do not sum to 1: divide by log(V + 1).", credit=0.5)
def not_normalised(V):
    return np.diff(np.log(np.arange(1, V + 2)))


@log_uniform.mistake(
    "Your ranks start at 0, so the first class gets log(1 / 0), an infinity; class 0 has the piece from 1 "
    "to 2.",
    credit=0.25,
)
def ranks_from_zero(V):
    with np.errstate(all="ignore"):
        return np.diff(np.log(np.arange(0, V + 1))) / np.log(V + 1)


@log_uniform.mistake(
    "Class 0 is the most frequent one and must get the most; your order is reversed.", credit=0.5
)
def rarest_first(V):
    return np.diff(np.log(np.arange(1, V + 2)))[::-1] / np.log(V + 1)


@log_uniform.mistake("You gave every class 1 / V: log-uniform means uniform in the logarithm of the rank.")
def plainly_uniform(V):
    return np.full(V, 1 / V)


@log_uniform.mistake(
    "Your ranks start one too late: class 0 has the piece from log 1 to log 2, and you gave it the one from "
    "log 2 to log 3. Count k from 0.",
    credit=0.5,
)
def ranks_from_two(V):
    return np.diff(np.log(np.arange(2, V + 3))) / np.log(V + 1)
