"""Lesson 04, rnn_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import starts_from_zeros
from autograder.exercises.loops import loops
from autograder.exercises.numpy_rnn.draws import rnn_weights
from autograder.exercises.numpy_rnn.parts import np_step


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "One loop over time. What the loop hands from one round to the next is the state, and nothing else.",
        "Start with h_t = h0. In round t: h_t = rnn_step(x[:, t], h_t, ...), and keep h_t in h[:, t].",
        "h = np.empty((N, T, H)), then: for t in range(T): h_t = rnn_step(x[:, t], h_t, W_xh, W_hh, b_h); "
        "h[:, t] = h_t. Or collect the states in a list and use np.stack(states, axis=1).",
    ),
    source="Elman (1990), Finding Structure in Time",
)
def rnn_forward(x, h0, W_xh, W_hh, b_h): ...


@rnn_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3), (2, 11, 1, 3)):
        yield (rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H)), *rnn_weights(rng, D, H))
    yield (rng.normal(size=(3, 5, 2)), np.zeros((3, 7)), *rnn_weights(rng, 2, 7, gain=3.0))
    one_hot = np.eye(3, dtype=int)[rng.integers(3, size=(2, 5))]
    yield (one_hot, rng.uniform(-1, 1, size=(2, 3)), *rnn_weights(rng, 3, 3))


def _np_states(x, h, W_xh, W_hh, b_h):
    """The states as a list of T arrays (N, H)."""
    states = []
    for t in range(x.shape[1]):
        h = np_step(x[:, t], h, W_xh, W_hh, b_h)
        states.append(h)
    return states


def _np_forward(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x, h0, W_xh, W_hh, b_h), axis=1)


starts_from_zeros(rnn_forward, _np_forward, "h0")
loops(rnn_forward, _np_forward, ("x",), ("h0",))


@rnn_forward.mistake(
    "There is no recurrence: every step sees its input only. The state of step t-1 must enter step t."
)
def forward_without_recurrence(x, h0, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + b_h)


@rnn_forward.mistake(
    "You ran along the batch: x[t] is the t-th sequence. The t-th step of all sequences is x[:, t]."
)
def runs_along_batch(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x.swapaxes(0, 1), h0, W_xh, W_hh, b_h), axis=1)


@rnn_forward.mistake("The tanh is missing: your states follow a linear recurrence.")
def forward_without_tanh(x, h0, W_xh, W_hh, b_h):
    states, h = [], h0
    for t in range(x.shape[1]):
        h = x[:, t] @ W_xh + h @ W_hh + b_h
        states.append(h)
    return np.stack(states, axis=1)


@rnn_forward.mistake("The bias is added after tanh, in every step; it belongs into the sum inside tanh.")
def forward_bias_outside(x, h0, W_xh, W_hh, b_h):
    states, h = [], h0
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W_xh + h @ W_hh) + b_h
        states.append(h)
    return np.stack(states, axis=1)


@rnn_forward.mistake("The first input is fed to every step: x[:, 0] should be x[:, t].")
def first_input_only(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(np.repeat(x[:, :1], x.shape[1], axis=1), h0, W_xh, W_hh, b_h), axis=1)


@rnn_forward.mistake(
    "Your states are stacked with time first and then reshaped, which deals them out to the wrong "
    "sequences. Reshape moves no axis: use np.stack(states, axis=1).",
    credit=0.25,
)
def reshapes_for_stack(x, h0, W_xh, W_hh, b_h):
    states = np.array(_np_states(x, h0, W_xh, W_hh, b_h))  # (T, N, H)
    return states.reshape(len(x), x.shape[1], -1)


@rnn_forward.mistake(
    "Your first step reads no input: it stores h0. The result starts with h_1, the state after x[:, 0]."
)
def first_input_unread(x, h0, W_xh, W_hh, b_h):
    return np.stack([h0, *_np_states(x[:, 1:], h0, W_xh, W_hh, b_h)], axis=1)


@rnn_forward.mistake("The bias is added twice, in x @ W_xh + b_h before the loop and again in each step.")
def bias_added_twice(x, h0, W_xh, W_hh, b_h):
    return _np_forward(x, h0, W_xh, W_hh, 2 * b_h)


@rnn_forward.mistake(
    "You write the states into an array of x's type: where x holds whole numbers, as one-hot rows do, all "
    "behind the point is cut off. Make a float array, np.zeros((N, T, H)).",
    credit=0.5,
)
def states_cut_to_integers(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x, h0, W_xh, W_hh, b_h), axis=1).astype(x.dtype)


@rnn_forward.mistake(
    "W_xh and W_hh are exchanged: the input goes through W_xh (D, H), the state of the step before "
    "through W_hh (H, H)."
)
def forward_weights_exchanged(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x, h0, W_hh, W_xh, b_h), axis=1)
