"""Lesson 11, dropout_rnn_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.dropout import GAL
from autograder.exercises.dropout.draws import masked_cases
from autograder.exercises.dropout.parts import masked
from autograder.exercises.families import averaged, tanh_slope
from autograder.exercises.way_back import Parts, walk, way_back


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Start from rnn_backward of lesson 06. A mask is a factor on a wire: the gradient that flows back "
        "along that wire meets the same factor.",
        "With da = (dh[:, t] + dh_next) * (1 - h[:, t]**2): the weights saw the masked x_t and the masked "
        "h_{t-1}, so those are what stand in dW_xh and dW_hh.",
        "dx[:, t] = (da @ W_xh.T) * mask_x[:, t]; dW_hh += (h_prev * mask_h[:, t]).T @ da; dh_next = (da @ "
        "W_hh.T) * mask_h[:, t]",
    ),
    source=GAL,
)
def dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h): ...


@dropout_rnn_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for x, h0, W_xh, W_hh, b_h, mask_x, mask_h in masked_cases(rng):
        h = masked(x, h0, W_xh, W_hh, b_h, mask_x, mask_h)
        yield rng.normal(size=h.shape), x, h0, h, W_xh, W_hh, mask_x, mask_h


def _backward(
    dh, x, h0, h, W_xh, W_hh, mask_x, mask_h,
    *, slope=None, back_x=None, back_h=None, seen_x=None, seen_h=None, later=1.0, previous=None,
):  # fmt: skip
    """What is right, with one thing at a time to spoil: the keywords replace what its name says."""
    slope = 1 - h**2 if slope is None else slope
    back_x = mask_x if back_x is None else back_x
    back_h = mask_h if back_h is None else back_h
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1) if previous is None else previous
    seen_x = x * mask_x if seen_x is None else seen_x
    seen_h = before * mask_h if seen_h is None else seen_h
    da, dnext = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        da[:, t] = (dh[:, t] + later * dnext) * slope[:, t]
        dnext = (da[:, t] @ W_hh.T) * back_h[:, t]
    dW_xh = np.einsum("ntd,nth->dh", seen_x, da)
    dW_hh = np.einsum("ntg,nth->gh", seen_h, da)
    return (da @ W_xh.T) * back_x, dnext, dW_xh, dW_hh, da.sum(axis=(0, 1))


def _parts(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    def step(t, arrives, before):
        da, seen_x = arrives[0] * (1 - h[:, t] ** 2), x[:, t] * mask_x[:, t]
        weights = [seen_x.T @ da, (before[0] * mask_h[:, t]).T @ da, da.sum(axis=0)]
        return (da @ W_xh.T) * mask_x[:, t], ((da @ W_hh.T) * mask_h[:, t],), weights

    return Parts(dh, (h0,), (h,), step)


way_back(dropout_rnn_backward, _parts, ("h0",), "new_h_for_old")
averaged(dropout_rnn_backward, _backward, ("dW_xh", "dW_hh", "db_h"))
tanh_slope(
    dropout_rnn_backward,
    lambda slope: lambda dh, x, h0, h, *given: _backward(dh, x, h0, h, *given, slope=slope(h)),
)


@dropout_rnn_backward.mistake("W_hh is not transposed on the way back: h_{t-1} gets da @ W_hh.T, masked.")
def carry_without_transpose(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    def step(t, arrives, before):
        dx, _, weights = parts.step(t, arrives, before)
        return dx, (((arrives[0] * (1 - h[:, t] ** 2)) @ W_hh) * mask_h[:, t],), weights

    parts = _parts(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h)
    return walk(Parts(dh, (h0,), (h,), step))


@dropout_rnn_backward.mistake(
    "Your dh0 stops inside step 0: it is the gradient of the sum. h0 entered through its mask and W_hh: (da "
    "@ W_hh.T) * mask_h[:, 0].",
    credit=0.5,
)
def dh0_before_weights(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    first = []

    def step(t, arrives, before):
        first[:] = [arrives[0] * (1 - h[:, t] ** 2)]
        return parts.step(t, arrives, before)

    parts = _parts(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h)
    dx, _, *weights = walk(Parts(dh, (h0,), (h,), step))
    return dx, first[0], *weights


@dropout_rnn_backward.mistake(
    "In step 0 your dW_hh sees the whole h0. It entered W_hh masked, like any state: h0 * mask_h[:, 0].",
    credit=0.5,
)
def whole_h0_in_dw_hh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    seen = np.concatenate([h0[:, None], h[:, :-1] * mask_h[:, 1:]], axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, seen_h=seen)


@dropout_rnn_backward.mistake(
    "On its way back through W_hh the gradient did not meet the mask: dh_{t-1} = (da W_hh^T) * mask_h[:, t].",
    credit=0.25,
)
def no_mask_on_the_way_back(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_h=np.ones_like(mask_h))


@dropout_rnn_backward.mistake(
    "In dW_hh stands the whole h_{t-1}, but the forward pass multiplied W_hh by the masked one: use h_{t-1} "
    "* mask_h[:, t].",
    credit=0.5,
)
def whole_state_in_dw_hh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    seen = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, seen_h=seen)


@dropout_rnn_backward.mistake(
    "The gradient of x is not masked: what was dropped had no influence, so dx = (da W_xh^T) * mask_x.",
    credit=0.5,
)
def no_mask_on_dx(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_x=np.ones_like(mask_x))


@dropout_rnn_backward.mistake(
    "In dW_xh stands the whole x_t, but the forward pass multiplied W_xh by the masked one: use x_t * "
    "mask_x[:, t].",
    credit=0.5,
)
def whole_input_in_dw_xh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, seen_x=x)


@dropout_rnn_backward.mistake(
    "The backward pass used other masks for the state than the forward pass: step t meets mask_h[:, t] both "
    "ways, not that of another step.",
)
def new_mask_in_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    other = np.roll(mask_h, -1, axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, other)


@dropout_rnn_backward.mistake(
    "You masked the gradient that arrives from above, dh: the states that are read out were never masked, "
    "only the copies that enter W_hh."
)
def masks_the_arriving_gradient(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    ones = np.ones_like(mask_h)
    return _backward(dh * mask_h, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_h=ones)


@dropout_rnn_backward.mistake(
    "In dW_hh you used h_t where the state before it belongs: step t multiplied W_hh by h_{t-1} (h0 at the "
    "start).",
    credit=0.25,
)
def this_state_in_dw_hh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, previous=h)


@dropout_rnn_backward.mistake(
    "You masked da before W_hh^T; the mask stands on the state's side of W_hh, so backwards it comes after "
    "the product: (da W_hh^T) * mask_h[:, t].",
    credit=0.25,
)
def mask_before_the_product(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    arrived, later = dh.copy(), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        arrived[:, t] += later
        later = (arrived[:, t] * (1 - h[:, t] ** 2) * mask_h[:, t]) @ W_hh.T
    dx, _, *weights = _backward(arrived, x, h0, h, W_xh, W_hh, mask_x, mask_h, later=0.0)
    return dx, later, *weights


@dropout_rnn_backward.mistake(
    "What step t sends back met the mask of step t-1: h_{t-1} entered step t through mask_h[:, t], so its "
    "gradient meets that one.",
    credit=0.25,
)
def mask_of_the_step_before(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    before = np.roll(mask_h, 1, axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_h=before)


@dropout_rnn_backward.mistake(
    "What arrives from step t+1 met mask_h[:, t], and dh0 no mask at all. Mask what a step sends back at its "
    "end, with its own mask: (da W_hh^T) * mask_h[:, t].",
    credit=0.25,
)
def masked_on_arrival(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    met = np.concatenate([np.ones_like(mask_h[:, :1]), mask_h[:, :-1]], axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_h=met)
