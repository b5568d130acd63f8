"""Lesson 10, gru_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import gate_order
from autograder.exercises.gru.draws import STEP_SIZES, step_case
from autograder.exercises.gru.parts import np_parts, np_step
from autograder.exercises.lstm.parts import np_sigmoid


@exercise(
    points=2,
    difficulty=2,
    minutes=20,
    returns=("h",),
    hints=(
        "Two gates first, r and z, from the input and the state. Then the candidate n, in which r scales "
        "what the state says. Then a mixture of n and the old state.",
        "Compute x @ W_xh + b_x and h_prev @ W_hh + b_h, both (N, 3H), and split each into r, z, n. Keep "
        "the two apart: in n, the factor r multiplies the second one, its bias included.",
        "r = sigmoid(x_r + h_r); z = sigmoid(x_z + h_z); n = np.tanh(x_n + r * h_n); return (1 - z) * n + z "
        "* h_prev",
    ),
    source="Cho et al. (2014), Learning Phrase Representations; reset after the product as in cuDNN and "
    "PyTorch",
)
def gru_step(x, h_prev, W_xh, W_hh, b_x, b_h): ...


@gru_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in STEP_SIZES:
        yield step_case(rng, *sizes)
    yield step_case(rng, 3, 2, 5, scale=900.0)


@gru_step.mistake(
    "Your z is the other way round. Here, as in PyTorch, z *keeps*: h = (1 - z) * n + z * h_prev. Some "
    "papers, Chung et al. (2014) for one, swap the two.",
    credit=0.5,
)
def keeps_with_one_minus_z(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    return z * np.tanh(x_n + r * h_n) + (1 - z) * h_prev


@gru_step.mistake(
    "You reset *before* the product, (r * h_prev) @ W_hn. That is the paper's form, the next exercise; here "
    "r multiplies the product: r * (h_prev @ W_hn + b_hn).",
    credit=0.5,
)
def resets_before(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, _) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    H = len(W_hh)
    n = np.tanh(x_n + (r * h_prev) @ W_hh[:, 2 * H :] + b_h[2 * H :])
    return (1 - z) * n + z * h_prev


@gru_step.mistake("The reset gate is missing from the candidate: n = tanh(x_n + r * h_n).")
def no_reset(x, h_prev, W_xh, W_hh, b_x, b_h):
    (_, x_z, x_n), (_, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    z = np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(x_n + h_n) + z * h_prev


@gru_step.mistake("Your reset gate scales the *input's* share. It decides how much of the state n may see.")
def resets_input(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(r * x_n + h_n) + z * h_prev


@gru_step.mistake(
    "Your reset gate scales the whole sum. Only the state's share is reset: tanh(x_n + r * h_n)."
)
def resets_everything(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(r * (x_n + h_n)) + z * h_prev


@gru_step.mistake(
    "You merged the two biases. In the candidate b_h's share sits *inside* the reset: r * (h_prev @ W_hn + "
    "b_hn). That is why this cell needs two.",
    credit=0.5,
)
def merges_biases(x, h_prev, W_xh, W_hh, b_x, b_h):
    return np_step(x, h_prev, W_xh, W_hh, b_x + b_h, np.zeros_like(b_h))


gate_order(gru_step, np_step, "rzn", "zrn")


@gru_step.mistake("The candidate n went through a sigmoid. It is content and may be negative: tanh.")
def candidate_sigmoid(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    return (1 - z) * np_sigmoid(x_n + r * h_n) + z * h_prev


@gru_step.mistake("The old state is missing from the mixture: h = (1 - z) * n + z * h_prev.")
def forgets_old_state(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(x_n + r * h_n)


@gru_step.mistake(
    "You squashed the mixture once more. h = (1 - z) * n + z * h_prev as it stands, without a tanh."
)
def squashes_mixture(x, h_prev, W_xh, W_hh, b_x, b_h):
    return np.tanh(np_step(x, h_prev, W_xh, W_hh, b_x, b_h))


@gru_step.mistake("The bias b_x is missing: x @ W_xh + b_x.", credit=0.5)
def input_bias_missing(x, h_prev, W_xh, W_hh, b_x, b_h):
    return np_step(x, h_prev, W_xh, W_hh, np.zeros_like(b_x), b_h)


@gru_step.mistake("The bias b_h is missing: h_prev @ W_hh + b_h.", credit=0.5)
def state_bias_missing(x, h_prev, W_xh, W_hh, b_x, b_h):
    return np_step(x, h_prev, W_xh, W_hh, b_x, np.zeros_like(b_h))


@gru_step.mistake(
    "The candidate's bias b_hn is left out: its third of b_h belongs into r * (h_prev @ W_hn + b_hn).",
    credit=0.5,
)
def candidate_bias_missing(x, h_prev, W_xh, W_hh, b_x, b_h):
    gates_only = np.where(np.arange(len(b_h)) < 2 * len(W_hh), b_h, 0)
    return np_step(x, h_prev, W_xh, W_hh, b_x, gates_only)
