"""Lesson 14, shift_right: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("y_in",),
    hints=(
        "At step t the decoder is given the token that came before, and before the first there is <sos>.",
        "The input has the same shape as targets: a first column of sos, then targets without their last "
        "column.",
        "Two lines: first = np.full((targets.shape[0], 1), sos); return np.concatenate([first, targets[:, "
        ":-1]], axis=1)",
    ),
    source="Sutskever, Vinyals and Le (2014), Sequence to Sequence Learning with Neural Networks",
)
def shift_right(targets, sos): ...


@shift_right.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, sos in ((3, 5, 1), (2, 7, 0), (1, 3, 11), (5, 1, 2)):
        yield rng.integers(3, 11, size=(N, T)), sos


@shift_right.mistake(
    "The targets are not shifted: the decoder would be given at step t the very token that it must predict "
    "at step t, and learn to copy."
)
def targets_not_shifted(targets, sos):
    return targets.copy()


@shift_right.mistake(
    "You shifted to the left: the decoder would see the next token, which it is asked for. Put sos first, "
    "and drop the last column."
)
def shifted_left(targets, sos):
    return np.concatenate([targets[:, 1:], np.full_like(targets[:, :1], sos)], axis=1)


@shift_right.mistake(
    "You rolled the last token round to the front. The first input is sos, the same for every sequence."
)
def rolled_round(targets, sos):
    return np.roll(targets, 1, axis=1)


@shift_right.mistake(
    "You put sos in front, but kept the last token: the result is one step too long. Nothing follows the "
    "last target, so it is never an input.",
    credit=0.5,
)
def last_token_kept(targets, sos):
    return np.concatenate([np.full_like(targets[:, :1], sos), targets], axis=1)


@shift_right.mistake(
    "You wrote sos over the first target and left the others in place: they must move one step to the right."
)
def first_token_overwritten(targets, sos):
    shifted = targets.copy()
    shifted[:, 0] = sos
    return shifted


@shift_right.mistake(
    "You shifted along the batch (axis 0), so each sequence is given its neighbour's tokens. Time is axis 1."
)
def shifted_along_the_batch(targets, sos):
    return np.concatenate([np.full_like(targets[:1], sos), targets[:-1]], axis=0)


@shift_right.mistake("You put 0 in front. The first input is the token sos, whatever its number is.")
def zero_in_front(targets, sos):
    return np.concatenate([np.zeros_like(targets[:, :1]), targets[:, :-1]], axis=1)


@shift_right.mistake("You put 1 in front. The number of sos is an argument, and need not be 1.")
def one_in_front(targets, sos):
    return np.concatenate([np.ones_like(targets[:, :1]), targets[:, :-1]], axis=1)
