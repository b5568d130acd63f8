"""Lesson 05, bidirectional_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.deep_and_bidirectional.draws import _lengths
from autograder.exercises.deep_and_bidirectional.parts import (
    np_backward_states,
    np_both,
    np_real,
    np_reversed,
    np_states,
)
from autograder.exercises.numpy_rnn.draws import rnn_weights


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("h",),
    hints=(
        "Two networks read the same x, each from its own side and with its own weights. At every step their "
        "states stand side by side.",
        "The backward one: turn x round with reverse_padded, run rnn_forward, and turn the *states* round "
        "again, so that step t of both halves is about step t of x.",
        "back = reverse_padded(rnn_forward(reverse_padded(x, lengths), zeros, *backward_layer), lengths); h "
        "= np.concatenate([forth, back], axis=2); then h * mask[..., None] with mask = np.arange(T) < "
        "lengths[:, None].",
    ),
    source="Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks",
)
def bidirectional_forward(x, lengths, forward_layer, backward_layer): ...


@bidirectional_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H, longest in ((2, 5, 3, 7, 5), (5, 7, 2, 3, 6), (3, 3, 5, 5, 3), (1, 2, 3, 5, 2)):
        x = rng.normal(size=(N, T, D))
        yield (x, _lengths(rng, N, T, longest), rnn_weights(rng, D, H), rnn_weights(rng, D, H))
    yield (rng.normal(size=(3, 1, 2)), np.ones(3, int), rnn_weights(rng, 2, 3), rnn_weights(rng, 2, 3))
    padded = np_real(rng.normal(size=(3, 11, 2)), np.array([4, 11, 1]))
    yield (padded, np.array([4, 11, 1]), rnn_weights(rng, 2, 5), rnn_weights(rng, 2, 5))


@bidirectional_forward.mistake(
    "The backward states are still in reversed order: turn them round again with reverse_padded, so that "
    "both halves of step t are about step t."
)
def backward_left_reversed(x, lengths, forward_layer, backward_layer):
    back = np_states(np_reversed(x, lengths), backward_layer)
    return np_real(np.concatenate([np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "The backward network starts in the padding: you reversed the whole time axis. Turn each row round "
    "within its own length with reverse_padded."
)
def reads_padding_first(x, lengths, forward_layer, backward_layer):
    back = np_states(x[:, ::-1], backward_layer)[:, ::-1]
    return np_real(np.concatenate([np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "You added the two directions: (N, T, H). They stand side by side, (N, T, 2H): np.concatenate([...], "
    "axis=2)."
)
def adds_directions(x, lengths, forward_layer, backward_layer):
    h = np_states(x, forward_layer) + np_backward_states(x, lengths, backward_layer)
    return np_real(h, lengths)


@bidirectional_forward.mistake(
    "The real steps are right, but the states at the padding are not zero: multiply by the mask "
    "np.arange(T) < lengths[:, None].",
    credit=0.5,
)
def padding_not_zero(x, lengths, forward_layer, backward_layer):
    both = [np_states(x, forward_layer), np_backward_states(x, lengths, backward_layer)]
    return np.concatenate(both, axis=2)


@bidirectional_forward.mistake(
    "Both directions use the forward weights. The backward network is a network of its own: use "
    "backward_layer."
)
def directions_share_weights(x, lengths, forward_layer, backward_layer):
    return np_both(x, lengths, forward_layer, forward_layer)


@bidirectional_forward.mistake(
    "The halves are in the wrong order: the forward states come first, then the backward ones.", credit=0.5
)
def backward_half_first(x, lengths, forward_layer, backward_layer):
    H = len(forward_layer[2])
    h = np_both(x, lengths, forward_layer, backward_layer)
    return np.concatenate([h[..., H:], h[..., :H]], axis=2)


@bidirectional_forward.mistake(
    "You joined the directions along time: (N, 2T, H). They share the time axis and stand side by side in "
    "the last one: axis=2."
)
def joined_along_time(x, lengths, forward_layer, backward_layer):
    both = [np_states(x, forward_layer), np_backward_states(x, lengths, backward_layer)]
    return np.concatenate([np_real(h, lengths) for h in both], axis=1)


@bidirectional_forward.mistake(
    "The backward network starts from the forward network's last state. The two know nothing of each other: "
    "both start from zeros."
)
def backward_starts_from_forward(x, lengths, forward_layer, backward_layer):
    forth = np_states(x, forward_layer)
    h0 = forth[np.arange(len(x)), lengths - 1]
    back = np_reversed(np_states(np_reversed(x, lengths), backward_layer, h0), lengths)
    return np_real(np.concatenate([forth, back], axis=2), lengths)


@bidirectional_forward.mistake(
    "The backward network reads the forward states. Both directions read x; putting one on top of the other "
    "would be depth."
)
def backward_on_top(x, lengths, forward_layer, backward_layer):
    forth = np_states(x, forward_layer)
    back = np_backward_states(forth, lengths, backward_layer)
    return np_real(np.concatenate([forth, back], axis=2), lengths)


@bidirectional_forward.mistake(
    "Both halves read from left to right: x is never turned round for the backward network."
)
def both_read_forward(x, lengths, forward_layer, backward_layer):
    both = [np_states(x, forward_layer), np_states(x, backward_layer)]
    return np_real(np.concatenate(both, axis=2), lengths)


@bidirectional_forward.mistake(
    "You turned the backward states round with [:, ::-1], so in shorter rows they are shifted into the "
    "padding. Turn them round as you did x: with reverse_padded."
)
def states_flipped_whole(x, lengths, forward_layer, backward_layer):
    back = np_states(np_reversed(x, lengths), backward_layer)[:, ::-1]
    return np_real(np.concatenate([np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "You made the padding of x zero and turned round the whole axis. The backward network still starts in "
    "the padding, where its bias alone moves it: turn each row round with reverse_padded."
)
def reads_zeros_first(x, lengths, forward_layer, backward_layer):
    back = np_states(np_real(x, lengths)[:, ::-1], backward_layer)[:, ::-1]
    return np_real(np.concatenate([np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "The backward half is not zero at the padding: join the halves first, then multiply both by the mask.",
    credit=0.5,
)
def only_forward_masked(x, lengths, forward_layer, backward_layer):
    forth = np_real(np_states(x, forward_layer), lengths)
    return np.concatenate([forth, np_backward_states(x, lengths, backward_layer)], axis=2)


@bidirectional_forward.mistake(
    "The forward half is not zero at the padding: join the halves first, then multiply both by the mask.",
    credit=0.5,
)
def only_backward_masked(x, lengths, forward_layer, backward_layer):
    back = np_real(np_backward_states(x, lengths, backward_layer), lengths)
    return np.concatenate([np_states(x, forward_layer), back], axis=2)


@bidirectional_forward.mistake(
    "Your mask keeps one step too many: row n is real for t < lengths[n], and step lengths[n] is padding.",
    credit=0.5,
)
def mask_one_too_long(x, lengths, forward_layer, backward_layer):
    both = [np_states(x, forward_layer), np_backward_states(x, lengths, backward_layer)]
    return np_real(np.concatenate(both, axis=2), lengths + 1)


@bidirectional_forward.mistake(
    "The layers are exchanged: forward_layer reads from the left and backward_layer from the right."
)
def layers_exchanged(x, lengths, forward_layer, backward_layer):
    return np_both(x, lengths, backward_layer, forward_layer)


@bidirectional_forward.mistake(
    "The inputs at the padding were set to zero, and the states there were kept. A state at the padding is "
    "not zero when its input is: multiply h by the mask."
)
def inputs_zeroed_for_states(x, lengths, forward_layer, backward_layer):
    real = np_real(x, lengths)
    back = np_backward_states(real, lengths, backward_layer)
    return np.concatenate([np_states(real, forward_layer), back], axis=2)


@bidirectional_forward.mistake(
    "You looked for the padding in x, as the steps whose values are all zero. Padding may hold any number: "
    "`lengths` says where it begins."
)
def padding_found_in_x(x, lengths, forward_layer, backward_layer):
    found = (x != 0).any(axis=2).sum(axis=1)
    return np_both(x, found, forward_layer, backward_layer)
