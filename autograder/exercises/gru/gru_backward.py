"""Lesson 10, gru_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.gru.draws import sequence_case
from autograder.exercises.gru.parts import np_states, np_step_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=35,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_x", "db_h"),
    hints=(
        "As for the LSTM, with one travelling gradient instead of two: forward first, then back through "
        "time.",
        "In step t what arrives is dh[:, t] plus what step t+1 sent back, its direct share dh * z included. "
        "The weights' gradients add up over all steps.",
        "dh_t = zeros; for t in reversed(range(T)): dx[:, t], dh_t, *now = gru_step_backward(dh[:, t] + "
        "dh_t, x[:, t], h_before, W_xh, W_hh, b_x, b_h); add `now` to the sums. At the end dh_t is dh0.",
    ),
    source="Cho et al. (2014), differentiated; Werbos (1990), Backpropagation Through Time",
)
def gru_backward(dh, x, h0, W_xh, W_hh, b_x, b_h): ...


@gru_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield (rng.normal(size=(N, T, H)), *sequence_case(rng, N, T, D, H))
    last_only = np.zeros((2, 11, 3))
    last_only[:, -1] = rng.normal(size=(2, 3))
    yield (last_only, *sequence_case(rng, 2, 11, 2, 3, gain=2.0))
    yield (rng.normal(size=(3, 2, 5)), *sequence_case(rng, 3, 2, 3, 5, first=900.0))


def _np_backward(dh, x, h0, W_xh, W_hh, b_x, b_h, wrong=""):
    """The right gradients, or those of the mistake called `wrong`."""
    T = x.shape[1]
    h = np_states(x, h0, W_xh, W_hh, b_x, b_h)
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dx, sums = np.zeros_like(x), [np.zeros_like(w) for w in (W_xh, W_hh, b_x, b_h)]
    dh_next = np.zeros_like(h0)
    for t in range(T) if wrong == "forwards" else reversed(range(T)):
        arrives = dh_next if wrong == "last loss only" and t < T - 1 else dh[:, t] + dh_next
        if wrong == "nothing arrives":
            arrives = dh[:, t]
        memory = h[:, t] if wrong == "h of this step" else before[:, t]
        seen = h[:, t] if wrong == "h in dW_hh" else memory
        inner = "no direct path" if wrong == "no direct path" else ""
        dx[:, t], dh_next, *found = np_step_backward(
            arrives, x[:, t], memory, W_xh, W_hh, b_x, b_h, wrong=inner, h_seen=seen
        )
        sums = found if wrong == "overwritten" else [s + m for s, m in zip(sums, found, strict=True)]
    return dx, np.zeros_like(h0) if wrong == "dh0 dropped" else dh_next, *sums


_BACKWARD_MISTAKES = {
    "later_steps_missing": (
        "nothing arrives",
        "What step t+1 sends back to h_t is missing: each step's gradient is dh[:, t] plus that.",
        0,
    ),
    "gru_only_last_loss": (
        "last loss only",
        "Only the last step's dh is used. Every step may carry a loss: add dh[:, t] in every round.",
        0,
    ),
    "carry_missing": (
        "no direct path",
        "From step to step the direct share dh * z is missing: it goes back to h_{t-1} beside the gates' "
        "share.",
        0,
    ),
    "gru_walks_forwards": (
        "forwards",
        "Your loop runs from the first step to the last. Gradients travel backwards: reversed(range(T)).",
        0,
    ),
    "gru_weights_overwritten": (
        "overwritten",
        "The weights' gradients are overwritten in every round. One set of weights serves all steps: add up.",
        0,
    ),
    "gru_new_state_in_dW_hh": (
        "h in dW_hh",
        "In dW_hh stands the state of the same step. W_hh met the state *before*: h_{t-1}, h0 in the first "
        "step.",
        0.5,
    ),
    "gru_new_state_in_step": (
        "h of this step",
        "You handed h_t to the step's backward where h_{t-1} belongs (h0 in the first step).",
        0,
    ),
    "gru_drops_dh0": (
        "dh0 dropped",
        "Your dh0 is zero; it is the gradient that is left after the first step's backward.",
        0.5,
    ),
}


def _backward_mistake(wrong):
    def answer(dh, x, h0, W_xh, W_hh, b_x, b_h):
        return _np_backward(dh, x, h0, W_xh, W_hh, b_x, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _BACKWARD_MISTAKES.items():
    gru_backward.add_mistake(_name, _backward_mistake(_wrong), _message, _credit)


@gru_backward.mistake(
    "Your backward pass starts from a zero state, but the sequence started from h0: run the forward pass "
    "with it."
)
def gru_backward_from_zero(dh, x, h0, W_xh, W_hh, b_x, b_h):
    return _np_backward(dh, x, np.zeros_like(h0), W_xh, W_hh, b_x, b_h)


@gru_backward.mistake(
    "Right numbers, but you added into dh itself (dh[:, t] += ...). The caller still needs it: use a new "
    "array.",
    credit=0.5,
)
def gru_adds_into_dh(dh, x, h0, W_xh, W_hh, b_x, b_h):
    made = _np_backward(dh, x, h0, W_xh, W_hh, b_x, b_h)
    dh += 1.0
    return made
