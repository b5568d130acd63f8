"""Lesson 18, train_bpe: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_count, np_merge, np_pair, np_train


@exercise(
    points=2,
    difficulty=2,
    minutes=12,
    returns=("pairs",),
    hints=(
        "One round: find the most frequent pair, merge it everywhere, remember it. The next round looks at "
        "the merged text.",
        "The new symbol of round m is V + m. Before a round ask whether the text still has two symbols.",
        "pairs = []; for new in range(V, V + merges): if len(ids) < 2: break; pair = "
        "most_frequent_pair(ids); ids = merge_pair(ids, *pair, new); pairs.append(pair). Then "
        "np.array(pairs).",
    ),
    source="Sennrich, Haddow and Birch (2016), section 3.2; Gage (1994)",
)
def train_bpe(ids, merges, V): ...


@train_bpe.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    words = [np.array(word) for word in ([4, 1, 2, 5], [4, 1, 3, 5], [0, 2, 2, 5], [3, 1, 2, 0, 5])]
    yield np.concatenate([words[k] for k in rng.integers(4, size=43)]), 7, 6
    yield rng.integers(3, size=61), 11, 5  # V may be larger than the symbols that occur
    yield np.zeros(int(rng.choice([11, 19, 27, 35, 43])), dtype=int), 3, 1
    V = int(rng.integers(2, 997))
    yield np.full(4, V - 1), 5, V  # after two merges one symbol is left
    yield np.array([2, 0]), 1, 3
    yield np.array([3, 1, 0, 2, 3, 1, 0, 2, 1, 3, 1]), 3, 4


@train_bpe.mistake(
    "Every round finds the same pair: the merged text is not kept. Write ids = merge_pair(ids, ...)."
)
def merged_text_not_kept(ids, merges, V):
    return np.array([np_pair(ids)] * merges)


@train_bpe.mistake(
    "You took the most frequent pairs of the first text. Merge after each one, and count anew: later pairs "
    "contain new symbols."
)
def pairs_of_first_text(ids, merges, V):
    counts = np_count(ids)
    return np.array(sorted(counts, key=lambda pair: (-counts[pair], pair))[:merges])


@train_bpe.mistake(
    "New symbols are numbered from V + 1. The first one is V: 0 to V - 1 are taken.", credit=0.5
)
def numbered_from_one_more(ids, merges, V):
    return np_train(ids, merges, V, number=lambda V, m: V + 1 + m)


@train_bpe.mistake(
    "All merges write the same new symbol. Each has its own: merge m writes V + m, so that it can be told "
    "apart."
)
def one_new_symbol_for_all(ids, merges, V):
    return np_train(ids, merges, V, number=lambda V, m: V)


@train_bpe.mistake(
    "New symbols are numbered from the greatest one in the text. They start at V, which is given: the next "
    "text may hold symbols that this one lacks.",
    credit=0.5,
)
def numbered_from_the_text(ids, merges, V):
    return np_train(ids, merges, int(ids.max()) + 1)


@train_bpe.mistake("New symbols are numbered from 0, which are taken: the first new one is V.")
def numbered_from_zero(ids, merges, V):
    return np_train(ids, merges, V, number=lambda V, m: m)


@train_bpe.mistake("One merge too few: `merges` of them are asked for.", credit=0.5)
def one_merge_too_few(ids, merges, V):
    return np_train(ids, merges, V)[:-1] if merges > 1 else np.array([[V, V]])


@train_bpe.mistake("That is the text after all merges. What is asked for are the pairs, one row per merge.")
def text_instead_of_pairs(ids, merges, V):
    for m, pair in enumerate(np_train(ids, merges, V)):
        ids = np_merge(ids, *pair, V + m)
    return ids


@train_bpe.mistake(
    "A round that starts with a single symbol left finds no pair. End the loop there: then there are fewer "
    "rows.",
    credit=0.5,
)
def does_not_stop_at_one_symbol(ids, merges, V):
    pairs = np_train(ids, merges, V)
    if len(pairs) < merges:
        raise IndexError("list index out of range")
    return pairs


@train_bpe.mistake(
    "You stopped at the first pair that occurs only once. The rounds go on until `merges` pairs are learned, "
    "or one symbol is left.",
    credit=0.5,
)
def stops_at_single_pairs(ids, merges, V):
    pairs = []
    for m in range(merges):
        if len(ids) < 2 or max(np_count(ids).values()) < 2:
            break
        pairs.append(np_pair(ids))
        ids = np_merge(ids, *pairs[-1], V + m)
    return np.array(pairs).reshape(-1, 2)


@train_bpe.mistake("The pairs are swapped: row m is first, second.")
def pairs_swapped(ids, merges, V):
    return np_train(ids, merges, V)[:, ::-1]


@train_bpe.mistake("The result is transposed: one row for each merge, shape (merges, 2).", credit=0.5)
def pairs_transposed(ids, merges, V):
    return np_train(ids, merges, V).T


@train_bpe.mistake(
    "Your rows hold three numbers, the new symbol too. Two are enough: row m belongs to the symbol V + m.",
    credit=0.5,
)
def new_symbol_in_the_rows(ids, merges, V):
    pairs = np_train(ids, merges, V)
    return np.column_stack([pairs, V + np.arange(len(pairs))])
