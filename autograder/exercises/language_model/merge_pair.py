"""Lesson 18, merge_pair: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_merge


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("merged",),
    hints=(
        "Walk from left to right with a place t of your own. Either two symbols become one, or one is kept.",
        "A for loop cannot skip; `while t < len(ids)` can: t += 2 after a merge, t += 1 otherwise. Ask "
        "whether there is a next symbol before looking at it.",
        "while t < len(ids): if t + 1 < len(ids) and ids[t] == first and ids[t + 1] == second: append new, "
        "t += 2; else: append ids[t], t += 1. In the end np.array(merged).",
    ),
    source="Sennrich, Haddow and Birch (2016), section 3.2",
)
def merge_pair(ids, first, second, new): ...


@merge_pair.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    text = np.concatenate([[1, 2, 0], rng.integers(3, size=31), [1, 2, 2, 1, 1, 2, 0]])
    yield text, 1, 2, 3
    yield np.concatenate([[1, 2, 0], rng.integers(3, size=23), [0, 1, 2]]), 1, 2, 17  # a pair ends the text
    yield np.concatenate([rng.integers(2, size=29), [0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0]]), 1, 1, 5
    yield np.array([4, 4, 4, 4]), 4, 4, 7
    yield np.array([4, 4, 4, 4, 4]), 4, 4, 7
    yield np.array([2, 1, 2, 0]), 1, 0, 9  # no such pair
    a, b = rng.choice(np.arange(1, 10), size=2, replace=False).tolist()
    yield (
        np.array([10 + a, b, a, b, a, 10 * b + 1]),
        a,
        b,
        101,
    )  # numbers that end or begin with one of the pair
    yield np.array([6]), 6, 6, 7
    yield np.array([0, 0, 3]), 0, 0, 4


@merge_pair.mistake(
    "In a run you merged pairs that overlap: a symbol that has been merged is used up. With 1 1 for the "
    "pair, 1 1 1 is new 1."
)
def merges_overlap(ids, first, second, new):
    merged, t = [], 0
    while t < len(ids):
        if t + 1 < len(ids) and ids[t] == first and ids[t + 1] == second:
            merged.append(new)
            again = t + 2 < len(ids) and ids[t + 1] == first and ids[t + 2] == second
            t += 1 if again else 2
        else:
            merged.append(ids[t])
            t += 1
    return np.array(merged)


@merge_pair.mistake(
    "You went from right to left. In a run of odd length the symbol left over then stands at its beginning; "
    "from left to right it stands at the end.",
    credit=0.5,
)
def merges_from_the_right(ids, first, second, new):
    return np_merge(ids[::-1], second, first, new)[::-1]


@merge_pair.mistake(
    "The last symbol is lost where the text does not end with the pair: your loop stops before it."
)
def last_symbol_lost(ids, first, second, new):
    merged = np_merge(ids, first, second, new)
    return merged if merged[-1] == new else np.array(merged[:-1].tolist())


@merge_pair.mistake(
    "The second symbol of each pair is still there: after a merge go on by two places, not by one."
)
def second_symbol_stays(ids, first, second, new):
    hit = np.append((ids[:-1] == first) & (ids[1:] == second), False)
    return np.where(hit, new, ids)


@merge_pair.mistake("Only the first such pair is merged. Go on to the end of the text.")
def only_first_pair_merged(ids, first, second, new):
    for t in range(len(ids) - 1):
        if ids[t] == first and ids[t + 1] == second:
            return np.concatenate([ids[:t], [new], ids[t + 2 :]])
    return ids


@merge_pair.mistake(
    "You removed the pairs and wrote nothing in their place: each becomes the one symbol `new`."
)
def pairs_removed(ids, first, second, new):
    merged = np_merge(ids, first, second, new)
    return merged[merged != new]


@merge_pair.mistake(
    "You merged second followed by first as well. Only `first` followed by `second` is the pair."
)
def both_orders_merged(ids, first, second, new):
    merged, t = [], 0
    while t < len(ids):
        pair = t + 1 < len(ids) and (ids[t], ids[t + 1]) in ((first, second), (second, first))
        merged.append(new if pair else ids[t])
        t += 1 + bool(pair)
    return np.array(merged)


@merge_pair.mistake("The pair is looked for the other way round: `first` comes first.")
def pair_the_other_way_round(ids, first, second, new):
    return np_merge(ids, second, first, new) if first != second else ids


@merge_pair.mistake(
    "You looked at places 0, 2, 4 only. A pair may begin at any place: after a symbol that is kept go on by "
    "one."
)
def every_second_place(ids, first, second, new):
    merged = []
    for t in range(0, len(ids), 2):
        two = ids[t : t + 2].tolist()
        merged += [new] if two == [first, second] else two
    return np.array(merged)


@merge_pair.mistake(
    "In a run you left pairs out: after a symbol that is kept, or a merge, the next symbol may begin a pair."
)
def runs_merged_once(ids, first, second, new):
    merged, t = [], 0
    while t < len(ids):
        pair = t + 1 < len(ids) and ids[t] == first and ids[t + 1] == second
        if pair and first == second and t and ids[t - 1] == first:
            pair = False
        merged.append(new if pair else ids[t])
        t += 1 + bool(pair)
    return np.array(merged)


@merge_pair.mistake(
    "You replaced in a text of digits, where 11 2 holds the text of 1 2. Compare symbols, not their digits.",
    credit=0.25,
)
def replaces_digits(ids, first, second, new):
    text = " ".join(map(str, ids)).replace(f"{first} {second}", str(new))
    return np.array([int(word) for word in text.split()])


@merge_pair.mistake(
    "You dropped the second symbol of every pair, also where pairs overlap: in 1 1 1 both pairs are merged, "
    "and all of it becomes one symbol. What has been merged is used up."
)
def drops_every_second(ids, first, second, new):
    hit = np.flatnonzero((ids[:-1] == first) & (ids[1:] == second))
    merged = ids.copy()
    merged[hit] = new
    return np.delete(merged, hit + 1)
