"""Lesson 14, target_mask: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("mask",),
    hints=(
        "A step is real when no end token came before it. The end token itself is real: it must be learned.",
        "Count the end tokens seen so far with np.cumsum along axis 1, and take the present one off again.",
        "Two lines: ends = targets == eos; return np.cumsum(ends, axis=1) - ends == 0",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.3",
)
def target_mask(targets, eos): ...


@target_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, T, eos in (((2, 5, 3), 7, 2), ((5, 1), 5, 1), ((3, 4, 1, 2, 3), 4, 0)):
        targets = rng.integers(3, 11, size=(len(lengths), T))
        for row, length in zip(targets, lengths, strict=True):
            row[length - 1] = eos
            row[length:] = rng.choice([0, 4, eos], size=T - length)
        yield targets, eos
    eos, a, b, c = map(int, rng.permutation(np.arange(2, 23))[:4])
    yield np.array([[eos, a, b], [a, eos, eos], [eos, c, eos]]), eos  # the padding repeats eos
    yield rng.integers(3, 11, size=(1, 5)), 2  # cut off before its end
    yield np.array([[eos], [a]]), eos


@target_mask.mistake(
    "You left out the end token. It is a target like any other: a decoder that is never asked for it never "
    "stops.",
    credit=0.5,
)
def end_token_left_out(targets, eos):
    return np.cumsum(targets == eos, axis=1) == 0


@target_mask.mistake(
    "The padding after the end token counts too, so the loss would reward the model for predicting padding."
)
def loss_counts_padding(targets, eos):
    return np.ones(targets.shape, dtype=bool)


@target_mask.mistake("The mask is inverted: True marks a step that counts.")
def mask_of_padding(targets, eos):
    return np.cumsum(targets == eos, axis=1) - (targets == eos) > 0


@target_mask.mistake(
    "You only compare with eos, step by step. What follows the first end token is padding, whatever is "
    "written there."
)
def every_other_token(targets, eos):
    return targets != eos


@target_mask.mistake(
    "Only the end tokens themselves are marked. All steps before the first one count as well."
)
def only_end_tokens(targets, eos):
    return targets == eos


@target_mask.mistake(
    "You counted one step too many: the first padding after the end token is marked as real.", credit=0.5
)
def one_padding_too_many(targets, eos):
    ends = np.cumsum(targets == eos, axis=1) - (targets == eos)
    return np.cumsum(ends > 0, axis=1) <= 1


@target_mask.mistake(
    "Everything before a second end token counts for you, padding included. A step is real when *no* end "
    "token came before it: take the present one off the running count and ask for 0.",
    credit=0.5,
)
def up_to_the_second_end(targets, eos):
    return np.cumsum(targets == eos, axis=1) <= 1


@target_mask.mistake(
    "You count up to the *last* eos. Where padding is written as eos too, it counts with you: the first eos "
    "ends the sentence.",
    credit=0.5,
)
def up_to_the_last_end(targets, eos):
    last = targets.shape[1] - 1 - np.argmax((targets == eos)[:, ::-1], axis=1)
    return np.arange(targets.shape[1]) <= last[:, None]


@target_mask.mistake(
    "In a row without eos, only the first step counts for you: argmax answers 0 where nothing is found. "
    "Such a row was cut off, and all of it counts.",
    credit=0.5,
)
def row_without_end_lost(targets, eos):
    last = np.argmax(targets == eos, axis=1)
    return np.arange(targets.shape[1]) <= last[:, None]


@target_mask.mistake(
    "You ask which targets are not 0. Padding may look like anything, even like eos, and 0 may be a word: "
    "what counts is whether an eos came before."
)
def what_is_not_zero(targets, eos):
    return targets != 0
