"""Lesson 10, gru_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import gate_order, starts_from_zeros
from autograder.exercises.gru.draws import sequence_case
from autograder.exercises.gru.gru_step import keeps_with_one_minus_z, resets_before
from autograder.exercises.gru.parts import np_states
from autograder.exercises.loops import loops


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "One loop over time, and a single array that travels: the state.",
        "Start with h_t = h0. In round t your gru_step turns x[:, t] and h_t into the next state; keep it in "
        "an array of shape (N, T, H).",
        "In round t: h_t = gru_step(x[:, t], h_t, W_xh, W_hh, b_x, b_h); h[:, t] = h_t",
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


starts_from_zeros(gru_forward, np_states, "h0")
loops(gru_forward, np_states, ("x",), ("h0",))
gate_order(gru_forward, np_states, "rzn", "zrn")


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
