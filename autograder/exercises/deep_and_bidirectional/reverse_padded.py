"""Lesson 05, reverse_padded: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.deep_and_bidirectional.parts import np_real, np_reversed


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("reversed",),
    hints=(
        "Each row has its own length: turn round its first lengths[n] steps and leave the rest where it is.",
        "Copy x, then for every row n with length L: out[n, :L] = x[n, :L][::-1]. Without a loop: step t of "
        "row n comes from step lengths[n] - 1 - t where t < lengths[n], and from step t elsewhere.",
        "out = x.copy(); for n, L in enumerate(lengths): out[n, :L] = x[n, :L][::-1]; return out",
    ),
    source="Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks",
)
def reverse_padded(x, lengths): ...


@reverse_padded.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(3, 7, 2)), np.array([5, 2, 3]))
    yield (rng.normal(size=(5, 7, 3)), np.array([7, 1, 4, 3, 7]))
    yield (rng.normal(size=(2, 5, 7)), np.array([5, 5]))
    yield (rng.normal(size=(1, 3, 2)), np.array([2]))
    yield (rng.normal(size=(2, 1, 3)), np.array([1, 1]))
    padded = rng.normal(size=(3, 11, 5))
    padded[np.arange(11) >= np.array([[3], [8], [11]])] = 0
    yield (padded, np.array([3, 8, 11]))


@reverse_padded.mistake(
    "You turned round the whole time axis, so the padding stands in front. Turn round the first lengths[n] "
    "steps only."
)
def padding_to_the_front(x, lengths):
    return x[:, ::-1]


@reverse_padded.mistake(
    "You used one length, the greatest, for all rows. Each row n turns round within its own lengths[n]."
)
def one_length_for_all(x, lengths):
    return np_reversed(x, np.full(len(x), lengths.max()))


@reverse_padded.mistake("You reversed the batch: time is axis 1.")
def reverses_batch(x, lengths):
    return x[::-1]


@reverse_padded.mistake("You reversed the features: time is axis 1, the features (axis 2) keep their order.")
def reverses_features(x, lengths):
    return x[:, :, ::-1]


@reverse_padded.mistake(
    "You overwrote the padding with zeros. What stands at and after lengths[n] is copied as it is.",
    credit=0.5,
)
def zeroes_padding(x, lengths):
    return np_real(np_reversed(x, lengths), lengths)


@reverse_padded.mistake(
    "Off by one: the first step of row n comes from step lengths[n] - 1, its last real one; you start one "
    "step too early."
)
def starts_one_early(x, lengths):
    shorter = np.maximum(lengths - 1, 1)
    return np_reversed(x, shorter)


@reverse_padded.mistake("Nothing is reversed: x comes back as it was.")
def nothing_reversed(x, lengths):
    return x.copy()


@reverse_padded.mistake(
    "The real steps are right, but the padding behind them is turned round as well. It stays as it is.",
    credit=0.5,
)
def padding_reversed_too(x, lengths):
    rows = [
        np.concatenate([row[:length][::-1], row[length:][::-1]])
        for row, length in zip(x, lengths, strict=True)
    ]
    return np.stack(rows)
