"""Lesson 05, bidirectional_summary: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.deep_and_bidirectional.parts import np_real


@exercise(
    points=2,
    difficulty=2,
    minutes=12,
    returns=("summary",),
    hints=(
        "Where has each direction read the whole sequence? The forward one at its last real step; and the "
        "backward one?",
        "The first H features are the forward half: take them at step lengths[n] - 1. The other H are the "
        "backward half: take them at step 0, where the backward network ends.",
        "H = h.shape[2] // 2; rows = np.arange(len(h)); return np.concatenate([h[rows, lengths - 1, :H], "
        "h[:, 0, H:]], axis=1)",
    ),
    source="Graves and Schmidhuber (2005), Framewise Phoneme Classification with Bidirectional LSTM",
)
def bidirectional_summary(h, lengths): ...


@bidirectional_summary.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, T, H in (([5, 2], 5, 3), ([4, 1, 6, 3, 2], 7, 5), ([3], 3, 2), ([1, 1, 1], 1, 5)):
        lengths = np.array(lengths)
        yield (np_real(rng.uniform(-1, 1, size=(len(lengths), T, 2 * H)), lengths), lengths)
    yield (rng.uniform(-1, 1, size=(3, 11, 4)), np.array([7, 2, 11]))


@bidirectional_summary.mistake(
    "The backward half is taken from the wrong end: at the last real step it has read one symbol only. It "
    "has read everything at step 0."
)
def backward_from_wrong_end(h, lengths):
    return h[np.arange(len(h)), lengths - 1]


@bidirectional_summary.mistake(
    "You took step -1 of both halves: that is padding in the shorter rows, and the backward half has read "
    "everything at step 0."
)
def last_step_of_both(h, lengths):
    return h[:, -1]


@bidirectional_summary.mistake(
    "The forward half is taken from the wrong end: at step 0 it has read one symbol only. It has read "
    "everything at step lengths[n] - 1."
)
def first_step_of_both(h, lengths):
    return h[:, 0]


@bidirectional_summary.mistake(
    "The two ends are swapped: forward ends at its last real step, backward ends at step 0."
)
def ends_swapped(h, lengths):
    H = h.shape[2] // 2
    return np.concatenate([h[:, 0, :H], h[np.arange(len(h)), lengths - 1, H:]], axis=1)


@bidirectional_summary.mistake(
    "The forward half comes from step -1, which is padding in the shorter rows: take step lengths[n] - 1.",
    credit=0.5,
)
def forward_from_padding(h, lengths):
    H = h.shape[2] // 2
    return np.concatenate([h[:, -1, :H], h[:, 0, H:]], axis=1)


@bidirectional_summary.mistake("The halves are swapped: forward first, then backward.", credit=0.5)
def summary_backward_first(h, lengths):
    H = h.shape[2] // 2
    return np.concatenate([h[:, 0, H:], h[np.arange(len(h)), lengths - 1, :H]], axis=1)


@bidirectional_summary.mistake("You added the halves: they stand side by side, (N, 2H).")
def summary_added(h, lengths):
    H = h.shape[2] // 2
    return h[np.arange(len(h)), lengths - 1, :H] + h[:, 0, H:]


@bidirectional_summary.mistake(
    "Every row's forward half is taken at the first row's last step. Rows and steps go in pairs: "
    "h[np.arange(N), lengths - 1, :H].",
)
def first_length_for_all(h, lengths):
    H = h.shape[2] // 2
    return np.concatenate([h[:, lengths - 1, :H][:, 0], h[:, 0, H:]], axis=1)


@bidirectional_summary.mistake(
    "The forward half comes one step too late: the last of lengths[n] steps is number lengths[n] - 1.",
    credit=0.5,
)
def summary_one_too_late(h, lengths):
    H, last = h.shape[2] // 2, np.minimum(lengths, h.shape[1] - 1)
    return np.concatenate([h[np.arange(len(h)), last, :H], h[:, 0, H:]], axis=1)


@bidirectional_summary.mistake(
    "You averaged over the steps. Asked for is one state of each direction: the one that has read everything."
)
def summary_averaged(h, lengths):
    return h.mean(axis=1)


@bidirectional_summary.mistake(
    "The backward half comes from step 1. It has read everything when it arrives at step 0: h[:, 0, H:].",
    credit=0.5,
)
def backward_half_at_second_step(h, lengths):
    H = h.shape[2] // 2
    back = h[:, min(1, h.shape[1] - 1), H:]
    return np.concatenate([h[np.arange(len(h)), lengths - 1, :H], back], axis=1)


@bidirectional_summary.mistake(
    "You took every other column for a half. The halves stand side by side: the first H columns read "
    "forward, the last H backward."
)
def even_and_odd_columns(h, lengths):
    forward, back = h[..., 0::2], h[..., 1::2]
    return np.concatenate([forward[np.arange(len(h)), lengths - 1], back[:, 0]], axis=1)
