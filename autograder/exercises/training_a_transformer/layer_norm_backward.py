"""Lesson 17, layer_norm_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged


@exercise(
    points=3,
    difficulty=3,
    minutes=25,
    returns=("dx", "dgain", "dbias"),
    hints=(
        "First bias and gain: they are shared by every vector, so their gradients are sums over all axes but "
        "the last. Then what arrives at the normalised vector is dn = dy * gain.",
        "x acts in three ways: by itself, through the mean, and through the standard deviation. The second "
        "subtracts the mean of dn; the third subtracts n times the mean of dn * n. All is divided by the "
        "standard deviation.",
        "s = np.sqrt(x.var(axis=-1, keepdims=True) + eps); n = (x - x.mean(axis=-1, keepdims=True)) / s; dn "
        "= dy * gain; dx = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, "
        "keepdims=True)) / s; axes = tuple(range(x.ndim - 1)); return dx, (dy * n).sum(axis=axes), "
        "dy.sum(axis=axes)",
    ),
    source="Ba, Kiros and Hinton (2016), Layer Normalization; Ioffe and Szegedy (2015), section 3",
)
def layer_norm_backward(dy, x, gain, eps): ...


@layer_norm_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for shape in ((2, 3, 7), (3, 2, 5), (5, 3), (2, 3, 5, 2)):
        x = 2 * rng.normal(size=shape) + 3
        yield rng.normal(size=shape), x, rng.uniform(0.5, 2, size=shape[-1]), 1e-5
    yield rng.normal(size=(2, 3, 5)), 0.3 * rng.normal(size=(2, 3, 5)), rng.normal(size=5), 0.1
    yield rng.normal(size=(2, 1, 3)), np.full((2, 1, 3), 4.0), rng.normal(size=3), 0.25  # no variance at all


def _np_layer_norm_backward(dy, x, gain, eps, *, to_x=None, std=None, ddof=0):
    """`to_x(dn, n, s)` makes dx of the gradient at the normalised vector n; `std(var, eps)` makes s."""
    var = x.var(axis=-1, ddof=ddof, keepdims=True)
    s = np.sqrt(var + eps) if std is None else std(var, eps)
    n = (x - x.mean(axis=-1, keepdims=True)) / s
    axes = tuple(range(x.ndim - 1))
    return (to_x or _to_x)(dy * gain, n, s), (dy * n).sum(axis=axes), dy.sum(axis=axes)


def _mean(z, axis=-1):
    return z.mean(axis=axis, keepdims=True)


def _to_x(dn, n, s):
    return (dn - _mean(dn) - n * _mean(dn * n)) / s


averaged(layer_norm_backward, _np_layer_norm_backward, ("dgain", "dbias"))

#: Wrong ways from dn to dx: name, function, sentence, credit.
_WAYS = (
    (
        "direct_term_only",
        lambda dn, n, s: dn / s,
        "You treated mean and standard deviation as constants. Each of them depends on every entry of x, and "
        "sends back a term of its own.",
        0.25,
    ),
    (
        "mean_term_missing",
        lambda dn, n, s: (dn - n * _mean(dn * n)) / s,
        "The way through the mean is missing in dx: subtract the mean of dy * gain over the last axis.",
        0.5,
    ),
    (
        "variance_term_missing",
        lambda dn, n, s: (dn - _mean(dn)) / s,
        "The way through the variance is missing in dx: subtract n * mean(dy * gain * n), with n the "
        "normalised vector.",
        0.5,
    ),
    (
        "variance_term_added",
        lambda dn, n, s: (dn - _mean(dn) + n * _mean(dn * n)) / s,
        "The term of the variance has the wrong sign in dx: n * mean(dy * gain * n) is subtracted.",
        0.5,
    ),
    (
        "sums_for_means",
        lambda dn, n, s: (dn - dn.sum(axis=-1, keepdims=True) - n * (dn * n).sum(axis=-1, keepdims=True)) / s,
        "In dx you subtracted sums where means belong: each entry has a share of 1/D in mean and variance.",
        0.5,
    ),
    (
        "second_term_without_n",
        lambda dn, n, s: (dn - _mean(dn) - _mean(dn * n)) / s,
        "In dx the term of the variance lacks its factor: it is n * mean(dy * gain * n), with the normalised "
        "vector n once inside the mean and once before it.",
        0.25,
    ),
    (
        "n_outside_only",
        lambda dn, n, s: (dn - _mean(dn) - n * _mean(dn)) / s,
        "In dx the second mean is that of dy * gain * n: the normalised vector stands inside it as well.",
        0.25,
    ),
    (
        "means_over_batch",
        lambda dn, n, s: (dn - _mean(dn, 0) - n * _mean(dn * n, 0)) / s,
        "In dx you took the means over the batch, as batch normalisation does. Each vector was normalised by "
        "itself: axis=-1.",
        0,
    ),
    (
        "means_over_everything",
        lambda dn, n, s: (dn - dn.mean() - n * (dn * n).mean()) / s,
        "In dx you took one mean over the whole array. Each vector has its own: axis=-1, keepdims=True.",
        0,
    ),
    (
        "not_divided",
        lambda dn, n, s: s * _to_x(dn, n, s),
        "Your dx is not divided by the standard deviation, sqrt(var + eps): a vector that was shrunk sends "
        "back a gradient that is shrunk as much.",
        0.5,
    ),
    (
        "divided_by_variance",
        lambda dn, n, s: _to_x(dn, n, s) / s,
        "Your dx is divided by var + eps. Divide by its square root, once.",
        0.5,
    ),
    (
        "multiplied_by_deviation",
        lambda dn, n, s: s * s * _to_x(dn, n, s),
        "You multiplied dx by the standard deviation. The forward pass divided by it, and so does the way "
        "back.",
        0.5,
    ),
)
for _name, _way, _message, _credit in _WAYS:
    layer_norm_backward.add_mistake(
        _name, lambda *given, way=_way: _np_layer_norm_backward(*given, to_x=way), _message, _credit
    )


@layer_norm_backward.mistake(
    "The gain is missing in dx: what arrives at the normalised vector is dy * gain.", credit=0.5
)
def gain_missing(dy, x, gain, eps):
    return _np_layer_norm_backward(dy, x, np.ones_like(gain), eps)


@layer_norm_backward.mistake(
    "You multiplied dx by the gain at the end. The gain acts after the normalisation, so it comes first on "
    "the way back: dy * gain, inside both means.",
    credit=0.5,
)
def gain_at_the_end(dy, x, gain, eps):
    dx, dgain, dbias = gain_missing(dy, x, gain, eps)
    return dx * gain, dgain, dbias


@layer_norm_backward.mistake("You left out eps: the forward pass divided by sqrt(var + eps).", credit=0.5)
def eps_left_out(*given):
    return _np_layer_norm_backward(*given, std=lambda var, eps: np.sqrt(var))


@layer_norm_backward.mistake("You added eps outside the root. It goes inside: sqrt(var + eps).", credit=0.5)
def eps_outside_root(*given):
    return _np_layer_norm_backward(*given, std=lambda var, eps: np.sqrt(var) + eps)


@layer_norm_backward.mistake("You wrote 1e-5 into the function. Use the eps that is given.", credit=0.5)
def eps_written_in(*given):
    return _np_layer_norm_backward(*given, std=lambda var, eps: np.sqrt(var + 1e-5))


@layer_norm_backward.mistake(
    "You divided by D - 1 in the variance (ddof=1). Layer normalisation divides by D."
)
def sample_variance(*given):
    return _np_layer_norm_backward(*given, ddof=1)


def _spoils_weights(name, change, message, credit=0.25):
    """`change(dy, x, gain, n, axes)` gives dgain and dbias."""

    def answer(dy, x, gain, eps):
        n = (x - _mean(x)) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
        dx, _, _ = _np_layer_norm_backward(dy, x, gain, eps)
        return dx, *change(dy, x, gain, n, tuple(range(x.ndim - 1)))

    layer_norm_backward.add_mistake(name, answer, message, credit)


_spoils_weights(
    "summed_over_two_axes",
    lambda dy, x, gain, n, axes: ((dy * n).sum(axis=(0, 1)), dy.sum(axis=(0, 1))),
    "You summed dgain and dbias over the axes 0 and 1. There may be fewer or more of them: sum over all axes "
    "but the last, tuple(range(x.ndim - 1)).",
    0.5,
)
_spoils_weights(
    "summed_over_batch_only",
    lambda dy, x, gain, n, axes: ((dy * n).sum(axis=0), dy.sum(axis=0)),
    "You summed dgain and dbias over the batch (axis 0) alone. Every vector of every step shares them: sum "
    "over all axes but the last, tuple(range(x.ndim - 1)).",
)
_spoils_weights(
    "summed_over_time_only",
    lambda dy, x, gain, n, axes: ((dy * n).sum(axis=-2), dy.sum(axis=-2)),
    "You summed dgain and dbias over axis -2 alone. Every vector of every sentence shares them: sum over all "
    "axes but the last.",
)
_spoils_weights(
    "not_summed",
    lambda dy, x, gain, n, axes: (dy * n, dy),
    "You did not sum dgain and dbias. One gain and one bias serve all vectors, so their gradients are sums "
    "over all axes but the last.",
)
_spoils_weights(
    "summed_over_features",
    lambda dy, x, gain, n, axes: ((dy * n).sum(axis=-1), dy.sum(axis=-1)),
    "You summed dgain and dbias over the features. Each feature has its own gain and bias: sum over all the "
    "other axes.",
)
_spoils_weights(
    "averaged_over_vectors",
    lambda dy, x, gain, n, axes: ((dy * n).mean(axis=axes), dy.mean(axis=axes)),
    "You averaged dgain and dbias over all vectors. Gradients of shared numbers are sums.",
    0.5,
)
_spoils_weights(
    "gain_gradient_from_x",
    lambda dy, x, gain, n, axes: ((dy * x).sum(axis=axes), dy.sum(axis=axes)),
    "For dgain you multiplied dy by x. The gain stretches the normalised vector: sum dy * n.",
    0.5,
)
_spoils_weights(
    "gain_gradient_from_centred",
    lambda dy, x, gain, n, axes: ((dy * (x - _mean(x))).sum(axis=axes), dy.sum(axis=axes)),
    "For dgain you multiplied dy by x - mean. The gain stretches the normalised vector, which is divided by "
    "the standard deviation too.",
    0.5,
)
_spoils_weights(
    "gain_in_its_own_gradient",
    lambda dy, x, gain, n, axes: ((dy * gain * n).sum(axis=axes), dy.sum(axis=axes)),
    "Your dgain has the gain in it. The slope of n * gain in the gain is n alone: sum dy * n.",
    0.5,
)
_spoils_weights(
    "gain_in_both_gradients",
    lambda dy, x, gain, n, axes: ((dy * gain * n).sum(axis=axes), (dy * gain).sum(axis=axes)),
    "Your dgain and dbias have the gain in them: take dy as it arrives, before it is multiplied by the gain.",
    0.5,
)
_spoils_weights(
    "gain_in_bias_gradient",
    lambda dy, x, gain, n, axes: ((dy * n).sum(axis=axes), (dy * gain).sum(axis=axes)),
    "Your dbias has the gain in it. The bias is added after the gain: sum dy as it arrives.",
    0.5,
)
_spoils_weights(
    "gain_and_bias_swapped",
    lambda dy, x, gain, n, axes: (dy.sum(axis=axes), (dy * n).sum(axis=axes)),
    "Two results are swapped: return dx, dgain, dbias, in this order.",
    0.5,
)
