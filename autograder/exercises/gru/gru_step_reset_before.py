"""Lesson 10, gru_step_reset_before: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import gate_order
from autograder.exercises.gru.draws import STEP_SIZES, step_case
from autograder.exercises.gru.parts import np_step
from autograder.exercises.lstm.parts import np_sigmoid


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "Same gates, same mixture. Only the candidate differs: which state does W_hn get to see?",
        "Here the reset state r * h_prev goes through W_hn = W_hh[:, 2H:]. So r and z must be there before "
        "that product can start.",
        "n = np.tanh(x @ W_xh[:, 2*H:] + (r * h_prev) @ W_hh[:, 2*H:] + b_h[2*H:]); return (1 - z) * n + z "
        "* h_prev",
    ),
    source="Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder",
)
def gru_step_reset_before(x, h_prev, W_xh, W_hh, b_h): ...


@gru_step_reset_before.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in STEP_SIZES:
        yield step_case(rng, *sizes)[:5]
    yield step_case(rng, 3, 2, 5, scale=900.0)[:5]


def _np_before(x, h_prev, W_xh, W_hh, b_h):
    """r, z, and the two parts of the candidate: the input's share with the bias, and W_hn."""
    H = len(W_hh)
    x_r, x_z, x_n = np.split(x @ W_xh + b_h, 3, axis=-1)
    r = np_sigmoid(x_r + h_prev @ W_hh[:, :H])
    z = np_sigmoid(x_z + h_prev @ W_hh[:, H : 2 * H])
    return r, z, x_n, W_hh[:, 2 * H :]


def _np_right(x, h_prev, W_xh, W_hh, b_h):
    r, z, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return (1 - z) * np.tanh(x_n + (r * h_prev) @ W_hn) + z * h_prev


gate_order(gru_step_reset_before, _np_right, "rzn", "zrn")


@gru_step_reset_before.mistake(
    "The candidate's bias is left out: its third of b_h belongs into n.", credit=0.5
)
def before_without_candidate_bias(x, h_prev, W_xh, W_hh, b_h):
    gates_only = np.where(np.arange(len(b_h)) < 2 * len(W_hh), b_h, 0)
    return _np_right(x, h_prev, W_xh, W_hh, gates_only)


@gru_step_reset_before.mistake(
    "You reset *after* the product, r * (h_prev @ W_hn). Here r multiplies the state before it: (r * "
    "h_prev) @ W_hn.",
    credit=0.5,
)
def resets_after(x, h_prev, W_xh, W_hh, b_h):
    return np_step(x, h_prev, W_xh, W_hh, b_h, np.zeros_like(b_h))


@gru_step_reset_before.mistake(
    "You reset after the product and the bias with it. Here r multiplies the state alone: (r * h_prev) @ "
    "W_hn; the bias is not reset."
)
def resets_after_with_bias(x, h_prev, W_xh, W_hh, b_h):
    return np_step(x, h_prev, W_xh, W_hh, np.zeros_like(b_h), b_h)


@gru_step_reset_before.mistake(
    "Your z is the other way round. Here too z *keeps*: h = (1 - z) * n + z * h_prev.", credit=0.5
)
def before_with_z_swapped(x, h_prev, W_xh, W_hh, b_h):
    r, z, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return z * np.tanh(x_n + (r * h_prev) @ W_hn) + (1 - z) * h_prev


@gru_step_reset_before.mistake("The reset gate is missing: n sees r * h_prev, not h_prev.")
def before_without_reset(x, h_prev, W_xh, W_hh, b_h):
    _, z, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return (1 - z) * np.tanh(x_n + h_prev @ W_hn) + z * h_prev


@gru_step_reset_before.mistake(
    "You reset the state in the mixture too. There z weighs the *full* old state: z * h_prev."
)
def resets_mixture(x, h_prev, W_xh, W_hh, b_h):
    r, z, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return (1 - z) * np.tanh(x_n + (r * h_prev) @ W_hn) + z * r * h_prev


@gru_step_reset_before.mistake(
    "You used the reset state for the gate z as well. Both gates see the full h_prev; only the candidate "
    "sees r * h_prev."
)
def update_gate_sees_reset(x, h_prev, W_xh, W_hh, b_h):
    H = len(W_hh)
    r, _, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    z = np_sigmoid((x @ W_xh + (r * h_prev) @ W_hh + b_h)[:, H : 2 * H])
    return (1 - z) * np.tanh(x_n + (r * h_prev) @ W_hn) + z * h_prev
