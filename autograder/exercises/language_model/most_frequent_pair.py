"""Lesson 18, most_frequent_pair: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_count, np_pair


@exercise(
    points=2,
    difficulty=1,
    minutes=12,
    returns=("first", "second"),
    hints=(
        "The pairs are ids[:-1] and ids[1:], side by side. Count each kind of pair.",
        "np.unique(pairs, axis=0, return_counts=True) on pairs (T-1, 2) gives the kinds in rising order and "
        "how often each occurs. Which one does argmax take of equally frequent ones?",
        "pairs, counts = np.unique(np.stack([ids[:-1], ids[1:]], axis=1), axis=0, return_counts=True); "
        "first, second = pairs[counts.argmax()]; return first, second",
    ),
    source="Sennrich, Haddow and Birch (2016), section 3.2",
)
def most_frequent_pair(ids): ...


@most_frequent_pair.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.integers(3, size=101),)
    yield (rng.integers(5, size=199),)
    yield (rng.permutation(11)[rng.integers(7, size=37)],)
    twice = [1, 3, 7, 4, 2, 7, 0, 5, 8, 2, 1]  # four pairs: (1, 3) is seen first, (4, 2) is the largest
    symbols = np.sort(rng.choice(97, size=9, replace=False))  # in their order, which decides ties
    yield (symbols[[*twice, 6, *twice]],)
    yield (symbols[[5, 1, 2, 0, 5, 1, 2, 0, 3, 2, 5, 1, 2, 3, 0]],)  # two, the smaller of which ends higher
    yield (symbols[[2, 2, 2, 2, 1, 0, 1, 0]],)  # a run: three places
    yield (symbols[[0, 2, 0, 1]],)  # every pair once: the first symbol alone does not decide
    yield (np.array([300, 7, 300, 7, 300]),)
    yield (symbols[[5, 2]],)
    yield (np.array([4, 4, 4]),)


@most_frequent_pair.mistake(
    "You took the pairs side by side, at places 0, 2, 4. Every place counts: each symbol but the last begins "
    "a pair."
)
def pairs_without_overlap(ids):
    counts = {}
    for t in range(0, len(ids) - 1, 2):
        pair = ids[t], ids[t + 1]
        counts[pair] = counts.get(pair, 0) + 1
    return min(counts, key=lambda pair: (-counts[pair], pair))


@most_frequent_pair.mistake(
    "Of equally frequent pairs you took the one seen first in the text (as Counter.most_common does). It is "
    "the smaller one: sort ties by first, then by second.",
    credit=0.5,
)
def tie_to_first_seen(ids):
    return np_count(ids).most_common(1)[0][0]


@most_frequent_pair.mistake(
    "Of equally frequent pairs you took the larger one. It is the smaller one: max over (count, pair) "
    "prefers large symbols.",
    credit=0.5,
)
def tie_to_larger(ids):
    return np_pair(ids, lambda pair: (-pair[0], -pair[1]))


@most_frequent_pair.mistake(
    "You compared equally frequent pairs by their second symbol. Compare the first symbol, then the second.",
    credit=0.5,
)
def tie_by_second(ids):
    return np_pair(ids, lambda pair: pair[::-1])


@most_frequent_pair.mistake(
    "You counted (a, b) and (b, a) together. Order matters in a pair: first, then second."
)
def order_in_the_pair_ignored(ids):
    counts = {}
    for pair, times in np_count(ids).items():
        key = tuple(sorted(pair))
        counts[key] = counts.get(key, 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@most_frequent_pair.mistake(
    "You took the two most frequent symbols, each by itself. A pair are two neighbours: count ids[:-1] with "
    "ids[1:]."
)
def two_most_frequent_symbols(ids):
    symbols, counts = np.unique(ids, return_counts=True)
    best = symbols[np.argsort(-counts, kind="stable")]
    return best[0], best[min(1, len(best) - 1)]


@most_frequent_pair.mistake(
    "You took the most frequent symbol and then what follows it most often. The most frequent pair need not "
    "begin with the most frequent symbol: count pairs."
)
def symbol_then_successor(ids):
    symbols, counts = np.unique(ids[:-1], return_counts=True)
    first = symbols[counts.argmax()]
    after, counts = np.unique(ids[1:][ids[:-1] == first], return_counts=True)
    return first, after[counts.argmax()]


@most_frequent_pair.mistake(
    "In a run such as 1 1 1 you counted the pair (1, 1) once. Every place counts, also where places overlap: "
    "there it occurs twice.",
    credit=0.5,
)
def runs_counted_without_overlap(ids):
    counts, t = {}, 0
    while t < len(ids) - 1:
        pair = ids[t], ids[t + 1]
        counts[pair] = counts.get(pair, 0) + 1
        t += 1 + (t + 2 < len(ids) and ids[t] == ids[t + 1] == ids[t + 2])
    return min(counts, key=lambda pair: (-counts[pair], pair))


@most_frequent_pair.mistake("That is the rarest pair. The most frequent one is asked for.")
def rarest_pair(ids):
    counts = np_count(ids)
    return min(counts, key=lambda pair: (counts[pair], pair))


@most_frequent_pair.mistake(
    "You counted a pair from the last symbol back to the first. T symbols have T - 1 pairs.", credit=0.5
)
def pairs_in_a_ring(ids):
    return np_pair(np.append(ids, ids[0]))


@most_frequent_pair.mistake(
    "The last pair is missing: T symbols have T - 1 pairs, and you count one fewer.", credit=0.5
)
def last_pair_left_out(ids):
    return np_pair(ids[:-1]) if len(ids) > 2 else np_pair(ids[::-1])


@most_frequent_pair.mistake("The two symbols are swapped: first the one that comes first in the text.")
def symbols_swapped(ids):
    return np_pair(ids)[::-1]


@most_frequent_pair.mistake(
    "You made one number of each pair, and different pairs got the same: the first symbol has "
    "to be multiplied "
    "by the largest symbol plus 1."
)
def pairs_collide(ids):
    base = max(int(ids.max()), 1)
    codes, counts = np.unique(ids[:-1] * base + ids[1:], return_counts=True)
    return divmod(int(codes[counts.argmax()]), base)


@most_frequent_pair.mistake(
    "Of equally frequent pairs you took one with the smallest first symbol, whatever comes second. Where the "
    "first is equal too, the smaller second decides.",
    credit=0.5,
)
def tie_by_first_alone(ids):
    counts = np_count(ids)
    return min(counts, key=lambda pair: (-counts[pair], pair[0]))
