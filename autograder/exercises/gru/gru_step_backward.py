"""Lesson 10, gru_step_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged, gate_order
from autograder.exercises.gru.draws import STEP_SIZES, step_case
from autograder.exercises.gru.parts import np_step_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=40,
    returns=("dx", "dh_prev", "dW_xh", "dW_hh", "db_x", "db_h"),
    hints=(
        "h_prev has three ways into h: directly (z * h_prev), through the gates, and through the candidate. "
        "Their gradients add.",
        "With a for the sums inside the squashings: da_n = dh * (1-z) * (1-n^2), da_z = dh * (h_prev - n) * "
        "z * (1-z), and da_r = da_n * h_n * r * (1-r) with h_n = h_prev @ W_hn + b_hn. Stack [da_r, da_z, "
        "da_n] for the input's side; on the state's side the last block is da_n * r.",
        "to_x = np.concatenate([da_r, da_z, da_n], axis=1); to_h = the same with da_n * r in the last block; "
        "return to_x @ W_xh.T, dh * z + to_h @ W_hh.T, x.T @ to_x, h_prev.T @ to_h, to_x.sum(0), to_h.sum(0)",
    ),
    source="Cho et al. (2014), equations 5 to 8, differentiated",
)
def gru_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h): ...


@gru_step_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in STEP_SIZES:
        yield (rng.normal(size=(N, H)), *step_case(rng, N, D, H))
    yield (rng.normal(size=(3, 5)), *step_case(rng, 3, 2, 5, scale=9.0))
    yield (rng.normal(size=(5, 3)), *step_case(rng, 5, 2, 3, first=900.0))


_STEP_BACKWARD_MISTAKES = {
    "direct_path_missing": (
        "no direct path",
        "The direct path is missing in dh_prev: z * h_prev hands dh * z straight back. It is what keeps old "
        "gradients alive.",
        0.5,
    ),
    "gates_path_missing": (
        "only direct",
        "In dh_prev only the direct path dh * z is there. The gates and the candidate read h_prev too: add "
        "what comes back through W_hh.",
        0,
    ),
    "reset_path_missing": (
        "no r path",
        "The reset gate gets no gradient: da_r = da_n * h_n * r * (1 - r), where h_n is what the state says "
        "to n.",
        0,
    ),
    "reset_missing_in_candidate": (
        "reset missing",
        "On the state's side the candidate's gradient passes the reset gate: da_n * r, in W_hh's and in "
        "b_h's share.",
        0.5,
    ),
    "sign_of_update_gate": (
        "sign of z",
        "The sign of the update gate's gradient is wrong: more z means more h_prev and less n, so h_prev - "
        "n.",
        0,
    ),
    "update_gate_without_old_state": (
        "no old state in z",
        "The update gate stands in both terms of h: its gradient is dh * (h_prev - n), not -dh * n alone.",
        0,
    ),
    "gate_slopes_missing": (
        "no gate slopes",
        "The sigmoids' slopes are missing: times z * (1 - z) for z, and times r * (1 - r) for r.",
        0,
    ),
    "candidate_slope_missing": (
        "no n slope",
        "The candidate's slope is missing: it went through tanh, so da_n takes a factor 1 - n^2.",
        0,
    ),
    "z_and_one_minus_z": (
        "z swapped",
        "The two weights are swapped on the way back: h_prev's share is dh * z, the candidate's dh * (1 - "
        "z).",
        0,
    ),
    "reset_gate_sees_state": (
        "r sees state",
        "The reset gate scaled h_n = h_prev @ W_hn + b_hn; that is the factor in da_r. You used h_prev.",
        0,
    ),
    "one_bias_gradient": (
        "one bias gradient",
        "The two biases' gradients differ: in the candidate's block b_h sits inside the reset, so db_h has "
        "da_n * r.",
        0.5,
    ),
    "bias_gradients_per_sequence": (
        "bias per sequence",
        "Every sequence of the batch uses the same biases: sum their gradients over the batch (axis 0).",
        0.5,
    ),
    "reset_on_input_side": (
        "reset everywhere",
        "You multiplied da_n by r on the input's side as well. Only the state's share passed the reset gate: "
        "[da_r, da_z, da_n] for x, W_xh and b_x, and [da_r, da_z, da_n * r] for h_prev, W_hh and b_h.",
        0.5,
    ),
    "blocks_zrn": (
        "zrn",
        "You stacked the gradients in the order z, r, n; the columns of the weights stand r, z, n.",
        0,
    ),
}


def _step_backward_mistake(wrong):
    def answer(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
        return np_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _STEP_BACKWARD_MISTAKES.items():
    gru_step_backward.add_mistake(_name, _step_backward_mistake(_wrong), _message, _credit)


gate_order(gru_step_backward, np_step_backward, "rzn", "zrn")
for _gate in "rz":
    gru_step_backward.add_mistake(
        f"slope_of_{_gate}_missing",
        _step_backward_mistake(f"no slope of {_gate}"),
        f"The slope of one sigmoid is missing: {_gate} * (1 - {_gate}) in the part of {_gate}.",
        0.5,
    )
averaged(gru_step_backward, np_step_backward, ("dW_xh", "dW_hh", "db_x", "db_h"))


@gru_step_backward.mistake(
    "The direct path is dh itself in your dh_prev. The state went on scaled by z, so that dh * z comes back.",
    credit=0.5,
)
def direct_path_without_z(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
    dx, _, *weights = np_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h)
    _, through, *_ = np_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h, "no direct path")
    return dx, through + dh, *weights


@gru_step_backward.mistake(
    "In da_r you left the bias out: the reset gate scaled h_prev @ W_hn + b_hn, and all of it is the factor."
)
def reset_gate_without_bias(*given):
    return np_step_backward(*given, "no bias in r")
