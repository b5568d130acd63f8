"""Lesson 09, lstm_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.lstm.draws import sequence_case
from autograder.exercises.lstm.parts import np_states, np_step_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=45,
    returns=("dx", "dh0", "dc0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Run the forward pass, keep every h and c, then go back from the last step to the first, carrying "
        "*two* gradients to the step before: dh and dc.",
        "In step t the state's gradient is dh[:, t] plus what step t+1 sent back through its gates; dc "
        "comes from step t+1's memory, zero at the end. The weights' gradients add up over all steps.",
        "dh_t, dc_t = zeros; for t in reversed(range(T)): dx[:, t], dh_t, dc_t, *now = "
        "lstm_step_backward(dh[:, t] + dh_t, dc_t, x[:, t], h_before, c_before, W_xh, W_hh, b_h); add `now` "
        "to the sums. At the end dh_t and dc_t are dh0 and dc0.",
    ),
    source="Greff et al. (2017), LSTM: A Search Space Odyssey, appendix",
)
def lstm_backward(dh, x, h0, c0, W_xh, W_hh, b_h): ...


@lstm_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield (rng.normal(size=(N, T, H)), *sequence_case(rng, N, T, D, H))
    last_only = np.zeros((2, 11, 3))
    last_only[:, -1] = rng.normal(size=(2, 3))
    yield (last_only, *sequence_case(rng, 2, 11, 2, 3, gain=2.0))
    yield (rng.normal(size=(3, 2, 5)), *sequence_case(rng, 3, 2, 3, 5, first=900.0))


def _np_backward(dh, x, h0, c0, W_xh, W_hh, b_h, wrong=""):
    """The right gradients, or those of the mistake called `wrong`."""
    T = x.shape[1]
    h, c = np_states(x, h0, c0, W_xh, W_hh, b_h)
    h_before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    c_before = np.concatenate([c0[:, None], c[:, :-1]], axis=1)
    dx, weights = np.zeros_like(x), [np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)]
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in range(T) if wrong == "forwards" else reversed(range(T)):
        arrives = dh_next if wrong == "last loss only" and t < T - 1 else dh[:, t] + dh_next
        if wrong == "no h path":
            arrives = dh[:, t]
        memory = c[:, t] if wrong == "c of this step" else c_before[:, t]
        state = h[:, t] if wrong == "h in step" else h_before[:, t]
        seen = h[:, t] if wrong == "h of this step" else state
        dx[:, t], dh_next, dc_next, *found = np_step_backward(
            arrives, dc_next, x[:, t], state, memory, W_xh, W_hh, b_h, h_seen=seen
        )
        if wrong == "no c path":
            dc_next = np.zeros_like(c0)
        weights = found if wrong == "overwritten" else [w + m for w, m in zip(weights, found, strict=True)]
    if wrong == "dh0 dropped":
        dh_next = np.zeros_like(h0)
    if wrong == "dc0 dropped":
        dc_next = np.zeros_like(c0)
    return dx, dh_next, dc_next, *weights


_BACKWARD_MISTAKES = {
    "memory_gradient_not_carried": (
        "no c path",
        "The memory's gradient stops at every step: dc from step t+1 must enter step t. It is the path this "
        "cell was built for.",
        0,
    ),
    "state_gradient_not_carried": (
        "no h path",
        "What step t+1's gates send back to h_t is missing: the state's gradient is dh[:, t] plus that.",
        0,
    ),
    "only_last_loss": (
        "last loss only",
        "Only the last step's dh is used. Every step may carry a loss: add dh[:, t] in every round.",
        0,
    ),
    "walks_forwards": (
        "forwards",
        "Your loop runs from the first step to the last. Gradients travel backwards: reversed(range(T)).",
        0,
    ),
    "weights_overwritten": (
        "overwritten",
        "The weights' gradients are overwritten in every round. One set of weights serves all steps: add up "
        "(+=).",
        0,
    ),
    "new_state_in_dW_hh": (
        "h of this step",
        "In dW_hh stands the state of the same step. W_hh met the state *before*: h_{t-1}, and h0 in the "
        "first step.",
        0.5,
    ),
    "new_state_in_step": (
        "h in step",
        "You handed h_t to the step's backward where h_{t-1} belongs (h0 in the first step).",
        0,
    ),
    "new_memory_in_step": (
        "c of this step",
        "You handed c_t to the step's backward where c_{t-1} belongs (c0 in the first step).",
        0,
    ),
    "drops_dh0": (
        "dh0 dropped",
        "Your dh0 is zero; it is the state gradient that is left after the first step's backward.",
        0.5,
    ),
    "drops_dc0": (
        "dc0 dropped",
        "Your dc0 is zero; it is the memory gradient that is left after the first step's backward.",
        0.5,
    ),
}


def _backward_mistake(wrong):
    def answer(dh, x, h0, c0, W_xh, W_hh, b_h):
        return _np_backward(dh, x, h0, c0, W_xh, W_hh, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _BACKWARD_MISTAKES.items():
    lstm_backward.add_mistake(_name, _backward_mistake(_wrong), _message, _credit)


@lstm_backward.mistake(
    "Right numbers, but you added into dh itself (dh[:, t] += ...). The caller still needs it: use a new "
    "array.",
    credit=0.5,
)
def adds_into_dh(dh, x, h0, c0, W_xh, W_hh, b_h):
    made = _np_backward(dh, x, h0, c0, W_xh, W_hh, b_h)
    for t in reversed(range(x.shape[1])):
        dh[:, t] += 1.0
    return made


@lstm_backward.mistake(
    "Your backward pass starts from zero states, but the sequence started from h0 and c0: run the forward "
    "pass with them."
)
def backward_from_zero_states(dh, x, h0, c0, W_xh, W_hh, b_h):
    return _np_backward(dh, x, np.zeros_like(h0), np.zeros_like(c0), W_xh, W_hh, b_h)
