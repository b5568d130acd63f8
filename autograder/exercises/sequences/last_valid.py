"""Lesson 01, last_valid: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("last",),
    hints=(
        "The last real step of sequence n is lengths[n] - 1, which differs from row to row. How do you pick "
        "one step per row in one go?",
        "Index the first two axes with two integer arrays of equal length: one counts the rows, the other "
        "says which step of that row.",
        "The whole body: return h[np.arange(len(h)), lengths - 1]",
    ),
    source="Graves (2012), Supervised Sequence Labelling with Recurrent Neural Networks, section 2.3",
)
def last_valid(h, lengths): ...


@last_valid.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, T, H in (
        ((4, 7, 2), 7, 5),
        ((1, 3, 5, 2, 4), 5, 3),
        ((3, 2), 11, 2),
        ((3,), 5, 2),
        ((1, 1), 1, 3),
    ):
        yield rng.normal(size=(len(lengths), T, H)), np.array(lengths)
    h, lengths = rng.normal(size=(3, 7, 2)), np.array([3, 5, 7])
    h[np.arange(7) >= lengths[:, None]] = 0  # as pad_batch fills, and a last state may be 0 as well
    h[1, 4] = 0
    yield h, lengths


@last_valid.mistake(
    "You took the last step of the box, h[:, -1]. For a short sequence that is padding: take step "
    "lengths[n] - 1 of row n."
)
def last_of_the_box(h, lengths):
    return h[:, -1]


@last_valid.mistake(
    "With h[:, lengths - 1] every row gives every listed step: (N, N, H). Pair each row with its own step: "
    "h[np.arange(N), lengths - 1].",
    credit=0.25,
)
def every_row_with_every_step(h, lengths):
    return h[:, lengths - 1]


@last_valid.mistake(
    "You went one step too far: step lengths[n] is the first step of padding, or outside the array. Steps "
    "count from 0, so the last real one is lengths[n] - 1.",
    credit=0.25,
)
def one_step_too_far(h, lengths):
    return h[np.arange(len(h)), lengths]


@last_valid.mistake(
    "One step too far, and the clip hides the IndexError: the last real step of row n is lengths[n] - 1.",
    credit=0.25,
)
def one_step_too_far_and_clipped(h, lengths):
    return h[np.arange(len(h)), np.minimum(lengths, h.shape[1] - 1)]


@last_valid.mistake(
    "A negative index counts from the end of the box, padding included: -lengths[n] is not the last real "
    "step. That is lengths[n] - 1."
)
def counted_from_the_end(h, lengths):
    return h[np.arange(len(h)), -lengths]


@last_valid.mistake("You took the first step of each sequence, not the last real one, lengths[n] - 1.")
def first_step(h, lengths):
    return h[:, 0]


@last_valid.mistake(
    "You averaged over the real steps. That is another good summary of a sequence, but the last real step "
    "alone is asked for."
)
def mean_over_real_steps(h, lengths):
    mask = np.arange(h.shape[1]) < lengths[:, None]
    return (h * mask[..., None]).sum(axis=1) / lengths[:, None]


@last_valid.mistake(
    "Your result still has a time axis of length 1. One vector per sequence: (N, H).", credit=0.5
)
def time_axis_kept(h, lengths):
    return np.take_along_axis(h, (lengths - 1)[:, None, None], axis=1)


@last_valid.mistake(
    "You took the same step for the whole batch, the end of the longest sequence. Each row has its own last "
    "step."
)
def end_of_the_longest(h, lengths):
    return h[:, lengths.max() - 1]


@last_valid.mistake(
    "You took the same step for the whole batch, the end of the shortest sequence. Each row has its own "
    "last step."
)
def end_of_the_shortest(h, lengths):
    return h[:, lengths.min() - 1]


@last_valid.mistake(
    "You look for the last step that is not zero. Padding need not be zeros, and a real state may be: "
    "take step lengths[n] - 1 of row n.",
    credit=0.25,
)
def last_step_that_is_not_zero(h, lengths):
    last = [np.flatnonzero(row.any(axis=1))[-1] for row in h]
    return h[np.arange(len(h)), last]
