"""Lesson 18, bpe_encode: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_encode, np_merge, np_train


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("encoded",),
    hints=(
        "Nothing is counted any more. The pairs are known, and each of them is merged once.",
        "Their order matters: a later pair may need the symbol that an earlier one writes. "
        "Merge m writes V + m.",
        "for m, (first, second) in enumerate(pairs): ids = merge_pair(ids, first, second, V + m); return ids",
    ),
    source="Sennrich, Haddow and Birch (2016), section 3.2",
)
def bpe_encode(ids, pairs, V): ...


def _other_symbols(rng: np.random.Generator, ids: list, pairs: list, V: int) -> tuple:
    """The same text and pairs, written with other symbols of a larger vocabulary."""
    larger = V + int(rng.integers(50))
    symbols = np.append(rng.choice(larger, size=V, replace=False), larger + np.arange(len(pairs)))
    return symbols[ids], symbols[pairs], larger


@bpe_encode.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    words = [np.array(word) for word in ([4, 1, 2, 5], [4, 1, 3, 5], [0, 2, 2, 5], [3, 1, 2, 0, 5])]
    pairs = np_train(np.concatenate([words[k] for k in rng.integers(4, size=43)]), 7, 6)
    yield np.concatenate([words[k] for k in rng.integers(4, size=13)]), pairs, 6
    yield rng.integers(6, size=53), pairs, 6
    yield rng.integers(2, size=71), np.array([[0, 1], [1, 2], [2, 2], [0, 3], [4, 1]]), 2
    yield _other_symbols(rng, [0, 1, 2, 0, 1, 2, 1, 2], [[1, 2], [0, 1], [0, 3]], 3)  # the order decides
    yield _other_symbols(rng, [1, 2, 0, 3, 2, 0, 1, 3, 0, 1, 2], [[1, 2], [2, 0], [0, 1]], 4)
    yield _other_symbols(rng, [1, 1, 1, 1, 1, 1, 1], [[1, 1], [2, 2], [3, 2]], 2)
    yield np.array([3]), pairs, 6
    yield _other_symbols(rng, [0, 3, 0], [[1, 2]], 4)  # nothing to merge


@bpe_encode.mistake(
    "The merges are applied in reverse. A later pair may need the symbol that an earlier one writes: begin "
    "with row 0."
)
def merges_in_reverse(ids, pairs, V):
    for m in reversed(range(len(pairs))):
        ids = np_merge(ids, *pairs[m], V + m)
    return ids


@bpe_encode.mistake(
    "You cut off the longest token that fits, from the left. That may cut differently: apply the merges in "
    "the order in which they were learned."
)
def longest_token_first(ids, pairs, V):
    spelled = [[k] for k in range(V)]
    for first, second in pairs:
        spelled.append(spelled[first] + spelled[second])
    left, out = list(ids), []
    while left:
        fits = [k for k, spelling in enumerate(spelled) if left[: len(spelling)] == spelling]
        out.append(max(fits, key=lambda k: len(spelled[k])))
        left = left[len(spelled[out[-1]]) :]
    return np.array(out)


@bpe_encode.mistake(
    "You learned pairs from this text. The given ones are to be applied: another text is cut by the same "
    "merges."
)
def pairs_learned_anew(ids, pairs, V):
    return np_encode(ids, np_train(ids, len(pairs), V), V)


@bpe_encode.mistake("New symbols are numbered from 0. Merge m writes V + m.")
def encoded_from_zero(ids, pairs, V):
    for m, pair in enumerate(pairs):
        ids = np_merge(ids, *pair, m)
    return ids


@bpe_encode.mistake("New symbols are numbered from V + 1. Merge m writes V + m, m from 0.", credit=0.5)
def encoded_from_one_more(ids, pairs, V):
    for m, pair in enumerate(pairs):
        ids = np_merge(ids, *pair, V + 1 + m)
    return ids


@bpe_encode.mistake(
    "One walk over the text looks up each pair of neighbours once. Pairs that contain new symbols are never "
    "found that way: go through the text once for every merge."
)
def one_walk_for_all_pairs(ids, pairs, V):
    table = {tuple(pair): V + m for m, pair in enumerate(pairs.tolist())}
    out, t = [], 0
    while t < len(ids):
        new = table.get(tuple(ids[t : t + 2].tolist()))
        out.append(ids[t] if new is None else new)
        t += 1 if new is None else 2
    return np.array(out)


@bpe_encode.mistake("The last merge is left out: all rows of pairs are to be applied.", credit=0.5)
def last_merge_left_out(ids, pairs, V):
    return np_encode(ids, pairs[:-1], V)


@bpe_encode.mistake("All merges write the symbol V. Merge m has its own: V + m.")
def all_merges_write_one_symbol(ids, pairs, V):
    for pair in pairs:
        ids = np_merge(ids, *pair, V)
    return ids


@bpe_encode.mistake(
    "Each merge starts from the text that was given: ids is never replaced by what the merge before made of "
    "it."
)
def only_last_merge(ids, pairs, V):
    return np_merge(ids, *pairs[-1], V + len(pairs) - 1)


@bpe_encode.mistake("Nothing has been merged: keep what merge_pair returns, ids = merge_pair(ids, ...).")
def result_of_merge_dropped(ids, pairs, V):
    return ids
