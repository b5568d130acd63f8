"""Lesson 10, gru_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.gru.draws import sequence_case
from autograder.exercises.gru.gru_step import keeps_with_one_minus_z, resets_before, step_zrn
from autograder.exercises.gru.parts import np_states, np_step


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "One loop over time and a single array that travels. What needs no state and can leave the loop?",
        "x @ W_xh + b_x for all steps at once, (N, T, 3H). Inside, one product h_t @ W_hh + b_h, (N, 3H), "
        "serves all three blocks, because the reset comes after it.",
        "In round t: x_r, x_z, x_n = np.split(all_x[:, t], 3, axis=-1); h_r, h_z, h_n = np.split(h_t @ W_hh "
        "+ b_h, 3, axis=-1); then as in gru_step; h[:, t] = h_t",
    ),
    source="Cho et al. (2014); Appleyard, Kocisky and Blunsom (2016), Optimizing Performance of RNNs on GPUs",
)
def gru_forward(x, h0, W_xh, W_hh, b_x, b_h): ...


@gru_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield sequence_case(rng, N, T, D, H)
    yield sequence_case(rng, 2, 11, 1, 3, gain=3.0)
    yield sequence_case(rng, 3, 2, 5, 3, first=900.0)


@gru_forward.mistake("You ignored h0 and started from zeros: the first step must see h0.")
def gru_ignores_h0(x, h0, W_xh, W_hh, b_x, b_h):
    return np_states(x, np.zeros_like(h0), W_xh, W_hh, b_x, b_h)


@gru_forward.mistake("The state is never updated: every step starts from h0. Keep h_t for the next round.")
def gru_state_stuck(x, h0, W_xh, W_hh, b_x, b_h):
    return np.stack([np_step(x[:, t], h0, W_xh, W_hh, b_x, b_h) for t in range(x.shape[1])], axis=1)


@gru_forward.mistake(
    "Time comes first in your result, (T, N, H). Batch comes first in this course: np.stack(states, axis=1).",
    credit=0.5,
)
def gru_time_first(x, h0, W_xh, W_hh, b_x, b_h):
    return np_states(x, h0, W_xh, W_hh, b_x, b_h).swapaxes(0, 1)


@gru_forward.mistake("Only the last state comes back, (N, H); all T are asked for, (N, T, H).")
def gru_last_only(x, h0, W_xh, W_hh, b_x, b_h):
    return np_states(x, h0, W_xh, W_hh, b_x, b_h)[:, -1]


@gru_forward.mistake("The biases are merged; in the candidate b_h's share sits inside the reset.", credit=0.5)
def gru_merged_bias(x, h0, W_xh, W_hh, b_x, b_h):
    return np_states(x, h0, W_xh, W_hh, b_x + b_h, np.zeros_like(b_h))


@gru_forward.mistake("Your z is the other way round: z keeps, h_t = (1 - z) * n + z * h_{t-1}.", credit=0.5)
def gru_z_swapped(x, h0, W_xh, W_hh, b_x, b_h):
    return np_states(x, h0, W_xh, W_hh, b_x, b_h, step=keeps_with_one_minus_z)


@gru_forward.mistake(
    "You reset before the product. This function follows gru_step: r * (h_{t-1} @ W_hn + b_hn).", credit=0.5
)
def gru_resets_before(x, h0, W_xh, W_hh, b_x, b_h):
    return np_states(x, h0, W_xh, W_hh, b_x, b_h, step=resets_before)


@gru_forward.mistake("The columns are in the order z, r, n (Keras'). Here, as in PyTorch, it is r, z, n.")
def gru_zrn(x, h0, W_xh, W_hh, b_x, b_h):
    return np_states(x, h0, W_xh, W_hh, b_x, b_h, step=step_zrn)


@gru_forward.mistake("Every entry is the last state: store a new array (or a copy) in each round.")
def gru_aliases_last(x, h0, W_xh, W_hh, b_x, b_h):
    h = np_states(x, h0, W_xh, W_hh, b_x, b_h)
    return np.repeat(h[:, -1:], x.shape[1], axis=1)
