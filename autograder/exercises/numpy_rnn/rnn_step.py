"""Lesson 04, rnn_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.draws import rnn_weights


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h",),
    hints=(
        "Three things are added before the squashing: what the input says, what the memory says, and a bias.",
        "x (N, D) @ W_xh (D, H) and h_prev (N, H) @ W_hh (H, H) both have shape (N, H). The bias joins them "
        "inside the tanh.",
        "The whole body: return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)",
    ),
    source="Elman (1990), Finding Structure in Time",
)
def rnn_step(x, h_prev, W_xh, W_hh, b_h): ...


@rnn_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2)):
        yield (rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H)), *rnn_weights(rng, D, H))
    # Square weights: what is exchanged or transposed fits, and gives other numbers.
    yield (rng.normal(size=(2, 3)), rng.uniform(-1, 1, size=(2, 3)), *rnn_weights(rng, 3, 3))
    yield (30 * rng.normal(size=(3, 2)), rng.uniform(-1, 1, size=(3, 5)), *rnn_weights(rng, 2, 5))


@rnn_step.mistake("The memory is missing: h_prev @ W_hh belongs into the sum, beside x @ W_xh.")
def no_recurrence(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + b_h)


@rnn_step.mistake(
    "You added b_h after tanh, so a state can leave the interval from -1 to 1. The bias shifts the sum that "
    "goes into tanh."
)
def bias_outside_tanh(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh) + b_h


@rnn_step.mistake("The bias b_h is missing: it belongs into the sum inside tanh.")
def bias_missing(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh)


@rnn_step.mistake("The tanh is missing: without it the network is linear and its state has no bounds.")
def tanh_missing(x, h_prev, W_xh, W_hh, b_h):
    return x @ W_xh + h_prev @ W_hh + b_h


@rnn_step.mistake("You squash each term by itself. Add the three terms first, then take one tanh of the sum.")
def tanh_of_each_term(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh) + np.tanh(h_prev @ W_hh + b_h)


@rnn_step.mistake(
    "You squash each term by itself, the bias too. Add the three terms first, then take one tanh of the sum."
)
def tanh_of_all_three(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh) + np.tanh(h_prev @ W_hh) + np.tanh(b_h)


@rnn_step.mistake(
    "You used W_hh transposed. A state is a row here, so it stands on the left: h_prev @ W_hh, no transpose."
)
def recurrent_weights_transposed(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh.T + b_h)


@rnn_step.mistake(
    "W_xh is (D, H) in this course, already the right way round for a row vector: x @ W_xh, no transpose; "
    "PyTorch stores the transpose."
)
def input_weights_transposed(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh.T + h_prev @ W_hh + b_h)


@rnn_step.mistake(
    "Weights and vectors are in the wrong order: here states and inputs are rows, so they stand on the "
    "left, as in x @ W_xh."
)
def weights_on_the_left(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(W_xh @ x + W_hh @ h_prev + b_h)


@rnn_step.mistake(
    "You multiplied h_prev and W_hh entry by entry (*). Every unit hears every unit: that is the matrix "
    "product, @."
)
def entrywise_product(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev * W_hh + b_h)


@rnn_step.mistake(
    "Each unit hears only itself: you used the diagonal of W_hh. The matrix product h_prev @ W_hh mixes all "
    "units."
)
def diagonal_only(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev * np.diag(W_hh) + b_h)


@rnn_step.mistake("You squashed with the logistic sigmoid (0 to 1); this cell uses tanh (-1 to 1).")
def sigmoid_for_tanh(x, h_prev, W_xh, W_hh, b_h):
    return 1 / (1 + np.exp(-(x @ W_xh + h_prev @ W_hh + b_h)))


@rnn_step.mistake(
    "Every sequence gets the memory of the first one: you used h_prev[0]. Take all rows, h_prev @ W_hh.",
    credit=0.25,
)
def memory_of_first_sequence(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev[0] @ W_hh + b_h)


@rnn_step.mistake(
    "You added h_prev to the result. The old state acts through W_hh only; a path around the tanh comes in "
    "lesson 12."
)
def old_state_added(x, h_prev, W_xh, W_hh, b_h):
    return h_prev + np.tanh(x @ W_xh + h_prev @ W_hh + b_h)


@rnn_step.mistake(
    "W_xh and W_hh are exchanged: the input x goes through W_xh (D, H), the old state h_prev through W_hh "
    "(H, H)."
)
def weights_exchanged(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_hh + h_prev @ W_xh + b_h)
