"""Lesson 12, count_paths: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=12,
    returns=("paths",),
    hints=(
        "A path from h_t back to h_{t-lag} is a row of jumps of 1 and of k steps that add up to lag. What "
        "can its last jump be?",
        "paths(lag) = paths(lag - 1) + paths(lag - k), with paths(0) = 1 and nothing below 0. Fill a list "
        "from 0 up.",
        "paths = [1]; for n in range(1, lag + 1): paths.append(paths[n - 1] + (paths[n - k] if n >= k else "
        "0)); return paths[lag]",
    ),
    source="Veit, Wilber and Belongie (2016), Residual Networks Behave Like Ensembles of Shallow Networks",
)
def count_paths(lag, k): ...


@count_paths.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield 7, 3
    yield 13, 5
    for k in (2, 3, 7):
        yield int(rng.integers(2 * k, 10 * k)), k
    yield int(rng.integers(5, 31)), 1
    k = int(rng.integers(5, 97))
    yield int(rng.integers(1, k)), k
    yield k, k
    yield 0, k
    yield (
        int(rng.integers(41, 199)),
        1,
    )  # 2**lag: more than 32 bits hold, and far too many to be walked one by one
    yield int(rng.integers(83, 90)), 2  # more than the 53 bits of a float hold
    yield int(rng.integers(97, 113)), 2  # more than 64 bits hold


def _paths(lag, k, first=None):
    paths = [1] if first is None else list(first)
    for n in range(len(paths), lag + 1):
        paths.append(paths[n - 1] + (paths[n - k] if n >= k else 0))
    return paths[lag]


@count_paths.mistake(
    "You counted combinations (how many jumps of k), not orders: 1 then k and k then 1 are two different "
    "paths.",
    credit=0.25,
)
def counts_without_order(lag, k):
    # With k = 1 the two kinds of jump still differ: one goes through W_hh, one along the skip.
    return lag // k + 1


@count_paths.mistake("That is the length of the shortest path; asked is how many paths there are.")
def shortest_path(lag, k):
    return lag // k + lag % k


@count_paths.mistake("You counted only the skips: a path may also go one step back, through W_hh.")
def only_skips(lag, k):
    return int(lag % k == 0)


@count_paths.mistake(
    "For a lag of 0 there is one path, the empty one; you start from 0 there, and that shifts all that "
    "follows.",
    credit=0.25,
)
def starts_one_late(lag, k):
    return _paths(lag - 1, k) if lag else 0


@count_paths.mistake(
    "In your recurrence the skip starts one step late: a lag of exactly k already has the direct skip.",
    credit=0.25,
)
def skip_starts_late(lag, k):
    paths = [1]
    for n in range(1, lag + 1):
        paths.append(paths[n - 1] + (paths[n - k] if n > k else 0))
    return paths[lag]


@count_paths.mistake(
    "You allowed a free choice in each of the lag steps, 2 to the power of lag; a skip uses up k steps at "
    "once."
)
def two_to_the_lag(lag, k):
    return 2**lag


@count_paths.mistake(
    "For k = 1 the two kinds of jump are different ways, through W_hh and along the skip: you counted them "
    "as one.",
    credit=0.5,
)
def merges_jumps_of_one(lag, k):
    return 1 if k == 1 else _paths(lag, k)


@count_paths.mistake(
    "A lag of 0 has one path: the one that stays where it is. All others are counted from that.", credit=0.75
)
def no_path_of_no_steps(lag, k):
    return _paths(lag, k) if lag else 0


@count_paths.mistake(
    "Your counts are stored in 32 bits, and large ones overflow. Python's own integers never do: use a list.",
    credit=0.75,
)
def overflows_32_bits(lag, k):
    wrapped = _paths(lag, k) % 2**32
    return wrapped - 2**32 if wrapped >= 2**31 else wrapped


@count_paths.mistake(
    "Your counts are floats, which hold whole numbers exactly only up to 2**53. Python's own whole "
    "numbers have no end: keep them in a list.",
    credit=0.5,
)
def counts_in_floats(lag, k):
    return int(_paths(lag, k, first=[1.0]))


@count_paths.mistake(
    "Your counts overflow: NumPy's whole numbers end at 2**63 - 1 and go on below zero. Python's own have "
    "no end: keep them in a list.",
    credit=0.5,
)
def counts_in_64_bits(lag, k):
    return (_paths(lag, k) + 2**63) % 2**64 - 2**63
