"""Lesson 11, dropout_rnn_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.dropout import GAL
from autograder.exercises.dropout.draws import masked_cases
from autograder.exercises.dropout.parts import masked


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Start from rnn_backward of lesson 06. A mask is a factor on a wire: the gradient that flows back "
        "along that wire meets the same factor.",
        "With dz = (dh[:, t] + dh_next) * (1 - h[:, t]**2): the weights saw the masked x_t and the masked "
        "h_{t-1}, so those are what stand in dW_xh and dW_hh.",
        "dx[:, t] = (dz @ W_xh.T) * mask_x[:, t]; dW_hh += (h_prev * mask_h[:, t]).T @ dz; dh_next = (dz @ "
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
    dz, dnext = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dz[:, t] = (dh[:, t] + later * dnext) * slope[:, t]
        dnext = (dz[:, t] @ W_hh.T) * back_h[:, t]
    dW_xh = np.einsum("ntd,nth->dh", seen_x, dz)
    dW_hh = np.einsum("ntg,nth->gh", seen_h, dz)
    return (dz @ W_xh.T) * back_x, dnext, dW_xh, dW_hh, dz.sum(axis=(0, 1))


@dropout_rnn_backward.mistake(
    "On its way back through W_hh the gradient did not meet the mask: dh_{t-1} = (dz W_hh^T) * mask_h[:, t].",
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
    "The gradient of x is not masked: what was dropped had no influence, so dx = (dz W_xh^T) * mask_x.",
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
    "The gradient that arrives from the next step was not added: each dz needs dh[:, t] plus what step t+1 "
    "sent.",
    credit=0.25,
)
def next_step_not_added(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, later=0.0)


@dropout_rnn_backward.mistake(
    "The slope of tanh is 1 - h**2, because h is already the tanh; 1 - tanh(h)**2 applies it twice.",
    credit=0.25,
)
def tanh_twice(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, slope=1 - np.tanh(h) ** 2)


@dropout_rnn_backward.mistake(
    "In dW_hh you used h_t where the state before it belongs: step t multiplied W_hh by h_{t-1} (h0 at the "
    "start).",
    credit=0.25,
)
def this_state_in_dw_hh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, previous=h)


@dropout_rnn_backward.mistake(
    "The gradient of h0 is zero in your answer: return what the first step sends back, mask included.",
    credit=0.5,
)
def drops_dh0(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    dx, dh0, *rest = _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h)
    return dx, np.zeros_like(dh0), *rest


@dropout_rnn_backward.mistake(
    "You masked dz before W_hh^T; the mask stands on the state's side of W_hh, so backwards it comes after "
    "the product: (dz W_hh^T) * mask_h[:, t].",
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
