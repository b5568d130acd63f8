"""Lesson 09, lstm_step_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged, gate_order
from autograder.exercises.lstm.draws import STEP_SIZES, step_case
from autograder.exercises.lstm.parts import np_gates, np_step, np_step_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=40,
    returns=("dx", "dh_prev", "dc_prev", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Write the forward step once more, and walk it back line by line: h = o * tanh(c); c = f * c_prev + "
        "i * g; the gates; the sum. c has *two* heirs: the next step (dc) and h.",
        "dc = dc + dh * o * (1 - tanh(c)^2). Then di = dc * g, df = dc * c_prev, dg = dc * i, do = dh * "
        "tanh(c), dc_prev = dc * f. Each times the slope of its own squashing, s(1-s) or 1-g^2; stacked as "
        "da (N, 4H) they pass the sum as in lesson 06.",
        "da = np.concatenate([di*i*(1-i), df*f*(1-f), dg*(1-g**2), do*o*(1-o)], axis=1); return da @ "
        "W_xh.T, da @ W_hh.T, dc*f, x.T @ da, h_prev.T @ da, da.sum(axis=0)",
    ),
    source="Gers, Schmidhuber and Cummins (2000); Greff et al. (2017), LSTM: A Search Space Odyssey, "
    "appendix",
)
def lstm_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h): ...


@lstm_step_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in STEP_SIZES:
        yield (rng.normal(size=(N, H)), rng.normal(size=(N, H)), *step_case(rng, N, D, H))
    yield (rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), *step_case(rng, 3, 2, 5, scale=9.0))
    yield (rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), *step_case(rng, 5, 2, 3, first=900.0))


_STEP_BACKWARD_MISTAKES = {
    "drops_dc": (
        "no dc",
        "The gradient dc that arrives from the next step's memory is missing: add it to what comes through "
        "h.",
        0,
    ),
    "drops_h_path": (
        "no h path",
        "The memory also gets a gradient through h = o * tanh(c). Add dh * o * (1 - tanh(c)^2) to dc.",
        0,
    ),
    "tanh_slope_missing": (
        "no slope",
        "On its way from h into c the gradient passes a tanh: dh * o * (1 - tanh(c)^2). Its slope is "
        "missing.",
        0,
    ),
    "tanh_slope_of_c": (
        "slope of c",
        "You wrote 1 - c^2. The slope of tanh at c is 1 - tanh(c)^2; c itself has no bounds.",
        0,
    ),
    "output_gate_without_memory": (
        "raw o",
        "The output gate's gradient lacks tanh(c): h = o * tanh(c), so do = dh * tanh(c).",
        0,
    ),
    "output_gate_sees_raw_memory": (
        "o sees c",
        "The output gate scales tanh(c), not c: do = dh * tanh(c).",
        0.5,
    ),
    "dc_prev_without_f": (
        "kept",
        "The forget gate is missing in dc_prev: c = f * c_prev + ..., so dc_prev is the memory's gradient "
        "times f.",
        0.5,
    ),
    "dc_prev_without_h": (
        "late",
        "For dc_prev you used the dc that arrives, before adding what comes through h. Add first, then take "
        "times f.",
        0.5,
    ),
    "gate_slopes_missing": (
        "no gate slopes",
        "The slopes of the squashings are missing: s * (1 - s) for i, f and o, 1 - g^2 for g.",
        0,
    ),
    "candidate_slope_of_sigmoid": (
        "sigmoid slope of g",
        "The candidate g went through tanh, so its slope is 1 - g^2. You used the sigmoid's, g * (1 - g).",
        0.5,
    ),
    "new_memory_for_old": (
        "new c",
        "The forget gate scaled the memory *before* the step: df = dc * c_prev. You used the new c.",
        0.5,
    ),
    "factors_swapped": (
        "i and g",
        "In the product i * g each one's gradient has the *other* as its factor: di = dc * g and dg = dc * "
        "i.",
        0,
    ),
    "output_gate_missing_on_the_way": (
        "no o",
        "What comes through h also passes the output gate: dh * o * (1 - tanh(c)^2). Your o is missing.",
        0.5,
    ),
    "output_gate_gets_dc": (
        "o from dc",
        "The output gate stands in h alone, h = o * tanh(c): its gradient is dh * tanh(c), without dc.",
        0.5,
    ),
    "blocks_in_wrong_order": (
        "ifog",
        "You stacked the gate gradients in the order i, f, o, g; the columns of the weights stand i, f, g, "
        "o.",
        0,
    ),
    "bias_gradient_per_sequence": (
        "bias per sequence",
        "Every sequence of the batch uses the same b_h, so db_h is the sum over the batch: da.sum(axis=0).",
        0.5,
    ),
}


def _step_backward_mistake(wrong):
    def answer(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
        return np_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _STEP_BACKWARD_MISTAKES.items():
    lstm_step_backward.add_mistake(_name, _step_backward_mistake(_wrong), _message, _credit)


@lstm_step_backward.mistake(
    "A transpose is missing: what went forwards through W goes back through W.T, as in da @ W_xh.T."
)
def backward_without_transpose(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    _, *others = np_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h)
    da = np.concatenate(np_gates(x, h_prev, W_xh, W_hh, b_h), axis=-1)
    return da @ W_xh, *others


gate_order(lstm_step_backward, np_step_backward, "ifgo", "ifog", "figo")
averaged(lstm_step_backward, np_step_backward, ("dW_xh", "dW_hh", "db_h"))

for _gate, _slope in {"i": "i * (1 - i)", "f": "f * (1 - f)", "g": "1 - g^2", "o": "o * (1 - o)"}.items():
    lstm_step_backward.add_mistake(
        f"slope_of_{_gate}_missing",
        _step_backward_mistake(f"no slope of {_gate}"),
        f"The slope of one squashing is missing: {_slope} in the part of {_gate}.",
        0.5,
    )


@lstm_step_backward.mistake(
    "Your dW_hh uses the new h. What W_hh multiplied in this step was the state before it: h_prev.T @ da.",
    credit=0.5,
)
def new_state_in_dw_hh(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    h, _ = np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)
    return np_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h, h_seen=h)
