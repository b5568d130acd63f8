"""Lesson 06, rnn_step_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.backpropagation_through_time.parts import np_step_backward
from autograder.exercises.families import averaged, tanh_slope
from autograder.exercises.numpy_rnn.draws import rnn_weights


@exercise(
    points=3,
    difficulty=2,
    minutes=25,
    returns=("dx", "dh_prev", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Write the step in two lines, a = x W_xh + h_prev W_hh + b_h and h = tanh(a), and go back through "
        "them one at a time.",
        "First through tanh: da = dh * (1 - h**2), because tanh'(a) = 1 - tanh(a)^2 and h is tanh(a). Then "
        "through the sum: each of the five gets da, in the one way its shape allows.",
        "da = dh * (1 - h**2); return da @ W_xh.T, da @ W_hh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)",
    ),
    source="Werbos (1990), Backpropagation Through Time: What It Does and How to Do It",
)
def rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh): ...


@rnn_step_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H, size_dh, size_x in (
        (2, 3, 5, 1, 1),
        (7, 5, 3, 1, 1),
        (1, 2, 3, 1, 1),
        (5, 1, 2, 1, 1),
        (3, 2, 5, 20, 1),  # large gradients: nothing is clipped here
        (5, 3, 3, 1, 1),  # square weights: what is exchanged or transposed fits, and gives other numbers
        (11, 3, 5, 1, 4),  # saturated states: small slopes, not zero
    ):
        x, h_prev = size_x * rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H))
        W_xh, W_hh, b_h = rnn_weights(rng, D, H)
        h = np.tanh(x @ W_xh + h_prev @ W_hh + b_h)
        yield size_dh * rng.normal(size=(N, H)), x, h_prev, h, W_xh, W_hh


def _np_right(dh, x, h_prev, h, W_xh, W_hh, slope=lambda h: 1 - h**2):
    return np_step_backward(dh * slope(h), x, h_prev, W_xh, W_hh)


tanh_slope(rnn_step_backward, lambda slope: lambda *given: _np_right(*given, slope=slope))
averaged(rnn_step_backward, _np_right, ("dW_xh", "dW_hh", "db_h"))


@rnn_step_backward.mistake("You took the slope at h_prev. This step's tanh gave h, so its slope is 1 - h**2.")
def step_slope_of_previous(dh, x, h_prev, h, W_xh, W_hh):
    return np_step_backward(dh * (1 - h_prev**2), x, h_prev, W_xh, W_hh)


@rnn_step_backward.mistake(
    "Your dh_prev skips the slope of tanh: it is da @ W_hh.T with da = dh * (1 - h**2), not dh @ W_hh.T."
)
def step_dh_prev_without_slope(dh, x, h_prev, h, W_xh, W_hh):
    dx, _, dW_xh, dW_hh, db_h = np_step_backward(dh * (1 - h**2), x, h_prev, W_xh, W_hh)
    return dx, dh @ W_hh.T, dW_xh, dW_hh, db_h


@rnn_step_backward.mistake(
    "W_hh is not transposed in your dh_prev. Unit j sent its value along row j of W_hh, so what comes back "
    "to it is da @ W_hh.T."
)
def step_dh_prev_without_transpose(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    dx, _, dW_xh, dW_hh, db_h = np_step_backward(da, x, h_prev, W_xh, W_hh)
    return dx, da @ W_hh, dW_xh, dW_hh, db_h


@rnn_step_backward.mistake(
    "W_xh is not transposed in your dx: da (N, H) comes back to the inputs through W_xh.T, (H, D)."
)
def step_dx_without_transpose(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return da @ W_xh, *np_step_backward(da, x, h_prev, W_xh, W_hh)[1:]


@rnn_step_backward.mistake(
    "Your dW_hh uses h. What W_hh multiplied in this step was the state *before* it: h_prev.T @ da."
)
def step_dw_hh_with_new_state(dh, x, h_prev, h, W_xh, W_hh):
    return np_step_backward(dh * (1 - h**2), x, h, W_xh, W_hh)


@rnn_step_backward.mistake(
    "Your weight gradients are transposed: dW has the shape of W, inputs along the rows: x.T @ da, h_prev.T "
    "@ da.",
    credit=0.5,
)
def step_weight_gradients_transposed(dh, x, h_prev, h, W_xh, W_hh):
    dx, dh_prev, dW_xh, dW_hh, db_h = np_step_backward(dh * (1 - h**2), x, h_prev, W_xh, W_hh)
    return dx, dh_prev, dW_xh.T, dW_hh.T, db_h


@rnn_step_backward.mistake(
    "Your db_h is not summed over the batch: all N sequences share the bias, so their gradients add up, (H,)."
)
def step_bias_not_summed(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return *np_step_backward(da, x, h_prev, W_xh, W_hh)[:4], da


@rnn_step_backward.mistake(
    "You added dh to dh_prev. In one step h_prev acts through W_hh only: dh_prev is da @ W_hh.T. What other "
    "losses say about h_prev is added outside."
)
def step_dh_added(dh, x, h_prev, h, W_xh, W_hh):
    dx, dh_prev, *weights = np_step_backward(dh * (1 - h**2), x, h_prev, W_xh, W_hh)
    return dx, dh_prev + dh, *weights


@rnn_step_backward.mistake(
    "Your db_h sums dh. The bias sits inside the tanh, like the weights: sum da = dh * (1 - h**2).",
    credit=0.5,
)
def step_bias_without_slope(dh, x, h_prev, h, W_xh, W_hh):
    dx, dh_prev, dW_xh, dW_hh, _ = _np_right(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh_prev, dW_xh, dW_hh, dh.sum(axis=0)


@rnn_step_backward.mistake(
    "W_xh and W_hh are exchanged: da comes back to the inputs through W_xh.T, to the old state through "
    "W_hh.T."
)
def step_weights_exchanged(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return da @ W_hh.T, da @ W_xh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)
