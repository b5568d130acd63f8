"""Lesson 09, lstm_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged, gate_order, starts_from_zeros
from autograder.exercises.lstm.draws import sequence_case
from autograder.exercises.lstm.parts import np_states, np_step_backward
from autograder.exercises.way_back import Parts, walk, way_back


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


def _parts(dh, x, h0, c0, W_xh, W_hh, b_h):
    def step(t, arrives, before):
        dx, dh_prev, dc_prev, *weights = np_step_backward(*arrives, x[:, t], *before, W_xh, W_hh, b_h)
        return dx, (dh_prev, dc_prev), weights

    return Parts(dh, (h0, c0), np_states(x, h0, c0, W_xh, W_hh, b_h), step)


_np_backward = way_back(lstm_backward, _parts, ("h0", "c0"))
starts_from_zeros(lstm_backward, _np_backward, "h0", "c0")
gate_order(lstm_backward, _np_backward, "ifgo", "ifog", "figo")
averaged(lstm_backward, _np_backward, ("dW_xh", "dW_hh", "db_h"))


@lstm_backward.mistake(
    "The memory's gradient stops at every step: dc from step t+1 must enter step t. It is the path this "
    "cell was built for."
)
def memory_gradient_not_carried(*given):
    parts = _parts(*given)

    def step(t, arrives, before):
        return parts.step(t, (arrives[0], np.zeros_like(arrives[1])), before)

    return walk(Parts(parts.dh, parts.starts, parts.states, step))


@lstm_backward.mistake(
    "In dW_hh stands the state of the same step. W_hh met the state *before*: h_{t-1}, and h0 in the first "
    "step.",
    credit=0.5,
)
def new_state_in_dw_hh(dh, x, h0, c0, W_xh, W_hh, b_h):
    parts = _parts(dh, x, h0, c0, W_xh, W_hh, b_h)

    def step(t, arrives, before):
        seen = parts.states[0][:, t]
        dx, dh_prev, dc_prev, *weights = np_step_backward(
            *arrives, x[:, t], *before, W_xh, W_hh, b_h, h_seen=seen
        )
        return dx, (dh_prev, dc_prev), weights

    return walk(Parts(dh, parts.starts, parts.states, step))


@lstm_backward.mistake(
    "The memory's gradient grows from round to round: you add to it where it should be replaced. What step "
    "t hands back already contains all that came to it from later steps."
)
def memory_gradient_accumulates(*given):
    parts, total = _parts(*given), 0

    def step(t, arrives, before):
        nonlocal total
        dx, (dh_prev, dc_prev), weights = parts.step(t, (arrives[0], total + arrives[1]), before)
        total = total + arrives[1]
        return dx, (dh_prev, dc_prev), weights

    dx, dh0, dc0, *weights = walk(Parts(parts.dh, parts.starts, parts.states, step))
    return dx, dh0, total + dc0, *weights
