"""Lesson 12, skip_rnn_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged, starts_from_zeros, tanh_slope
from autograder.exercises.skip_connections import DELAYS
from autograder.exercises.skip_connections.draws import skip_cases
from autograder.exercises.skip_connections.parts import skip
from autograder.exercises.way_back import Parts, way_back


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Run forward once more and keep both the states h and the squashed parts a = tanh(...): the slope "
        "is 1 - a**2. Then walk back in time.",
        "The whole gradient of h_t comes from three places: the loss (dh[:, t]), step t+1 through W_hh, and "
        "step t+k through the skip, where it passes unchanged. Keep a working copy of dh and add into it.",
        "Going backwards over a copy `total` of dh: dz = total[:, t] * (1 - a[:, t]**2); total[:, t-1] += "
        "dz @ W_hh.T (or dh0 = dz @ W_hh.T at t = 0); if t >= k: total[:, t-k] += total[:, t]",
    ),
    source=DELAYS,
)
def skip_rnn_backward(dh, x, h0, W_xh, W_hh, b_h, k): ...


@skip_rnn_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for arguments in skip_cases(rng):
        x, h0, *_ = arguments
        yield rng.normal(size=(*x.shape[:2], h0.shape[1])), *arguments


def _send(whole, dz, dh, t, k):
    whole[:, t - k] += whole[:, t]


def _skip_backward(
    dh, x, h0, W_xh, W_hh, b_h, k,
    *, slope=lambda a, h: 1 - a**2, send=_send, squashed_before=False, h0_rides=False,
):  # fmt: skip
    """What is right; `slope(a, h)` and `send`, which passes a gradient along the skip, can be spoilt."""
    h = skip(x, h0, W_xh, W_hh, b_h, k)
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    a = np.tanh(x @ W_xh + before @ W_hh + b_h)
    slopes = slope(a, h)
    if squashed_before:
        before = np.concatenate([h0[:, None], a[:, :-1]], axis=1)
    whole, dz = dh.copy(), np.zeros_like(dh)
    for t in reversed(range(x.shape[1])):
        dz[:, t] = whole[:, t] * slopes[:, t]
        if t:
            whole[:, t - 1] += dz[:, t] @ W_hh.T
        if t >= k:
            send(whole, dz, dh, t, k)
    dW_xh, dW_hh = np.einsum("ntd,nth->dh", x, dz), np.einsum("ntg,nth->gh", before, dz)
    dh0 = dz[:, 0] @ W_hh.T
    if h0_rides and k <= x.shape[1]:
        dh0 = dh0 + whole[:, k - 1]
    return dz @ W_xh.T, dh0, dW_xh, dW_hh, dz.sum(axis=(0, 1))


def _parts(dh, x, h0, W_xh, W_hh, b_h, k):
    h, whole = skip(x, h0, W_xh, W_hh, b_h, k), {}

    def step(t, arrives, before):
        a = np.tanh(x[:, t] @ W_xh + (h[:, t - 1] if t else h0) @ W_hh + b_h)
        whole[t] = arrives[0] + whole.get(t + k, 0)
        dz = whole[t] * (1 - a**2)
        return dz @ W_xh.T, (dz @ W_hh.T,), [x[:, t].T @ dz, before[0].T @ dz, dz.sum(axis=0)]

    return Parts(dh, (h0,), (h,), step)


way_back(skip_rnn_backward, _parts, ("h0",))
starts_from_zeros(skip_rnn_backward, _skip_backward, "h0")
averaged(skip_rnn_backward, _skip_backward, ("dW_xh", "dW_hh", "db_h"))
tanh_slope(
    skip_rnn_backward, lambda slope: lambda *given: _skip_backward(*given, slope=lambda a, h: slope(a)), "a"
)


@skip_rnn_backward.mistake(
    "The identity is missing on the way back: the whole gradient of h_t also reaches h_{t-k}, unchanged.",
    credit=0.25,
)
def identity_missing_in_time(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        pass

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "Along the skip you sent dz, which has the slope of the tanh in it; the skip lies outside the tanh, so "
    "it carries the whole gradient of h_t.",
    credit=0.25,
)
def skip_through_the_slope(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k] += dz[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "Along the skip you sent only the loss's own dh_t; what came to h_t from later steps goes along it as "
    "well.",
    credit=0.25,
)
def skip_carries_only_the_loss(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k] += dh[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "The slope was taken at h_t = tanh(...) + h_{t-k}; it is 1 - a**2 with a = tanh(...) alone.", credit=0.25
)
def slope_at_the_state(dh, x, h0, W_xh, W_hh, b_h, k):
    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, slope=lambda a, h: 1 - h**2)


@skip_rnn_backward.mistake(
    "Gradients were overwritten instead of added: what reaches h_{t-k} along the skip comes on top of dh "
    "and of what W_hh sends.",
    credit=0.25,
)
def backward_overwrites(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k] = whole[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "The gradient along the skip arrived one step too late, at h_{t-k+1}; step t had added h_{t-k}.",
    credit=0.25,
)
def lag_off_in_backward(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k + 1] += whole[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "You sent a gradient to h0 along the skip as well; in the first k steps the skip brings zero, so h0 "
    "hears through W_hh only.",
    credit=0.5,
)
def skip_reaches_h0(dh, x, h0, W_xh, W_hh, b_h, k):
    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, h0_rides=True)


@skip_rnn_backward.mistake(
    "In dW_hh you used the squashed part a_{t-1}; the forward pass multiplied W_hh by the whole state, "
    "h_{t-1} = a_{t-1} + h_{t-1-k}.",
    credit=0.5,
)
def squashed_state_in_dw_hh(dh, x, h0, W_xh, W_hh, b_h, k):
    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, squashed_before=True)
