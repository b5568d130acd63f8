"""Lesson 05: recurrent layers on top of each other, and in both directions."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn import rnn_weights, torch_rnn


def _lengths(rng: np.random.Generator, N: int, T: int, longest: int | None = None) -> np.ndarray:
    """Lengths from 1 on, one of them `longest` (T if not given), the others shorter."""
    longest = longest or T
    lengths = rng.integers(1, max(longest, 2), size=N)
    lengths[rng.integers(N)] = longest
    return lengths


def _np_states(x, layer, h0=None):
    """The states of one layer over (N, T, D), from zeros: (N, T, H)."""
    W_xh, W_hh, b_h = layer
    h = np.zeros((len(x), len(b_h))) if h0 is None else h0
    states = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states, axis=1)


def _np_reversed(x, lengths):
    out = x.copy()
    for n, length in enumerate(lengths):
        out[n, :length] = x[n, :length][::-1]
    return out


def _np_real(h, lengths):
    """Zero at padding."""
    return h * (np.arange(h.shape[1]) < lengths[:, None])[..., None]


def _np_backward_states(x, lengths, layer):
    return _np_reversed(_np_states(_np_reversed(x, lengths), layer), lengths)


def _np_both(x, lengths, forward_layer, backward_layer):
    h = np.concatenate(
        [_np_states(x, forward_layer), _np_backward_states(x, lengths, backward_layer)], axis=2
    )
    return _np_real(h, lengths)


# ---------------------------------------------------------------- deep_rnn_forward


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h",),
    hints=(
        "To the second layer, the states of the first are just another input sequence, one step per step.",
        "Loop over the layers: the array (N, T, H) that one layer returns is the x of the next. Each "
        "layer has "
        "its own H: the zero state is np.zeros((N, H)) with H = len(b_h).",
        "h = x; for W_xh, W_hh, b_h in layers: h = rnn_forward(h, np.zeros((len(x), len(b_h))), W_xh, W_hh, "
        "b_h); return h",
    ),
    source="El Hihi and Bengio (1995); Graves, Mohamed and Hinton (2013), Speech Recognition with Deep RNNs",
)
def deep_rnn_forward(x, layers):
    for layer in layers:
        x, _ = torch_rnn(*layer)(x)
    return x


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
    return [_np_states(x, layer) for layer in layers][-1]


@deep_rnn_forward.mistake(
    "All layers use the first layer's weights. Weights are shared over time, not over depth: each layer has "
    "its own (W_xh, W_hh, b_h)."
)
def layers_share_weights(x, layers):
    for _ in layers:
        x = _np_states(x, layers[0])
    return x


@deep_rnn_forward.mistake("Only the first layer has run: hand its states to the next layer, and so on up.")
def first_layer_only(x, layers):
    return _np_states(x, layers[0])


@deep_rnn_forward.mistake(
    "The layers run from the top down: layers[0] is the one that reads x, layers[-1] gives the result."
)
def layers_upside_down(x, layers):
    for layer in layers[::-1]:
        x = _np_states(x, layer)
    return x


@deep_rnn_forward.mistake(
    "Each layer starts from the last state of the layer below. Every layer has a memory of its own, which "
    "starts at zero."
)
def state_climbs_up(x, layers):
    h0 = None
    for layer in layers:
        x = _np_states(x, layer, h0)
        h0 = x[:, -1]
    return x


@deep_rnn_forward.mistake(
    "A layer passes only its last state up, so the next one sees a sequence of one step. Pass all T "
    "states up: "
    "(N, T, H)."
)
def passes_last_state_up(x, layers):
    for layer in layers:
        x = _np_states(x, layer)[:, -1:]
    return x


@deep_rnn_forward.mistake(
    "Only the last state comes back, (N, H); all T states of the top layer are asked for."
)
def top_last_state(x, layers):
    for layer in layers:
        x = _np_states(x, layer)
    return x[:, -1]


@deep_rnn_forward.mistake(
    "Every layer starts from a zero state of the first layer's width. Layers may differ in size: the "
    "zeros of "
    "each one are as wide as its own b_h."
)
def zeros_of_first_width(x, layers):
    h0 = np.zeros((len(x), len(layers[0][2])))
    for layer in layers:
        x = _np_states(x, layer, h0)
    return x


@deep_rnn_forward.mistake("The states of all layers come back; only those of the top layer are asked for.")
def all_layers(x, layers):
    out = []
    for layer in layers:
        x = _np_states(x, layer)
        out.append(x)
    return out


@deep_rnn_forward.mistake(
    "Each layer above the first lags a step behind: its input at step t is the state of the layer below at "
    "the same step t, not at t - 1."
)
def layers_lag_behind(x, layers):
    first, *others = layers
    x = _np_states(x, first)
    for layer in others:
        late = np.concatenate([np.zeros_like(x[:, :1]), x[:, :-1]], axis=1)
        x = _np_states(late, layer)
    return x


# ---------------------------------------------------------------- reverse_padded


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("reversed",),
    hints=(
        "Each row has its own length: turn round its first lengths[n] steps and leave the rest where it is.",
        "Copy x, then for every row n with length L: out[n, :L] = x[n, :L][::-1]. Without a loop: "
        "step t of row "
        "n comes from step lengths[n] - 1 - t where t < lengths[n], and from step t elsewhere.",
        "out = x.copy(); for n, L in enumerate(lengths): out[n, :L] = x[n, :L][::-1]; return out",
    ),
    source="Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks",
)
def reverse_padded(x, lengths):
    rows = [torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(x, lengths.tolist(), strict=True)]
    return torch.stack(rows)


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
    return _np_reversed(x, np.full(len(x), lengths.max()))


@reverse_padded.mistake(
    "You changed x itself: the caller still needs it. Work on a copy, out = x.copy().", credit=0.5
)
def reverses_in_place(x, lengths):
    for n, length in enumerate(lengths):
        x[n, :length] = x[n, :length][::-1].copy()
    return x


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
    return _np_real(_np_reversed(x, lengths), lengths)


@reverse_padded.mistake(
    "Off by one: the first step of row n comes from step lengths[n] - 1, its last real one; you start one "
    "step too early."
)
def starts_one_early(x, lengths):
    shorter = np.maximum(lengths - 1, 1)
    return _np_reversed(x, shorter)


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


# ---------------------------------------------------------------- bidirectional_forward


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
        "back = reverse_padded(rnn_forward(reverse_padded(x, lengths), zeros, *backward_layer), lengths); "
        "h = np.concatenate([forth, back], axis=2); then h * mask[..., None] with "
        "mask = np.arange(T) < lengths[:, None].",
    ),
    source="Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks",
)
def bidirectional_forward(x, lengths, forward_layer, backward_layer):
    rnn = nn.RNN(
        *forward_layer[0].shape, bidirectional=True, batch_first=True, dtype=x.dtype, device=x.device
    )
    named = dict(rnn.named_parameters())
    with torch.no_grad():
        for suffix, (W_xh, W_hh, b_h) in (("", forward_layer), ("_reverse", backward_layer)):
            named[f"weight_ih_l0{suffix}"].copy_(W_xh.T)
            named[f"weight_hh_l0{suffix}"].copy_(W_hh.T)
            named[f"bias_ih_l0{suffix}"].copy_(b_h)
            named[f"bias_hh_l0{suffix}"].zero_()
    packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(rnn(packed)[0], batch_first=True, total_length=x.shape[1])[0]


@bidirectional_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H, longest in ((2, 5, 3, 7, 5), (5, 7, 2, 3, 6), (3, 3, 5, 5, 3), (1, 2, 3, 5, 2)):
        x = rng.normal(size=(N, T, D))
        yield (x, _lengths(rng, N, T, longest), rnn_weights(rng, D, H), rnn_weights(rng, D, H))
    yield (rng.normal(size=(3, 1, 2)), np.ones(3, int), rnn_weights(rng, 2, 3), rnn_weights(rng, 2, 3))
    padded = _np_real(rng.normal(size=(3, 11, 2)), np.array([4, 11, 1]))
    yield (padded, np.array([4, 11, 1]), rnn_weights(rng, 2, 5), rnn_weights(rng, 2, 5))


@bidirectional_forward.mistake(
    "The backward states are still in reversed order: turn them round again with reverse_padded, so "
    "that both "
    "halves of step t are about step t."
)
def backward_left_reversed(x, lengths, forward_layer, backward_layer):
    back = _np_states(_np_reversed(x, lengths), backward_layer)
    return _np_real(np.concatenate([_np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "The backward network starts in the padding: you reversed the whole time axis. Turn each row "
    "round within "
    "its own length with reverse_padded."
)
def reads_padding_first(x, lengths, forward_layer, backward_layer):
    back = _np_states(x[:, ::-1], backward_layer)[:, ::-1]
    return _np_real(np.concatenate([_np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "You added the two directions: (N, T, H). They stand side by side, (N, T, 2H): "
    "np.concatenate([...], axis=2)."
)
def adds_directions(x, lengths, forward_layer, backward_layer):
    h = _np_states(x, forward_layer) + _np_backward_states(x, lengths, backward_layer)
    return _np_real(h, lengths)


@bidirectional_forward.mistake(
    "The real steps are right, but the states at the padding are not zero: multiply by the mask "
    "np.arange(T) < lengths[:, None].",
    credit=0.5,
)
def padding_not_zero(x, lengths, forward_layer, backward_layer):
    both = [_np_states(x, forward_layer), _np_backward_states(x, lengths, backward_layer)]
    return np.concatenate(both, axis=2)


@bidirectional_forward.mistake(
    "Both directions use the forward weights. The backward network is a network of its own: use "
    "backward_layer."
)
def directions_share_weights(x, lengths, forward_layer, backward_layer):
    return _np_both(x, lengths, forward_layer, forward_layer)


@bidirectional_forward.mistake(
    "The halves are in the wrong order: the forward states come first, then the backward ones.", credit=0.5
)
def backward_half_first(x, lengths, forward_layer, backward_layer):
    H = len(forward_layer[2])
    h = _np_both(x, lengths, forward_layer, backward_layer)
    return np.concatenate([h[..., H:], h[..., :H]], axis=2)


@bidirectional_forward.mistake(
    "You joined the directions along time: (N, 2T, H). They share the time axis and stand side by "
    "side in the "
    "last one: axis=2."
)
def joined_along_time(x, lengths, forward_layer, backward_layer):
    both = [_np_states(x, forward_layer), _np_backward_states(x, lengths, backward_layer)]
    return np.concatenate([_np_real(h, lengths) for h in both], axis=1)


@bidirectional_forward.mistake(
    "The backward network starts from the forward network's last state. The two know nothing of each other: "
    "both start from zeros."
)
def backward_starts_from_forward(x, lengths, forward_layer, backward_layer):
    forth = _np_states(x, forward_layer)
    h0 = forth[np.arange(len(x)), lengths - 1]
    back = _np_reversed(_np_states(_np_reversed(x, lengths), backward_layer, h0), lengths)
    return _np_real(np.concatenate([forth, back], axis=2), lengths)


@bidirectional_forward.mistake(
    "The backward network reads the forward states. Both directions read x; putting one on top of the other "
    "would be depth."
)
def backward_on_top(x, lengths, forward_layer, backward_layer):
    forth = _np_states(x, forward_layer)
    back = _np_backward_states(forth, lengths, backward_layer)
    return _np_real(np.concatenate([forth, back], axis=2), lengths)


@bidirectional_forward.mistake(
    "Both halves read from left to right: x is never turned round for the backward network."
)
def both_read_forward(x, lengths, forward_layer, backward_layer):
    both = [_np_states(x, forward_layer), _np_states(x, backward_layer)]
    return _np_real(np.concatenate(both, axis=2), lengths)


@bidirectional_forward.mistake(
    "You turned the backward states round with [:, ::-1], so in shorter rows they are shifted into the "
    "padding. Turn them round as you did x: with reverse_padded."
)
def states_flipped_whole(x, lengths, forward_layer, backward_layer):
    back = _np_states(_np_reversed(x, lengths), backward_layer)[:, ::-1]
    return _np_real(np.concatenate([_np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "You made the padding of x zero and turned round the whole axis. The backward network still starts in "
    "the padding, where its bias alone moves it: turn each row round with reverse_padded."
)
def reads_zeros_first(x, lengths, forward_layer, backward_layer):
    back = _np_states(_np_real(x, lengths)[:, ::-1], backward_layer)[:, ::-1]
    return _np_real(np.concatenate([_np_states(x, forward_layer), back], axis=2), lengths)


@bidirectional_forward.mistake(
    "The backward half is not zero at the padding: join the halves first, then multiply both by the mask.",
    credit=0.5,
)
def only_forward_masked(x, lengths, forward_layer, backward_layer):
    forth = _np_real(_np_states(x, forward_layer), lengths)
    return np.concatenate([forth, _np_backward_states(x, lengths, backward_layer)], axis=2)


@bidirectional_forward.mistake(
    "The forward half is not zero at the padding: join the halves first, then multiply both by the mask.",
    credit=0.5,
)
def only_backward_masked(x, lengths, forward_layer, backward_layer):
    back = _np_real(_np_backward_states(x, lengths, backward_layer), lengths)
    return np.concatenate([_np_states(x, forward_layer), back], axis=2)


@bidirectional_forward.mistake(
    "Your mask keeps one step too many: row n is real for t < lengths[n], and step lengths[n] is padding.",
    credit=0.5,
)
def mask_one_too_long(x, lengths, forward_layer, backward_layer):
    both = [_np_states(x, forward_layer), _np_backward_states(x, lengths, backward_layer)]
    return _np_real(np.concatenate(both, axis=2), lengths + 1)


@bidirectional_forward.mistake(
    "The layers are exchanged: forward_layer reads from the left and backward_layer from the right."
)
def layers_exchanged(x, lengths, forward_layer, backward_layer):
    return _np_both(x, lengths, backward_layer, forward_layer)


# ---------------------------------------------------------------- bidirectional_summary


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
def bidirectional_summary(h, lengths):
    forth, back = h.chunk(2, dim=2)
    last = (lengths - 1)[:, None, None].expand(-1, 1, forth.shape[2])
    return torch.cat([forth.gather(1, last).squeeze(1), back.select(1, 0)], dim=1)


@bidirectional_summary.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, T, H in (([5, 2], 5, 3), ([4, 1, 6, 3, 2], 7, 5), ([3], 3, 2), ([1, 1, 1], 1, 5)):
        lengths = np.array(lengths)
        yield (_np_real(rng.uniform(-1, 1, size=(len(lengths), T, 2 * H)), lengths), lengths)
    yield (rng.uniform(-1, 1, size=(3, 11, 4)), np.array([7, 2, 11]))


@bidirectional_summary.mistake(
    "The backward half is taken from the wrong end: at the last real step it has read one symbol "
    "only. It has "
    "read everything at step 0."
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


# ---------------------------------------------------------------- deep_bidirectional_forward


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "Layer by layer, as in deep_rnn_forward; but each layer is a pair that reads in both directions.",
        "The next pair reads the concatenated states (N, T, 2H) of the pair below: both its networks "
        "see both "
        "directions.",
        "for forward_layer, backward_layer in layer_pairs: x = bidirectional_forward(x, lengths, "
        "forward_layer, backward_layer); return x",
    ),
    source="Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks",
)
def deep_bidirectional_forward(x, lengths, layer_pairs):
    for pair in layer_pairs:
        x = bidirectional_forward.reference(x, lengths, *pair)
    return x


def _pairs(rng: np.random.Generator, D: int, sizes: tuple[int, ...]) -> list[tuple]:
    inputs = (D, *(2 * h for h in sizes[:-1]))
    return [(rnn_weights(rng, d, h), rnn_weights(rng, d, h)) for d, h in zip(inputs, sizes, strict=True)]


@deep_bidirectional_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(3, 5, 2)), _lengths(rng, 3, 5), _pairs(rng, 2, (7, 3)))
    yield (rng.normal(size=(5, 7, 6)), _lengths(rng, 5, 7, 5), _pairs(rng, 6, (3, 3)))
    yield (rng.normal(size=(2, 3, 4)), np.array([3, 2]), _pairs(rng, 4, (2, 2, 2)))
    yield (rng.normal(size=(1, 2, 3)), np.array([2]), _pairs(rng, 3, (5, 2)))
    padded = _np_real(rng.normal(size=(3, 11, 2)), np.array([11, 4, 1]))
    yield (padded, np.array([11, 4, 1]), _pairs(rng, 2, (3, 5)))


@deep_bidirectional_forward.mistake(
    "You ran all forward layers in one stack and all backward layers in another. Each layer's two halves are "
    "joined before the next layer: its inputs are 2H wide."
)
def directions_meet_at_the_top(x, lengths, layer_pairs):
    forth = back = x
    for forward_layer, backward_layer in layer_pairs:
        forth = _np_states(forth, forward_layer)
        back = _np_backward_states(back, lengths, backward_layer)
    return _np_real(np.concatenate([forth, back], axis=2), lengths)


@deep_bidirectional_forward.mistake(
    "Every pair reads x. Only the first one does: the next reads the joined states (N, T, 2H) of the "
    "one below."
)
def every_pair_reads_x(x, lengths, layer_pairs):
    return [_np_both(x, lengths, *pair) for pair in layer_pairs][-1]


@deep_bidirectional_forward.mistake(
    "All layers use the first pair's weights: each layer has its own pair. Only the steps of one layer share."
)
def pairs_share_weights(x, lengths, layer_pairs):
    for _ in layer_pairs:
        x = _np_both(x, lengths, *layer_pairs[0])
    return x


@deep_bidirectional_forward.mistake("Only the first pair has run: its output is the input of the next.")
def first_pair_only(x, lengths, layer_pairs):
    return _np_both(x, lengths, *layer_pairs[0])


@deep_bidirectional_forward.mistake(
    "The lengths reach the first layer only: in the layers above, the backward network starts in the "
    "padding. "
    "Pass `lengths` to every layer."
)
def lengths_in_first_layer_only(x, lengths, layer_pairs):
    everything = np.full(len(x), x.shape[1])
    for i, pair in enumerate(layer_pairs):
        x = _np_both(x, everything if i else lengths, *pair)
    return _np_real(x, lengths)


@deep_bidirectional_forward.mistake(
    "The lengths are not used: the backward networks start in the padding. Pass `lengths` to every layer."
)
def lengths_unused(x, lengths, layer_pairs):
    for pair in layer_pairs:
        x = _np_both(x, np.full(len(x), x.shape[1]), *pair)
    return x


@deep_bidirectional_forward.mistake(
    "The backward states are still in reversed order when they are joined: turn them round in every layer."
)
def deep_left_reversed(x, lengths, layer_pairs):
    for forward_layer, backward_layer in layer_pairs:
        back = _np_states(_np_reversed(x, lengths), backward_layer)
        x = np.concatenate([_np_states(x, forward_layer), back], axis=2)
    return _np_real(x, lengths)


@deep_bidirectional_forward.mistake(
    "The real steps are right, but the states at the padding are not zero.", credit=0.5
)
def deep_padding_not_zero(x, lengths, layer_pairs):
    for forward_layer, backward_layer in layer_pairs:
        back = _np_backward_states(x, lengths, backward_layer)
        x = np.concatenate([_np_states(x, forward_layer), back], axis=2)
    return x


@deep_bidirectional_forward.mistake(
    "You turn round the whole time axis in every layer, so the backward networks start in the padding. "
    "Turn each row round within its own length: bidirectional_forward does."
)
def deep_reads_padding_first(x, lengths, layer_pairs):
    for pair in layer_pairs:
        x = _np_real(_np_both(x, np.full(len(x), x.shape[1]), *pair), lengths)
    return x


@deep_bidirectional_forward.mistake(
    "The lengths enter at the very end only: the backward networks of all layers have read the padding by "
    "then. Pass `lengths` to every layer."
)
def deep_masked_at_the_end(x, lengths, layer_pairs):
    return _np_real(lengths_unused(x, lengths, layer_pairs), lengths)


# ---------------------------------------------------------------- count_stack_parameters


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("parameters",),
    hints=(
        "Only the first layer reads the D inputs. What do the others read, and how wide is that?",
        "One network with d inputs has d*H + H*H + H parameters. Above the first layer d is H, or 2H "
        "where the "
        "layer below has two directions; and two directions are two networks.",
        "directions = 2 if bidirectional else 1; return directions * (count_rnn_parameters(D, H) + (L - 1) * "
        "count_rnn_parameters(directions * H, H))",
    ),
    source="Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks",
)
def count_stack_parameters(D, H, L, bidirectional):
    rnn = nn.RNN(D, H, num_layers=L, bidirectional=bidirectional, device="meta")
    # PyTorch keeps two biases where one would do: only one of them is counted.
    return sum(weight.numel() for name, weight in rnn.named_parameters() if not name.startswith("bias_hh"))


@count_stack_parameters.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (4, 8, 2, False)
    yield (10, 3, 1, True)
    yield (4, 8, 4, True)
    yield (7, 5, 3, False)
    yield (1, 2, 1, False)
    yield (int(rng.integers(11, 97)), int(rng.integers(101, 199)), int(rng.integers(5, 9)), True)


def _count(d, h):
    return d * h + h * h + h


@count_stack_parameters.mistake(
    "You counted two biases per network, as PyTorch stores them. Their sum is one bias: count H of them.",
    credit=0.5,
)
def counts_two_biases(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + (L - 1) * _count(k * H, H) + L * H)


@count_stack_parameters.mistake(
    "You counted every layer like the first. From the second on, a layer reads states, not the D inputs."
)
def layers_all_like_first(D, H, L, bidirectional):
    return (2 if bidirectional else 1) * L * _count(D, H)


@count_stack_parameters.mistake(
    "You doubled the one-way stack. With two directions the layers above the first read 2H features, "
    "so their "
    "W_xh is (2H, H)."
)
def doubles_one_way_stack(D, H, L, bidirectional):
    return (2 if bidirectional else 1) * (_count(D, H) + (L - 1) * _count(H, H))


@count_stack_parameters.mistake("Two directions are two networks: each layer counts twice.")
def direction_counted_once(D, H, L, bidirectional):
    return _count(D, H) + (L - 1) * _count(2 * H if bidirectional else H, H)


@count_stack_parameters.mistake("The biases are missing: H for each network.")
def without_biases(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (D * H + H * H + (L - 1) * (k * H * H + H * H))


@count_stack_parameters.mistake(
    "The recurrent matrices W_hh (H, H) are missing: every network has one of its own."
)
def without_recurrent(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (D * H + H + (L - 1) * (k * H * H + H))


@count_stack_parameters.mistake(
    "You counted the first layer only: multiply out all L of them. Layers share no weights."
)
def counts_first_layer(D, H, L, bidirectional):
    return (2 if bidirectional else 1) * _count(D, H)


@count_stack_parameters.mistake(
    "You made both W_xh and W_hh twice as wide above the first layer. The input is 2H wide; the state of one "
    "direction is still H."
)
def recurrent_too_wide(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + (L - 1) * (k * H * H + k * H * H + H))


@count_stack_parameters.mistake(
    "One layer too many: L counts the first layer as well, so L - 1 layers stand above it."
)
def one_layer_too_many(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + L * _count(k * H, H))


@count_stack_parameters.mistake(
    "You counted two directions as one network of 2H units. They are two networks of H units each, and their "
    "states never mix: W_hh is (H, H), twice."
)
def directions_as_one_network(D, H, L, bidirectional):
    width = 2 * H if bidirectional else H
    return _count(D, width) + (L - 1) * _count(width, width)


@count_stack_parameters.mistake(
    "The argument `bidirectional` has no effect: with True, every layer is two networks, and those above the "
    "first read 2H features."
)
def bidirectional_ignored(D, H, L, bidirectional):
    return _count(D, H) + (L - 1) * _count(H, H)


@count_stack_parameters.mistake(
    "The two directions share one bias in your count. They are two networks: each has H biases of its own.",
    credit=0.5,
)
def directions_share_bias(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + (L - 1) * _count(k * H, H)) - (k - 1) * L * H
