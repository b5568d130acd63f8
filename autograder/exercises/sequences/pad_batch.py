"""Lesson 01, pad_batch: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("batch", "lengths"),
    hints=(
        "An array is a box: how long must the box be so that every sequence fits in?",
        "lengths first, then batch = np.zeros((N, lengths.max(), D)); each sequence fills the front of its "
        "row.",
        "for n, s in enumerate(sequences): batch[n, : len(s)] = s",
    ),
    source="Graves (2012), Supervised Sequence Labelling with Recurrent Neural Networks; the operation is "
    "torch.nn.utils.rnn.pad_sequence",
)
def pad_batch(sequences): ...


@pad_batch.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, D in (((3, 7, 2), 5), ((2, 5), 3), ((4, 1, 6, 11, 2), 2), ((3,), 2), ((1, 2), 1)):
        yield ([rng.normal(size=(T, D)) for T in lengths],)
    quiet = [rng.normal(size=(T, 2)) for T in (3, 5, 2)]
    quiet[0][-1] = quiet[1][2] = 0  # real steps may be all zeros, at the end and in the middle
    yield (quiet,)


def _np_pad(sequences):
    lengths = np.array([len(s) for s in sequences])
    batch = np.zeros((len(sequences), lengths.max(), sequences[0].shape[1]))
    for row, s in zip(batch, sequences, strict=True):
        row[: len(s)] = s
    return batch, lengths


@pad_batch.mistake(
    "You put the padding in front. A sequence starts at step 0 of its row, and the zeros follow it: "
    "batch[n, : len(s)] = s."
)
def padded_in_front(sequences):
    batch, lengths = _np_pad(sequences)
    for row, s in zip(batch, sequences, strict=True):
        row[:] = 0
        row[len(row) - len(s) :] = s
    return batch, lengths


@pad_batch.mistake(
    "You cut every sequence to the shortest one, and lose data. Make the box as long as the longest, "
    "lengths.max()."
)
def cut_to_the_shortest(sequences):
    lengths = np.array([len(s) for s in sequences])
    return np.stack([s[: lengths.min()] for s in sequences]), lengths


@pad_batch.mistake("Time comes first in your batch. The batch axis comes first here: (N, T, D).", credit=0.5)
def time_first(sequences):
    batch, lengths = _np_pad(sequences)
    return batch.swapaxes(0, 1), lengths


@pad_batch.mistake(
    "Your lengths are all T, the padded length. Return how long each sequence really is, or nobody can tell "
    "padding from data.",
    credit=0.5,
)
def padded_lengths(sequences):
    batch, lengths = _np_pad(sequences)
    return batch, np.full(len(lengths), lengths.max())


@pad_batch.mistake(
    "You sorted the sequences by length. Keep their order: row n is sequence n, otherwise targets no longer "
    "match."
)
def sorted_by_length(sequences):
    return _np_pad(sorted(sequences, key=len, reverse=True))


@pad_batch.mistake(
    "You repeated the last step of each sequence to fill its row. The filling is zeros here.", credit=0.25
)
def last_step_repeated(sequences):
    batch, lengths = _np_pad(sequences)
    for row, s in zip(batch, sequences, strict=True):
        row[len(s) :] = s[-1]
    return batch, lengths


@pad_batch.mistake("You return the batch alone. Return batch, lengths: two results.", credit=0.5)
def lengths_not_returned(sequences):
    return _np_pad(sequences)[0]


@pad_batch.mistake(
    "You filled up with nan. One nan spoils every sum that it enters, masked or not (0 * nan is nan): fill "
    "with zeros.",
    credit=0.5,
)
def filled_with_nan(sequences):
    batch, lengths = _np_pad(sequences)
    for row, s in zip(batch, sequences, strict=True):
        row[len(s) :] = np.nan
    return batch, lengths


@pad_batch.mistake(
    "You counted the steps that are not zero; a real step may be all zeros. Take len(s) of each sequence.",
    credit=0.5,
)
def zero_steps_not_counted(sequences):
    batch, _ = _np_pad(sequences)
    return batch, (batch != 0).any(axis=2).sum(axis=1)


@pad_batch.mistake(
    "You made the box as long as the first sequence. Another one may be longer: T is lengths.max()."
)
def as_long_as_the_first(sequences):
    lengths = np.array([len(s) for s in sequences])
    batch = np.zeros((len(sequences), lengths[0], sequences[0].shape[1]))
    for n, s in enumerate(sequences):
        batch[n, : len(s)] = s
    return batch, lengths
