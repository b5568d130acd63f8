"""Lesson 10, gru_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged, gate_order, starts_from_zeros
from autograder.exercises.gru.draws import sequence_case
from autograder.exercises.gru.parts import np_states, np_step_backward
from autograder.exercises.way_back import Parts, walk, way_back


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


def _parts(dh, x, h0, W_xh, W_hh, b_x, b_h, wrong=""):
    h = np_states(x, h0, W_xh, W_hh, b_x, b_h)

    def step(t, arrives, before):
        seen = h[:, t] if wrong == "h in dW_hh" else None
        dx, dh_prev, *weights = np_step_backward(
            arrives[0], x[:, t], before[0], W_xh, W_hh, b_x, b_h, wrong, seen
        )
        return dx, (dh_prev,), weights

    return Parts(dh, (h0,), (h,), step)


_np_backward = way_back(gru_backward, _parts, ("h0",))
starts_from_zeros(gru_backward, _np_backward, "h0")
gate_order(gru_backward, _np_backward, "rzn", "zrn")
averaged(gru_backward, _np_backward, ("dW_xh", "dW_hh", "db_x", "db_h"))


@gru_backward.mistake(
    "From step to step the direct share dh * z is missing: it goes back to h_{t-1} beside the gates' share."
)
def carry_missing(*given):
    return walk(_parts(*given, wrong="no direct path"))


@gru_backward.mistake(
    "In dW_hh stands the state of the same step. W_hh met the state *before*: h_{t-1}, h0 in the first step.",
    credit=0.5,
)
def gru_new_state_in_dw_hh(*given):
    return walk(_parts(*given, wrong="h in dW_hh"))
