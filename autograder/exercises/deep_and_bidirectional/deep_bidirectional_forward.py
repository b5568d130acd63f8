"""Lesson 05, deep_bidirectional_forward: its cases, hints and mistakes."""

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
    minutes=15,
    returns=("h",),
    hints=(
        "Layer by layer, as in deep_rnn_forward; but each layer is a pair that reads in both directions.",
        "The next pair reads the concatenated states (N, T, 2H) of the pair below: both its networks see "
        "both directions.",
        "for forward_layer, backward_layer in layer_pairs: x = bidirectional_forward(x, lengths, "
        "forward_layer, backward_layer); return x",
    ),
    source="Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks",
)
def deep_bidirectional_forward(x, lengths, layer_pairs): ...


def _pairs(rng: np.random.Generator, D: int, sizes: tuple[int, ...]) -> list[tuple]:
    inputs = (D, *(2 * h for h in sizes[:-1]))
    return [(rnn_weights(rng, d, h), rnn_weights(rng, d, h)) for d, h in zip(inputs, sizes, strict=True)]


@deep_bidirectional_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(3, 5, 2)), _lengths(rng, 3, 5), _pairs(rng, 2, (7, 3)))
    yield (rng.normal(size=(5, 7, 6)), _lengths(rng, 5, 7, 5), _pairs(rng, 6, (3, 3)))
    yield (rng.normal(size=(2, 3, 4)), np.array([3, 2]), _pairs(rng, 4, (2, 2, 2)))
    yield (rng.normal(size=(1, 2, 3)), np.array([2]), _pairs(rng, 3, (5, 2)))
    padded = np_real(rng.normal(size=(3, 11, 2)), np.array([11, 4, 1]))
    yield (padded, np.array([11, 4, 1]), _pairs(rng, 2, (3, 5)))


@deep_bidirectional_forward.mistake(
    "You ran all forward layers in one stack and all backward layers in another. Each layer's two halves "
    "are joined before the next layer: its inputs are 2H wide."
)
def directions_meet_at_the_top(x, lengths, layer_pairs):
    forth = back = x
    for forward_layer, backward_layer in layer_pairs:
        forth = np_states(forth, forward_layer)
        back = np_backward_states(back, lengths, backward_layer)
    return np_real(np.concatenate([forth, back], axis=2), lengths)


@deep_bidirectional_forward.mistake(
    "Every pair reads x. Only the first one does: the next reads the joined states (N, T, 2H) of the one "
    "below."
)
def every_pair_reads_x(x, lengths, layer_pairs):
    return [np_both(x, lengths, *pair) for pair in layer_pairs][-1]


@deep_bidirectional_forward.mistake(
    "All layers use the first pair's weights: each layer has its own pair. Only the steps of one layer share."
)
def pairs_share_weights(x, lengths, layer_pairs):
    for _ in layer_pairs:
        x = np_both(x, lengths, *layer_pairs[0])
    return x


@deep_bidirectional_forward.mistake("Only the first pair has run: its output is the input of the next.")
def first_pair_only(x, lengths, layer_pairs):
    return np_both(x, lengths, *layer_pairs[0])


@deep_bidirectional_forward.mistake(
    "The lengths reach the first layer only: in the layers above, the backward network starts in the "
    "padding. Pass `lengths` to every layer."
)
def lengths_in_first_layer_only(x, lengths, layer_pairs):
    everything = np.full(len(x), x.shape[1])
    for i, pair in enumerate(layer_pairs):
        x = np_both(x, everything if i else lengths, *pair)
    return np_real(x, lengths)


@deep_bidirectional_forward.mistake(
    "The lengths are not used: the backward networks start in the padding. Pass `lengths` to every layer."
)
def lengths_unused(x, lengths, layer_pairs):
    for pair in layer_pairs:
        x = np_both(x, np.full(len(x), x.shape[1]), *pair)
    return x


@deep_bidirectional_forward.mistake(
    "The backward states are still in reversed order when they are joined: turn them round in every layer."
)
def deep_left_reversed(x, lengths, layer_pairs):
    for forward_layer, backward_layer in layer_pairs:
        back = np_states(np_reversed(x, lengths), backward_layer)
        x = np.concatenate([np_states(x, forward_layer), back], axis=2)
    return np_real(x, lengths)


@deep_bidirectional_forward.mistake(
    "The real steps are right, but the states at the padding are not zero.", credit=0.5
)
def deep_padding_not_zero(x, lengths, layer_pairs):
    for forward_layer, backward_layer in layer_pairs:
        back = np_backward_states(x, lengths, backward_layer)
        x = np.concatenate([np_states(x, forward_layer), back], axis=2)
    return x


@deep_bidirectional_forward.mistake(
    "You turn round the whole time axis in every layer, so the backward networks start in the padding. Turn "
    "each row round within its own length: bidirectional_forward does."
)
def deep_reads_padding_first(x, lengths, layer_pairs):
    for pair in layer_pairs:
        x = np_real(np_both(x, np.full(len(x), x.shape[1]), *pair), lengths)
    return x


@deep_bidirectional_forward.mistake(
    "The lengths enter at the very end only: the backward networks of all layers have read the padding by "
    "then. Pass `lengths` to every layer."
)
def deep_masked_at_the_end(x, lengths, layer_pairs):
    return np_real(lengths_unused(x, lengths, layer_pairs), lengths)


@deep_bidirectional_forward.mistake(
    "In each pair the two layers are exchanged: the first reads forward, the second backward.", credit=0.5
)
def directions_exchanged(x, lengths, layer_pairs):
    for forward_layer, backward_layer in layer_pairs:
        x = np_both(x, lengths, backward_layer, forward_layer)
    return x
