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


@rnn_backward.mistake(
    "The gradient that arrives from the next step is not added: state h_t also acts through step t+1. Add "
    "the dh_prev of step t+1 to dh[:, t]."
)
def next_step_not_added(dh, x, h0, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return collect(da, da[:, 0] @ W_hh.T, x, _before(h0, h), W_xh)


@rnn_backward.mistake(
    "The weight gradients are overwritten in each round, so only step 0 is left. Every step used the "
    "weights: start from zeros and accumulate with +=."
)
def gradients_overwritten(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da[:, t] @ W_hh.T
    first = da[:, 0]
    return da @ W_xh.T, carry, x[:, 0].T @ first, h0.T @ first, first.sum(axis=0)


@rnn_backward.mistake(
    "Your loop runs forwards. The last step knows its whole gradient first: go from T-1 down to 0."
)
def loop_runs_forwards(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in range(h.shape[1]):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da[:, t] @ W_hh.T
    return collect(da, carry, x, _before(h0, h), W_xh)


@rnn_backward.mistake(
    "Only the last step's loss counts in your gradients. Every step may have a loss of its own: add dh[:, "
    "t] to the carry in each round."
)
def only_last_loss(dh, x, h0, h, W_xh, W_hh):
    dh = dh.copy()
    dh[:, :-1] = 0
    return np_bptt(dh, x, h0, h, W_xh, W_hh)


@rnn_backward.mistake(
    "The argument dh never enters: the carry starts at zero and nothing is added to it, so all is zero. "
    "Round t starts from dh[:, t] + carry."
)
def dh_never_added(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(np.zeros_like(dh), x, h0, h, W_xh, W_hh)


@rnn_backward.mistake(
    "The carry grows from round to round: you add to it where it should be replaced. What goes back from "
    "step t already contains all that came to it from later steps."
)
def carry_accumulates(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = carry + da[:, t] @ W_hh.T
    return collect(da, carry, x, _before(h0, h), W_xh)


@rnn_backward.mistake(
    "Your dW_hh uses h_t. In step t, W_hh multiplied the state before it: h[:, t-1], and h0 in step 0."
)
def dw_hh_with_new_state(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, before=h)


@rnn_backward.mistake(
    "In step 0 your dW_hh does not see h0: the state before the first step is h0, not zeros."
)
def initial_state_left_out(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, before=_before(np.zeros_like(h0), h))


@rnn_backward.mistake(
    "Your loop ends at step 1, so step 0 is left out of every gradient. Go down to 0: reversed(range(T)), "
    "or range(T - 1, -1, -1)."
)
def loop_ends_early(dh, x, h0, h, W_xh, W_hh):
    dx, carry = np.zeros_like(x), np.zeros_like(h0)
    late = [np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))]
    for t in reversed(range(1, h.shape[1])):
        da = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        dx[:, t], carry, *parts = np_step_backward(da, x[:, t], h[:, t - 1], W_xh, W_hh)
        late = [total + part for total, part in zip(late, parts, strict=True)]
    return dx, carry, *late


@rnn_backward.mistake(
    "In step 0 your code takes h[:, -1] for the state before it: in NumPy the index -1 is the *last* step. "
    "Before step 0 comes h0."
)
def index_minus_one(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, before=_before(h[:, -1], h))


@rnn_backward.mistake(
    "The gradient of the initial state is dropped: dh0 is what is left in the carry after step 0.", credit=0.5
)
def dh0_dropped(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, np.zeros_like(dh0), *weights


@rnn_backward.mistake(
    "Your dh0 stops before W_hh: it is the gradient inside step 0. h0 entered through W_hh, so multiply by "
    "W_hh.T once more.",
    credit=0.5,
)
def dh0_before_weights(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, np.linalg.solve(W_hh, dh0.T).T, *weights


@rnn_backward.mistake(
    "Your slope is 1 - tanh(h)**2, which squashes h a second time. h is already tanh(a): the slope is 1 - "
    "h**2."
)
def slope_squashed_twice(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, slope=1 - np.tanh(h) ** 2)


@rnn_backward.mistake(
    "You took the slope of tanh one step too early, 1 - h[:, t-1]**2. Step t ended in h[:, t]."
)
def slope_of_wrong_step(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, slope=1 - _before(h0, h) ** 2)


@rnn_backward.mistake("The slope of tanh, 1 - h**2, is missing in every step.")
def slope_missing(dh, x, h0, h, W_xh, W_hh):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, slope=np.ones_like(h))


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
    "Your weight gradients are divided by the batch size. The loss took its mean already: sum over the "
    "batch.",
    credit=0.5,
)
def batch_averaged(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, dh0, *(w / len(x) for w in weights)


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
