"""Lesson 15, attend_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.attention.draws import far_below, masks, query_and_states
from autograder.exercises.attention.parts import np_attend, np_dot, np_masked_softmax
from autograder.exercises.families import inverted_mask, own_softmax


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("ds", "dstates"),
    hints=(
        "The states are used twice: to make the scores, and as what is added up. Both uses send back a "
        "gradient to them.",
        "The line for dscores: score t moves weight u by weights[u] * ((u == t) - weights[t]). Multiply by "
        "dweights[u] and sum over u. The first term leaves weights[t] * dweights[t]; the second, weights[t] "
        "times a sum that is the same for all t.",
        "So dscores = weights * (dweights - sum(weights * dweights)), the sum over the row; then ds and the "
        "first part of dstates come from dscores, the second part from weights and dcontext.",
        "_, weights = attend(s, states, mask); dweights = dot_scores(dcontext, states); dscores = weights * "
        "(dweights - (weights * dweights).sum(axis=1, keepdims=True)); ds = (dscores[:, :, None] * "
        "states).sum(axis=1); dstates = dscores[:, :, None] * s[:, None] + weights[:, :, None] * "
        "dcontext[:, None]",
    ),
    source="Rumelhart, Hinton and Williams (1986), applied to Luong et al. (2015)",
)
def attend_backward(dcontext, s, states, mask): ...


@attend_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((3, 5, 2), (2, 7, 3), (5, 3, 7), (1, 3, 2), (1, 1, 11)):
        yield rng.normal(size=(N, H)), *query_and_states(rng, N, T, H), masks(rng, N, T)
    nothing = masks(rng, 2, 3)
    nothing[0] = False
    yield rng.normal(size=(2, 5)), *query_and_states(rng, 2, 3, 5), nothing
    yield rng.normal(size=(3, 2)), *far_below(rng, 3, 5, 2), masks(rng, 3, 5)


def _np_softmax_slope(weights, dweights):
    return weights * (dweights - (weights * dweights).sum(axis=1, keepdims=True))


def _np_attend_backward(
    dcontext,
    s,
    states,
    mask,
    *,
    slope=_np_softmax_slope,
    key_path=True,
    value_path=True,
    softmax=np_masked_softmax,
):
    """`slope` makes dscores of weights and dweights."""
    _, weights = np_attend(s, states, mask, softmax=softmax)
    dscores = slope(weights, np_dot(dcontext, states))
    dstates = np.zeros_like(states)
    if key_path:
        dstates += dscores[:, :, None] * s[:, None]
    if value_path:
        dstates += weights[:, :, None] * dcontext[:, None]
    return np.einsum("nt,nth->nh", dscores, states), dstates


inverted_mask(attend_backward, _np_attend_backward, "mask")
own_softmax(attend_backward, lambda softmax: lambda *given: _np_attend_backward(*given, softmax=softmax))


@attend_backward.mistake(
    "For dweights you compared s with the states, which gives the scores. What arrives at the context is "
    "dcontext: dot_scores(dcontext, states)."
)
def query_for_dcontext(dcontext, s, states, mask):
    _, weights = np_attend(s, states, mask)
    dscores = _np_softmax_slope(weights, np_dot(s, states))
    dstates = dscores[:, :, None] * s[:, None] + weights[:, :, None] * dcontext[:, None]
    return np.einsum("nt,nth->nh", dscores, states), dstates


@attend_backward.mistake(
    "The result dstates lacks the direct part, weights * dcontext: the states are also what is added up.",
    credit=0.25,
)
def value_path_missing(dcontext, s, states, mask):
    return _np_attend_backward(dcontext, s, states, mask, value_path=False)


@attend_backward.mistake(
    "The result dstates lacks the part through the scores, dscores * s: the states also decide where the "
    "attention falls.",
    credit=0.25,
)
def score_path_missing(dcontext, s, states, mask):
    return _np_attend_backward(dcontext, s, states, mask, key_path=False)


@attend_backward.mistake(
    "The softmax's second term is missing: of every dweights, the row's weighted mean, sum(weights * "
    "dweights), is subtracted. One weight can only grow at the others' cost."
)
def softmax_term_missing(*given):
    return _np_attend_backward(*given, slope=np.multiply)


@attend_backward.mistake(
    "The softmax's slope lacks its factor: dscores = weights * (...). Without it a state that nobody looks "
    "at learns as much as the strongest."
)
def softmax_factor_missing(dcontext, s, states, mask):
    def slope(weights, dweights):
        return mask * (dweights - (weights * dweights).sum(axis=1, keepdims=True))

    return _np_attend_backward(dcontext, s, states, mask, slope=slope)


@attend_backward.mistake(
    "In effect your dscores are zero, and s has no gradient. Either you treated the weights as constants; "
    "or, in the sum over u, you multiplied the slopes by dweights[t] instead of dweights[u]: alone, the "
    "slopes of a row add up to zero."
)
def weights_as_constants(dcontext, s, states, mask):
    _, dstates = _np_attend_backward(dcontext, s, states, mask, key_path=False)
    return np.zeros_like(s), dstates


@attend_backward.mistake(
    "The factor in front is missing, dscores = weights * (...). So even a state that is hidden, with weight "
    "zero, gets a gradient."
)
def softmax_factor_missing_everywhere(*given):
    return _np_attend_backward(
        *given, slope=lambda weights, dweights: dweights - (weights * dweights).sum(axis=1, keepdims=True)
    )


@attend_backward.mistake(
    "The factor weights stands at the first term only. The second has it too: dscores = weights * (dweights "
    "- sum(weights * dweights))."
)
def softmax_factor_at_first_term_only(*given):
    return _np_attend_backward(
        *given,
        slope=lambda weights, dweights: weights * dweights - (weights * dweights).sum(axis=1, keepdims=True),
    )


@attend_backward.mistake(
    "The softmax's second term has the wrong sign: the slope is weights[u] * ((u == t) - weights[t]), so "
    "the row's sum(weights * dweights) is subtracted."
)
def softmax_sum_added(*given):
    return _np_attend_backward(
        *given,
        slope=lambda weights, dweights: (
            weights * (dweights + (weights * dweights).sum(axis=1, keepdims=True))
        ),
    )


@attend_backward.mistake(
    "In the softmax's second term your weights stand outside the sum, as weights[t]. Inside it is "
    "weights[u], beside its own dweights[u]: sum(weights * dweights)."
)
def softmax_weight_outside_the_sum(*given):
    return _np_attend_backward(
        *given,
        slope=lambda weights, dweights: weights * (dweights - weights * dweights.sum(axis=1, keepdims=True)),
    )


@attend_backward.mistake(
    "The softmax's second term is summed over the batch (axis 0). The weights of one sentence share a "
    "whole, so the sum runs over its states: sum(axis=1, keepdims=True)."
)
def softmax_sum_over_axis_0(*given):
    return _np_attend_backward(
        *given, slope=lambda weights, dweights: weights * (dweights - (weights * dweights).sum(axis=0))
    )


@attend_backward.mistake(
    "You took dscores = weights - dweights. The line p - onehot(y) of lesson 06 is for the loss -log p_y; "
    "here any loss may follow: multiply the slope of the softmax by dweights[u], and sum over u."
)
def slope_of_cross_entropy(*given):
    return _np_attend_backward(*given, slope=lambda weights, dweights: weights - dweights)


@attend_backward.mistake("The results are swapped: return ds first, then dstates.", credit=0.5)
def gradients_swapped(dcontext, s, states, mask):
    return _np_attend_backward(dcontext, s, states, mask)[::-1]


@attend_backward.mistake(
    "The softmax was skipped on the way back: dweights was used as dscores. Its slope couples all weights "
    "of a row."
)
def softmax_skipped(*given):
    return _np_attend_backward(*given, slope=lambda weights, dweights: dweights)


@attend_backward.mistake(
    "With weights * (1 - weights) you have only the diagonal of the softmax's Jacobian: how a score moves "
    "its own weight. It moves all others of its row too; add these terms."
)
def softmax_diagonal_only(*given):
    return _np_attend_backward(*given, slope=lambda weights, dweights: weights * (1 - weights) * dweights)


@attend_backward.mistake(
    "The softmax's second term sums dweights as they are. Each counts with its weight: sum(weights * "
    "dweights)."
)
def softmax_sum_unweighted(*given):
    return _np_attend_backward(
        *given, slope=lambda weights, dweights: weights * (dweights - dweights.sum(axis=1, keepdims=True))
    )


@attend_backward.mistake(
    "The softmax's second term is the plain mean of dweights. It is the mean with the attention weights: "
    "sum(weights * dweights)."
)
def softmax_plain_mean(*given):
    return _np_attend_backward(
        *given, slope=lambda weights, dweights: weights * (dweights - dweights.mean(axis=1, keepdims=True))
    )


@attend_backward.mistake(
    "The softmax's second term is summed over the whole batch. Each sentence has its own: sum(axis=1, "
    "keepdims=True)."
)
def softmax_sum_over_batch(*given):
    return _np_attend_backward(
        *given, slope=lambda weights, dweights: weights * (dweights - (weights * dweights).sum())
    )


@attend_backward.mistake(
    "The sign of dscores is flipped: it is positive where dweights is above the row's weighted mean. Both "
    "ds and the part of dstates through the scores suffer from it."
)
def score_gradient_negated(*given):
    return _np_attend_backward(*given, slope=lambda *both: -_np_softmax_slope(*both))


@attend_backward.mistake("The mask is not used: padding takes part in the softmax, and gets a gradient.")
def backward_ignores_mask(dcontext, s, states, mask):
    return _np_attend_backward(dcontext, s, states, np.ones_like(mask))


@attend_backward.mistake(
    "Your ds is the context: it sums weights * states. It should sum dscores * states.", credit=0.5
)
def query_gradient_from_weights(dcontext, s, states, mask):
    context, _ = np_attend(s, states, mask)
    return context, _np_attend_backward(dcontext, s, states, mask)[1]


@attend_backward.mistake(
    "In dstates the partners are exchanged: dscores go with s (as compared), weights with dcontext (as "
    "mixed).",
    credit=0.25,
)
def partners_exchanged(dcontext, s, states, mask):
    _, weights = np_attend(s, states, mask)
    dscores = _np_softmax_slope(weights, np_dot(dcontext, states))
    ds, _ = _np_attend_backward(dcontext, s, states, mask)
    return ds, dscores[:, :, None] * dcontext[:, None] + weights[:, :, None] * s[:, None]
