"""Lesson 17, feed_forward_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged, changed
from autograder.exercises.training_a_transformer.parts import summed_outer


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("dx", "dW_1", "db_1", "dW_2", "db_2"),
    hints=(
        "Three lines forwards: z = x W_1 + b_1, h = max(0, z), y = h W_2 + b_2. Go back through them, last "
        "first.",
        "dh = dy W_2^T. The ReLU lets through where z > 0 and stops the rest: dz = dh * (z > 0). A weight's "
        "gradient sums (what went in)^T (what comes back) over batch and time.",
        "z = x @ W_1 + b_1; h = np.maximum(0, z); dz = (dy @ W_2.T) * (z > 0); return dz @ W_1.T, "
        "np.einsum('nte,ntf->ef', x, dz), dz.sum(axis=(0, 1)), np.einsum('ntf,nte->fe', h, dy), "
        "dy.sum(axis=(0, 1))",
    ),
    source="Rumelhart, Hinton and Williams (1986), applied to Vaswani et al. (2017), section 3.3",
)
def feed_forward_backward(dy, x, W_1, b_1, W_2, b_2): ...


@feed_forward_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, E, F in ((2, 3, 5, 7), (3, 5, 2, 11), (5, 2, 7, 3), (2, 1, 3, 2)):
        dy, x = rng.normal(size=(2, N, T, E))
        weights = (rng.normal(size=(E, F)), rng.normal(size=F), rng.normal(size=(F, E)), rng.normal(size=E))
        yield dy, x, *weights
    dy, W_1, W_2 = rng.normal(size=(2, 3, 3)), rng.normal(size=(3, 5)), rng.normal(size=(5, 3))
    x = rng.normal(size=(2, 3, 3))
    x[0, 1] = 0  # hidden units that are exactly 0 on the border of the ReLU
    yield dy, x, W_1, np.array([0.0, 1.0, 0.0, -1.0, 0.0]), W_2, rng.normal(size=3)


def _np_feed_forward_backward(dy, x, W_1, b_1, W_2, b_2, *, slope=None, hidden=None):
    """`slope(z, h, dh)` makes dz; `hidden(z)` makes what dW_2 is given for h."""
    z = x @ W_1 + b_1
    h, dh = np.maximum(0, z), dy @ W_2.T
    dz = dh * (z > 0) if slope is None else slope(z, h, dh)
    dW_2 = summed_outer(h if hidden is None else hidden(z), dy)
    return dz @ W_1.T, summed_outer(x, dz), dz.sum(axis=(0, 1)), dW_2, dy.sum(axis=(0, 1))


averaged(feed_forward_backward, _np_feed_forward_backward, ("dW_1", "db_1", "dW_2", "db_2"))

#: What people write for the ReLU's slope: name, function, sentence, credit.
_SLOPES = (
    (
        "relu_slope_missing",
        lambda z, h, dh: dh,
        "The ReLU was skipped on the way back. It lets a gradient through where z = x W_1 + b_1 is above 0, "
        "and stops it elsewhere: dh * (z > 0).",
        0.25,
    ),
    (
        "opened_by_gradient",
        lambda z, h, dh: dh * (dh > 0),
        "You let the gradient through where the gradient is positive. The ReLU opened by z = x W_1 + b_1: "
        "dh * (z > 0).",
        0.25,
    ),
    (
        "multiplied_by_hidden",
        lambda z, h, dh: dh * h,
        "You multiplied by the hidden values. The ReLU's slope is 1 where z is above 0, and 0 elsewhere.",
        0.25,
    ),
    (
        "open_where_closed",
        lambda z, h, dh: dh * (z <= 0),
        "Your ReLU lets through where z is below 0. Its slope is 1 where z is above 0.",
        0.25,
    ),
    (
        "open_at_zero",
        lambda z, h, dh: dh * (z >= 0),
        "At z = 0 exactly your slope is 1. Take 0 there, as PyTorch does: z > 0.",
        0.5,
    ),
    (
        "slope_of_tanh",
        lambda z, h, dh: dh * (1 - h**2),
        "Your slope is 1 - h**2, that of tanh. Here h comes from a ReLU: 1 where z is above 0, else 0.",
        0.25,
    ),
    (
        "sign_for_slope",
        lambda z, h, dh: dh * np.sign(z),
        "You multiplied by the sign of z: where it is below 0 the ReLU's slope is 0, not -1.",
        0.25,
    ),
)
for _name, _slope, _message, _credit in _SLOPES:
    feed_forward_backward.add_mistake(
        _name, lambda *given, slope=_slope: _np_feed_forward_backward(*given, slope=slope), _message, _credit
    )


@feed_forward_backward.mistake(
    "You left b_1 out when you computed the hidden layer again: z = x W_1 + b_1 decides where the ReLU is "
    "open."
)
def first_bias_missing(dy, x, W_1, b_1, W_2, b_2):
    return _np_feed_forward_backward(dy, x, W_1, 0 * b_1, W_2, b_2)


@feed_forward_backward.mistake(
    "The ReLU's slope was read off x W_1 without b_1. It opens where x W_1 + b_1 is above 0.", credit=0.5
)
def slope_without_bias(dy, x, W_1, b_1, W_2, b_2):
    return _np_feed_forward_backward(dy, x, W_1, b_1, W_2, b_2, slope=lambda z, h, dh: dh * (x @ W_1 > 0))


@feed_forward_backward.mistake(
    "For dW_2 you took the hidden layer before the ReLU. W_2 was multiplied by what came out of it: h.",
    credit=0.5,
)
def before_relu_in_dW_2(*given):  # noqa: N802  the result's name
    return _np_feed_forward_backward(*given, hidden=lambda z: z)


@feed_forward_backward.mistake(
    "You put a ReLU at the end: dy is let through only where y is positive. There is one ReLU, between the "
    "two layers."
)
def relu_at_the_end(dy, x, W_1, b_1, W_2, b_2):
    y = np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2
    return _np_feed_forward_backward(dy * (y > 0), x, W_1, b_1, W_2, b_2)


@feed_forward_backward.mistake(
    "You added dy to dx. The residual belongs to the block, not to this function.", credit=0.5
)
def residual_inside(*given):
    return changed(feed_forward_backward, _np_feed_forward_backward, ("dx",), lambda d, dy, *_: d + dy)(
        *given
    )


def _spoils_sums(name, axis, message):
    def answer(dy, x, W_1, b_1, W_2, b_2):
        dx, dW_1, _, dW_2, _ = _np_feed_forward_backward(dy, x, W_1, b_1, W_2, b_2)
        dz = (dy @ W_2.T) * (x @ W_1 + b_1 > 0)
        return dx, dW_1, dz.sum(axis=axis), dW_2, dy.sum(axis=axis)

    feed_forward_backward.add_mistake(name, answer, message, 0.25)


_spoils_sums(
    "biases_over_batch_only",
    0,
    "You summed db_1 and db_2 over the batch (axis 0) alone. Every step uses them: sum over axes 0 and 1.",
)
_spoils_sums(
    "biases_over_time_only",
    1,
    "You summed db_1 and db_2 over time (axis 1) alone. Every sentence uses them: sum over axes 0 and 1.",
)


def _divided_by_tokens(d, dy, *_):
    return d / (dy.shape[0] * dy.shape[1])


@feed_forward_backward.mistake(
    "You averaged the gradients of the weights over all tokens. The loss has taken its mean already, so that "
    "it is in dy: these gradients are sums.",
    credit=0.5,
)
def averaged_over_tokens(*given):
    return changed(
        feed_forward_backward,
        _np_feed_forward_backward,
        ("dW_1", "db_1", "dW_2", "db_2"),
        _divided_by_tokens,
    )(*given)


@feed_forward_backward.mistake(
    "You averaged the biases' gradients over all tokens. The loss has taken its mean already: they are sums.",
    credit=0.5,
)
def biases_averaged_over_tokens(*given):
    return changed(feed_forward_backward, _np_feed_forward_backward, ("db_1", "db_2"), _divided_by_tokens)(
        *given
    )


@feed_forward_backward.mistake(
    "The results stand in another order: return dx, dW_1, db_1, dW_2, db_2.", credit=0.5
)
def matrices_first(*given):
    dx, dW_1, db_1, dW_2, db_2 = _np_feed_forward_backward(*given)
    return dx, dW_1, dW_2, db_1, db_2


@feed_forward_backward.mistake(
    "The layers are swapped in your results: return dx, then dW_1, db_1, then dW_2, db_2.", credit=0.5
)
def second_layer_first(*given):
    dx, dW_1, db_1, dW_2, db_2 = _np_feed_forward_backward(*given)
    return dx, dW_2, db_2, dW_1, db_1
