"""Lesson 16, embed_sequence: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.transformer.parts import np_positions


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("x",),
    hints=(
        "A row of E for every id, made longer by a factor, plus a row of the positional encoding for every "
        "step.",
        "E[ids] is (N, T, d). The paper multiplies it by the square root of d. positional_encoding(T, d) is "
        "(T, d), and broadcasts over the batch.",
        "One line: return E[ids] * np.sqrt(E.shape[1]) + positional_encoding(ids.shape[1], E.shape[1])",
    ),
    source="Vaswani et al. (2017), sections 3.4 and 3.5",
)
def embed_sequence(ids, E): ...


@embed_sequence.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, V, d in ((2, 5, 11, 6), (5, 3, 7, 4), (3, 7, 5, 3), (1, 1, 3, 2)):
        yield rng.integers(0, V, size=(N, T)), rng.normal(size=(V, d))


@embed_sequence.mistake(
    "You appended the positions beside the embedding. They are added to it, so that the width stays d."
)
def positions_appended(ids, E):
    P = np.broadcast_to(np_positions(ids.shape[1], E.shape[1]), (*ids.shape, E.shape[1]))
    return np.concatenate([E[ids] * np.sqrt(E.shape[1]), P], axis=-1)


@embed_sequence.mistake("The embedding is not multiplied by the square root of d.", credit=0.5)
def embedding_not_scaled(ids, E):
    return E[ids] + np_positions(ids.shape[1], E.shape[1])


@embed_sequence.mistake(
    "You scaled the positions as well. Only the embedding is multiplied by the square root of d."
)
def positions_scaled_too(ids, E):
    return (E[ids] + np_positions(ids.shape[1], E.shape[1])) * np.sqrt(E.shape[1])


@embed_sequence.mistake("The embedding is multiplied by d. Its square root is the factor.")
def embedding_times_width(ids, E):
    return E[ids] * E.shape[1] + np_positions(ids.shape[1], E.shape[1])


@embed_sequence.mistake(
    "Each token got the position that has its id as number. Row t of the encoding belongs to step t, "
    "whatever token stands there."
)
def positions_by_id(ids, E):
    return E[ids] * np.sqrt(E.shape[1]) + np_positions(len(E), E.shape[1])[ids]


@embed_sequence.mistake("You divided by the square root of d. The embedding is multiplied by it.")
def embedding_divided(ids, E):
    return E[ids] / np.sqrt(E.shape[1]) + np_positions(ids.shape[1], E.shape[1])


@embed_sequence.mistake("The positions are missing: without them the order of the tokens is lost.")
def positions_missing(ids, E):
    return E[ids] * np.sqrt(E.shape[1])


@embed_sequence.mistake("The positions are multiplied with the embedding. They are added.")
def positions_multiplied(ids, E):
    return E[ids] * np.sqrt(E.shape[1]) * np_positions(ids.shape[1], E.shape[1])


@embed_sequence.mistake(
    "The embedding is multiplied by the square root of V, the number of rows. It is the width d whose "
    "square root counts.",
    credit=0.5,
)
def embedding_times_vocabulary(ids, E):
    return E[ids] * np.sqrt(len(E)) + np_positions(ids.shape[1], E.shape[1])
