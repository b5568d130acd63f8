"""Lesson 02, count_bigrams: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.markov_models.parts import np_bigrams


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("counts",),
    hints=(
        "A pair is a symbol and the one right after it. How many pairs does a sequence of T symbols have?",
        "The pairs are ids[:-1] (from) and ids[1:] (to). The same pair may occur many times: what does "
        "counts[ids[:-1], ids[1:]] += 1 do with the second one?",
        "counts = np.zeros((V, V)); np.add.at(counts, (ids[:-1], ids[1:]), 1)",
    ),
    source="Markov (1913), An Example of Statistical Investigation of the Text Eugene Onegin",
)
def count_bigrams(ids, V): ...


@count_bigrams.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield np.concatenate([rng.integers(4, size=22), [1, 1, 1, 2, 1, 1, 1, 0]]), 5
    yield np.concatenate([rng.integers(3, size=39), [0, 0, 1]]), 7
    yield np.array([0, 1, 0, 1, 0, 1, 1]), 3
    yield np.array([2, 2, 2, 2, 1]), 3
    yield np.array([1]), 2
    often = np.ones(2999, dtype=int)  # more of one pair than a byte can count
    often[rng.integers(1, 2999, size=7)] = 0
    yield often, 2


@count_bigrams.mistake(
    "Each pair is counted once at most: you write 1 over what stood there, as `counts[a, b] += 1` does, "
    "too, where a and b are arrays. np.add.at(counts, (a, b), 1) adds 1 every time."
)
def duplicates_lost(ids, V):
    counts = np.zeros((V, V))
    counts[ids[:-1], ids[1:]] += 1
    return counts


@count_bigrams.mistake(
    "Your counts are transposed. The row is the symbol that comes first (from), the column the one that "
    "follows (to): counts[from, to].",
    credit=0.25,
)
def to_and_from_swapped(ids, V):
    counts = np.zeros((V, V))
    np.add.at(counts, (ids[1:], ids[:-1]), 1)
    return counts


@count_bigrams.mistake(
    "You count pairs side by side, (0, 1), (2, 3), and so on. Pairs overlap: every symbol but the last is "
    "the beginning of a pair."
)
def pairs_side_by_side(ids, V):
    counts = np.zeros((V, V))
    for t in range(0, len(ids) - 1, 2):
        counts[ids[t], ids[t + 1]] += 1
    return counts


@count_bigrams.mistake(
    "You count a pair from the last symbol back to the first. The sequence does not close into a ring: T "
    "symbols have T - 1 pairs.",
    credit=0.5,
)
def closed_into_a_ring(ids, V):
    counts = np.zeros((V, V))
    np.add.at(counts, (ids, np.roll(ids, -1)), 1)
    return counts


@count_bigrams.mistake(
    "The last pair is missing: T symbols have T - 1 pairs, and your loop stops one short.", credit=0.5
)
def last_pair_missing(ids, V):
    counts = np.zeros((V, V))
    for t in range(len(ids) - 2):
        counts[ids[t], ids[t + 1]] += 1
    return counts


@count_bigrams.mistake(
    "Your table is only as large as the symbols that occur. V is given, because a symbol that is missing in "
    "this text may come in the next: shape (V, V).",
    credit=0.5,
)
def size_from_the_data(ids, V):
    return np_bigrams(ids, int(ids.max()) + 1)


@count_bigrams.mistake("You count each pair in both directions. Order matters: counts[from, to] only.")
def both_directions(ids, V):
    counts = np_bigrams(ids, V)
    return counts + counts.T


@count_bigrams.mistake(
    "You divided by the total. Counts are asked for; transition_matrix turns them into probabilities.",
    credit=0.5,
)
def shares_not_counts(ids, V):
    counts = np_bigrams(ids, V)
    return counts / max(counts.sum(), 1)


@count_bigrams.mistake(
    "You counted single symbols. A bigram is a pair, the symbol before and the symbol after: the table is "
    "(V, V)."
)
def single_symbols(ids, V):
    return np.bincount(ids, minlength=V)
