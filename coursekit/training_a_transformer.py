"""Lesson 17: number words as sentences to be continued, and random weights for a small Transformer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from coursekit.number_words import ROMAN, SOURCE_WORDS, SPECIAL, english, korean

#: One vocabulary for both languages; `=` stands between them.
WORDS = ("<pad>", "=", "<eos>", *SOURCE_WORDS[len(SPECIAL) :], *ROMAN)
IDS = {word: i for i, word in enumerate(WORDS)}
PAD, EQUALS, EOS = 0, 1, 2
#: The arrays of one block, by their names in lesson 16; those of a norm, and of the whole.
ATTENTION = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")
INNER = ("W_1", "b_1", "W_2", "b_2")
NORMS = ("ln1_gain", "ln1_bias", "ln2_gain", "ln2_bias")

Weights = dict[str, np.ndarray]


def one_sentence(number: int) -> list[int]:
    """21 -> the ids of `twenty one = i sip il <eos>`."""
    return [IDS[word] for word in (*english(number), "=", *korean(number), "<eos>")]


def table_of(numbers: Iterable[int]) -> np.ndarray:
    """Sentences as a table of ids (N, T), padded at the end."""
    rows = [one_sentence(int(n)) for n in numbers]
    table = np.full((len(rows), max(map(len, rows))), PAD)
    for row, ids in zip(table, rows, strict=True):
        row[: len(ids)] = ids
    return table


def split_numbers(digits: int, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """All numbers of up to so many digits in a drawn order: those to learn from, those held out."""
    numbers = np.random.default_rng(17).permutation(10**digits - 1) + 1
    return numbers[held_out:], numbers[:held_out]


def next_words(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N, T) -> ids, targets (N, T-1), and a mask of the targets that count: Korean words and the end."""
    table = table[:, (table != PAD).any(axis=0)]
    ids, targets = table[:, :-1], table[:, 1:]
    return ids, targets, (np.cumsum(ids == EQUALS, axis=1) > 0) & (targets != PAD)


def initial_weights(rng: np.random.Generator, E: int, F: int, L: int) -> Weights:
    """Random weights of L blocks of width E: `0.W_q` is block 0's, `E` the embedding; gains 1, biases 0.

    Matrices have standard deviation 1/sqrt(number of inputs); W_1, before a ReLU, sqrt(2) times as much.
    """

    def matrix(rows: int, columns: int, variance: float = 1.0) -> np.ndarray:
        return rng.normal(0.0, np.sqrt(variance / rows), size=(rows, columns))

    made = {"E": rng.normal(size=(len(WORDS), E)) / np.sqrt(E), "W_hy": matrix(E, len(WORDS))}
    made |= {"b_y": np.zeros(len(WORDS)), "last_gain": np.ones(E), "last_bias": np.zeros(E)}
    for block in range(L):
        here = {name: matrix(E, E) if name.startswith("W") else np.zeros(E) for name in ATTENTION}
        here |= {"W_1": matrix(E, F, 2.0), "b_1": np.zeros(F), "W_2": matrix(F, E), "b_2": np.zeros(E)}
        here |= {name: np.ones(E) if name.endswith("gain") else np.zeros(E) for name in NORMS}
        made |= {f"{block}.{name}": array for name, array in here.items()}
    return made


def one_block(weights: Weights, block: int) -> Weights:
    """The arrays of one block, under their names in lesson 16."""
    return {name: weights[f"{block}.{name}"] for name in (*ATTENTION, *INNER, *NORMS)}


def count_blocks(weights: Weights) -> int:
    return sum(name.endswith(".W_q") for name in weights)
