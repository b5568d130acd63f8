"""Lesson 05, deep_rnn_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.deep_and_bidirectional.parts import np_states
from autograder.exercises.numpy_rnn.draws import rnn_weights


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h",),
    hints=(
        "To the second layer, the states of the first are just another input sequence, one step per step.",
        "Loop over the layers: the array (N, T, H) that one layer returns is the x of the next. Each layer "
        "has its own H: the zero state is np.zeros((N, H)) with H = len(b_h).",
        "h = x; for W_xh, W_hh, b_h in layers: h = rnn_forward(h, np.zeros((len(x), len(b_h))), W_xh, W_hh, "
        "b_h); return h",
    ),
    source="El Hihi and Bengio (1995); Graves, Mohamed and Hinton (2013), Speech Recognition with Deep RNNs",
)
def deep_rnn_forward(x, layers): ...


def _stack(rng: np.random.Generator, D: int, sizes: tuple[int, ...]) -> list[tuple[np.ndarray, ...]]:
    return [rnn_weights(rng, d, h) for d, h in zip((D, *sizes[:-1]), sizes, strict=True)]


@deep_rnn_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(2, 5, 3)), _stack(rng, 3, (7, 11)))
    yield (rng.normal(size=(3, 7, 5)), _stack(rng, 5, (5, 5)))
    yield (rng.normal(size=(5, 2, 7)), _stack(rng, 7, (7, 7, 7)))
    yield (rng.normal(size=(1, 3, 2)), _stack(rng, 2, (3, 5, 2)))
    yield (rng.normal(size=(7, 1, 3)), _stack(rng, 3, (2,)))


@deep_rnn_forward.mistake(
    "Every layer reads x. Only the first one does: the second reads the states of the first, and so on."
)
def every_layer_reads_x(x, layers):
    return [np_states(x, layer) for layer in layers][-1]


@deep_rnn_forward.mistake(
    "All layers use the first layer's weights. Weights are shared over time, not over depth: each layer has "
    "its own (W_xh, W_hh, b_h)."
)
def layers_share_weights(x, layers):
    for _ in layers:
        x = np_states(x, layers[0])
    return x


@deep_rnn_forward.mistake("Only the first layer has run: hand its states to the next layer, and so on up.")
def first_layer_only(x, layers):
    return np_states(x, layers[0])


@deep_rnn_forward.mistake(
    "The layers run from the top down: layers[0] is the one that reads x, layers[-1] gives the result."
)
def layers_upside_down(x, layers):
    for layer in layers[::-1]:
        x = np_states(x, layer)
    return x


@deep_rnn_forward.mistake(
    "Each layer starts from the last state of the layer below. Every layer has a memory of its own, which "
    "starts at zero."
)
def state_climbs_up(x, layers):
    h0 = None
    for layer in layers:
        x = np_states(x, layer, h0)
        h0 = x[:, -1]
    return x


@deep_rnn_forward.mistake(
    "A layer passes only its last state up, so the next one sees a sequence of one step. Pass all T states "
    "up: (N, T, H)."
)
def passes_last_state_up(x, layers):
    for layer in layers:
        x = np_states(x, layer)[:, -1:]
    return x


@deep_rnn_forward.mistake(
    "Only the last state comes back, (N, H); all T states of the top layer are asked for."
)
def top_last_state(x, layers):
    for layer in layers:
        x = np_states(x, layer)
    return x[:, -1]


@deep_rnn_forward.mistake(
    "Every layer starts from a zero state of the first layer's width. Layers may differ in size: the zeros "
    "of each one are as wide as its own b_h."
)
def zeros_of_first_width(x, layers):
    h0 = np.zeros((len(x), len(layers[0][2])))
    for layer in layers:
        x = np_states(x, layer, h0)
    return x


@deep_rnn_forward.mistake("The states of all layers come back; only those of the top layer are asked for.")
def all_layers(x, layers):
    out = []
    for layer in layers:
        x = np_states(x, layer)
        out.append(x)
    return out


@deep_rnn_forward.mistake(
    "Each layer above the first lags a step behind: its input at step t is the state of the layer below at "
    "the same step t, not at t - 1."
)
def layers_lag_behind(x, layers):
    first, *others = layers
    x = np_states(x, first)
    for layer in others:
        late = np.concatenate([np.zeros_like(x[:, :1]), x[:, :-1]], axis=1)
        x = np_states(late, layer)
    return x
