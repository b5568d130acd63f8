"""Lesson 06, rnn_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.backpropagation_through_time.draws import case
from autograder.exercises.backpropagation_through_time.parts import (
    _before,
    collect,
    np_bptt,
    np_step_backward,
)
from autograder.exercises.families import averaged, tanh_slope
from autograder.exercises.way_back import Parts, way_back


@exercise(
    points=4,
    difficulty=3,
    minutes=40,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Each state is used twice: by the loss of its own step, and by the next step. Both gradients arrive "
        "at it, and they add up. Which end of the sequence knows everything first?",
        "Go from the last step to the first with a carry, zero at the end. At step t: hand dh[:, t] + carry "
        "to rnn_step_backward; its dh_prev is the next carry; its three weight gradients are added to "
        "running sums. The state before step 0 is h0.",
        "for t in reversed(range(T)): h_prev = h[:, t - 1] if t else h0; dx[:, t], carry, dW, dU, db = "
        "rnn_step_backward(dh[:, t] + carry, x[:, t], h_prev, h[:, t], W_xh, W_hh); then dW_xh += dW, dW_hh "
        "+= dU, db_h += db. After the loop dh0 = carry.",
    ),
    source="Werbos (1990), Backpropagation Through Time: What It Does and How to Do It",
)
def rnn_backward(dh, x, h0, h, W_xh, W_hh): ...


@rnn_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield case(rng, *sizes)
    dh, *rest = case(rng, 2, 7, 3, 5, gain=1.5)
    dh[:, :-1] = 0.0  # one loss, at the end
    yield (dh, *rest)
    dh, *rest = case(rng, 2, 3, 5, 7)
    yield (20 * dh, *rest)  # large gradients: nothing is clipped here


def _parts(dh, x, h0, h, W_xh, W_hh):
    def step(t, arrives, before):
        da = arrives[0] * (1 - h[:, t] ** 2)
        dx, dh_prev, *weights = np_step_backward(da, x[:, t], before[0], W_xh, W_hh)
        return dx, (dh_prev,), weights

    return Parts(dh, (h0,), (h,), step)


way_back(rnn_backward, _parts, ("h0",))
averaged(rnn_backward, np_bptt, ("dW_xh", "dW_hh", "db_h"))
tanh_slope(
    rnn_backward,
    lambda slope: lambda dh, x, h0, h, *weights: np_bptt(dh, x, h0, h, *weights, slope=slope(h)),
)


@rnn_backward.mistake(
    "The argument dh never enters: the carry starts at zero and nothing is added to it, so all is zero. "
    "Round t starts from dh[:, t] + carry."
)
def dh_never_added(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(np.zeros_like(dh), x, h0, h, W_xh, W_hh)


@rnn_backward.mistake(
    "Your dh0 stops before W_hh: it is the gradient inside step 0. h0 entered through W_hh, so multiply by "
    "W_hh.T once more.",
    credit=0.5,
)
def dh0_before_weights(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, np.linalg.solve(W_hh, dh0.T).T, *weights


@rnn_backward.mistake(
    "You took the slope of tanh one step too early, 1 - h[:, t-1]**2. Step t ended in h[:, t]."
)
def slope_of_wrong_step(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, slope=1 - _before(h0, h) ** 2)


@rnn_backward.mistake(
    "The carry skips the slope of tanh: what goes back to step t-1 is (total * (1 - h**2)) @ W_hh.T."
)
def carry_without_slope(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        total = dh[:, t] + carry
        da[:, t] = total * (1 - h[:, t] ** 2)
        carry = total @ W_hh.T
    return collect(da, carry, x, _before(h0, h), W_xh)


@rnn_backward.mistake("W_hh is not transposed on the way back: the carry is da @ W_hh.T.")
def carry_without_transpose(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, back=W_hh)


@rnn_backward.mistake(
    "Your weight gradients are averaged over the steps. A shared weight gets the *sum* over all its uses.",
    credit=0.5,
)
def steps_averaged(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, dh0, *(w / x.shape[1] for w in weights)


@rnn_backward.mistake(
    "W_hh is missing on the way back: h_t reached step t+1 through W_hh, so the carry is da @ W_hh.T."
)
def carry_without_weights(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, back=np.eye(len(W_hh)))
