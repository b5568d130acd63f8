"""Lesson 17, attention_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import inverted_mask, own_softmax
from autograder.exercises.training_a_transformer.draws import some_hidden
from autograder.exercises.training_a_transformer.parts import (
    np_attention_backward,
    np_softmax_slope,
    turned,
)
from autograder.exercises.transformer.parts import np_attention


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("dq", "dk", "dv"),
    hints=(
        "Take the forward pass apart: scores, weights, out. Then go back through it, last line first. The "
        "weights are not given: compute them again.",
        "out = weights @ v gives dweights = dout @ v^T and dv = weights^T @ dout. The softmax is lesson "
        "15's: dscores = weights * (dweights - sum(weights * dweights)), the sum over the keys. q @ k^T is a "
        "product of matrices like any other; the 1/sqrt(d) is a factor of both dq and dk.",
        "_, weights = scaled_dot_product_attention(q, k, v, mask); dweights = dout @ np.swapaxes(v, -1, -2); "
        "dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True)) / "
        "np.sqrt(q.shape[-1]); return dscores @ k, np.swapaxes(dscores, -1, -2) @ q, np.swapaxes(weights, "
        "-1, -2) @ dout",
    ),
    source="Dao et al. (2022), FlashAttention, appendix B.2",
)
def attention_backward(dout, q, k, v, mask): ...


@attention_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(lead, T, S, d, e):
        sizes = (T, e), (T, d), (S, d), (S, e)
        return [rng.normal(size=(*lead, *size)) for size in sizes]

    yield *given((2,), 5, 7, 3, 2), some_hidden(rng, 2, 5, 7)
    yield *given((3,), 7, 2, 5, 11), None
    yield *given((2, 3), 5, 5, 2, 7), np.tril(np.ones((5, 5), dtype=bool))
    yield *given((), 3, 5, 7, 2), np.arange(5) < 3
    nothing = some_hidden(rng, 3, 2, 5)
    nothing[0, 1] = False  # one query, and all of one sentence
    nothing[2] = False
    yield *given((3,), 2, 5, 3, 2), nothing
    for far in (-50.0, 50.0):  # scores near -6e4 and 6e4, of which only the differences count
        dout, q, k, v = given((2,), 3, 5, 3, 2)
        q[..., 0], k[..., 0] = 2000.0, far
        yield dout, q, k, v, some_hidden(rng, 2, 3, 5)
    dout, q, k, v = given((), 3, 5, 2, 7)
    q[:, 0], k[:, 0] = (2000.0, 0.0, -2000.0), 50.0  # every query has a level of its own
    yield dout, q, k, v, None
    yield *given((2,), 1, 3, 2, 5), np.ones((2, 1, 3), dtype=bool)


inverted_mask(attention_backward, np_attention_backward, "mask")
own_softmax(attention_backward, lambda softmax: lambda *given: np_attention_backward(*given, softmax=softmax))


def _spoils_softmax(name, softmax, message, credit=0.5):
    attention_backward.add_mistake(
        name, lambda *given: np_attention_backward(*given, softmax=softmax), message, credit
    )


def _total(scores, mask):
    return (np.exp(scores - scores.max()) * mask).sum(axis=-1, keepdims=True)


def _plain_softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


_spoils_softmax(
    "hidden_above_allowed",
    lambda scores, mask: _plain_softmax(np.where(mask, scores, -1e4)),
    "You wrote -1e4 over the hidden scores. Allowed ones may be lower still, and the hidden keys then take "
    "all the weight. scaled_dot_product_attention returns the right weights.",
)
_spoils_softmax(
    "masked_after_the_softmax",
    lambda scores, mask: _plain_softmax(scores) * mask,
    "You set the hidden weights to 0 after the softmax, so that the others do not add up to 1. The mask acts "
    "on the scores, before the softmax.",
    0.25,
)
_spoils_softmax(
    "one_level_for_all",
    lambda scores, mask: np.nan_to_num(np.exp(scores - scores.max()) * mask / _total(scores, mask)),
    "You subtracted one maximum of all scores before np.exp. A query whose scores all lie far below it is "
    "left without weights: every row has its own maximum, max(axis=-1, keepdims=True).",
)


def _spoils_slope(name, slope, message, credit=0.0):
    attention_backward.add_mistake(
        name, lambda *given: np_attention_backward(*given, slope=slope), message, credit
    )


_spoils_slope(
    "softmax_term_missing",
    np.multiply,
    "The softmax's row sum is missing: from every dweights its row's weighted mean, sum(weights * dweights), "
    "is subtracted. One weight can grow only at the others' cost.",
)
_spoils_slope(
    "softmax_factor_missing",
    lambda w, dw: dw - (w * dw).sum(axis=-1, keepdims=True),
    "The factor in front is missing: dscores = weights * (...). Without it even a hidden key, whose weight "
    "is 0, gets a gradient.",
)
_spoils_slope(
    "softmax_factor_at_first_term_only",
    lambda w, dw: w * dw - (w * dw).sum(axis=-1, keepdims=True),
    "The factor weights stands at the first term only. The second has it too: dscores = weights * (dweights "
    "- sum(weights * dweights)).",
)
_spoils_slope(
    "softmax_sum_unweighted",
    lambda w, dw: w * (dw - dw.sum(axis=-1, keepdims=True)),
    "The softmax's row sum adds dweights as they are. Each counts with its weight: sum(weights * dweights).",
)
_spoils_slope(
    "softmax_plain_mean",
    lambda w, dw: w * (dw - dw.mean(axis=-1, keepdims=True)),
    "You subtracted the plain mean of dweights. It is the mean with the attention weights: sum(weights * "
    "dweights).",
)
_spoils_slope(
    "softmax_weight_outside_the_sum",
    lambda w, dw: w * (dw - w * dw.sum(axis=-1, keepdims=True)),
    "In the softmax's row sum your weights stand outside the sum. Inside, each stands beside its own "
    "dweights: sum(weights * dweights).",
)
_spoils_slope(
    "softmax_diagonal_only",
    lambda w, dw: w * (1 - w) * dw,
    "With weights * (1 - weights) you have only the diagonal of the softmax's Jacobian: how a score moves "
    "its own weight. It moves all others of its row too.",
)
_spoils_slope(
    "softmax_skipped",
    lambda w, dw: dw,
    "The softmax was skipped on the way back: dweights was used as dscores. Its slope couples all weights of "
    "a row.",
)
_spoils_slope(
    "softmax_sum_added",
    lambda w, dw: w * (dw + (w * dw).sum(axis=-1, keepdims=True)),
    "The softmax's row sum has the wrong sign: sum(weights * dweights) is subtracted from dweights.",
)
_spoils_slope(
    "softmax_sum_over_queries",
    lambda w, dw: w * (dw - (w * dw).sum(axis=-2, keepdims=True)),
    "Your row sum runs over the queries (axis -2). The weights of one query share a whole, so it runs over "
    "its keys: axis=-1.",
)
_spoils_slope(
    "softmax_sum_over_everything",
    lambda w, dw: w * (dw - (w * dw).sum()),
    "Your row sum runs over everything. Each query has its own: sum(axis=-1, keepdims=True).",
)
_spoils_slope(
    "score_gradient_negated",
    lambda w, dw: -np_softmax_slope(w, dw),
    "The sign of dscores is flipped: it is positive where dweights is above its row's weighted mean.",
)
_spoils_slope(
    "slope_of_cross_entropy",
    lambda w, dw: w - dw,
    "You took dscores = weights - dweights. The line p - onehot(y) of lesson 06 is for the loss -log p_y; "
    "here any loss may follow, and the slope of the softmax is multiplied in.",
)


def _spoils_scale(name, spoilt, message, credit=0.0):
    """`spoilt(d)` gives the factors of dq and of dk."""

    def answer(dout, q, k, v, mask):
        return np_attention_backward(dout, q, k, v, mask, scale=spoilt(q.shape[-1]))

    attention_backward.add_mistake(name, answer, message, credit)


_spoils_scale(
    "scale_missing",
    lambda d: (1, 1),
    "The factor 1/sqrt(d) is missing in dq and dk. It stood between the product and the softmax, so the "
    "gradient is multiplied by it on its way back.",
    0.5,
)
_spoils_scale(
    "scale_missing_in_dq",
    lambda d: (1, 1 / np.sqrt(d)),
    "The factor 1/sqrt(d) is missing in dq. Both dq and dk have it.",
    0.5,
)
_spoils_scale(
    "scale_missing_in_dk",
    lambda d: (1 / np.sqrt(d), 1),
    "The factor 1/sqrt(d) is missing in dk. Both dq and dk have it.",
    0.5,
)
_spoils_scale(
    "scale_twice",
    lambda d: (1 / d, 1 / d),
    "Your dq and dk are divided by d: by sqrt(d) twice, or without the root. Divide by sqrt(d) once.",
    0.5,
)
_spoils_scale(
    "scale_upside_down",
    lambda d: (np.sqrt(d), np.sqrt(d)),
    "You multiplied by sqrt(d) on the way back. The slope of z / sqrt(d) is 1 / sqrt(d).",
    0.5,
)


@attention_backward.mistake(
    "The weights were computed without 1/sqrt(d), and the gradient lacks it too. The scores are q k^T / "
    "sqrt(d): use scaled_dot_product_attention."
)
def scale_nowhere(*given):
    return np_attention_backward(*given, forward_scale=1, scale=(1, 1))


@attention_backward.mistake(
    "The weights that you computed again lack 1/sqrt(d): they are not those of the forward pass. "
    "scaled_dot_product_attention returns the right ones."
)
def weights_without_scale(*given):
    return np_attention_backward(*given, forward_scale=1)


@attention_backward.mistake(
    "The mask is not used on the way back: hidden keys take part in the softmax, and get a gradient."
)
def backward_ignores_mask(dout, q, k, v, mask):
    return np_attention_backward(dout, q, k, v, None)


@attention_backward.mistake(
    "Your dq and dk are zero: you treated the weights as constants. They depend on q and k: go on from "
    "dweights through the softmax.",
    credit=0.25,
)
def weights_as_constants(dout, q, k, v, mask):
    return np.zeros_like(q), np.zeros_like(k), np_attention_backward(dout, q, k, v, mask)[2]


@attention_backward.mistake(
    "Your dv was made of dscores. The values are mixed by the weights: dv = weights^T @ dout.", credit=0.5
)
def values_from_scores(dout, q, k, v, mask):
    dq, dk, _ = np_attention_backward(dout, q, k, v, mask)
    _, weights = np_attention(q, k, v, mask)
    dscores = np_softmax_slope(weights, dout @ turned(v)) / np.sqrt(q.shape[-1])
    return dq, dk, turned(dscores) @ dout


@attention_backward.mistake(
    "Your dv was made of dweights. The values are mixed by the weights: dv = weights^T @ dout.", credit=0.5
)
def values_from_dweights(dout, q, k, v, mask):
    dq, dk, _ = np_attention_backward(dout, q, k, v, mask)
    return dq, dk, turned(dout @ turned(v)) @ dout


@attention_backward.mistake(
    "For dweights you compared out with the values. What arrives is dout: dweights = dout @ v^T."
)
def out_for_dout(dout, q, k, v, mask):
    out, _ = np_attention(q, k, v, mask)
    dq, dk, _ = np_attention_backward(out, q, k, v, mask)
    return dq, dk, np_attention_backward(dout, q, k, v, mask)[2]


@attention_backward.mistake("The results stand in another order: return dq, dk, dv.", credit=0.5)
def values_first(*given):
    dq, dk, dv = np_attention_backward(*given)
    return dv, dq, dk


@attention_backward.mistake("The results are turned round: return dq, dk, dv, in this order.", credit=0.5)
def results_reversed(*given):
    return np_attention_backward(*given)[::-1]


@attention_backward.mistake("Two results are swapped: return dq first, then dk.", credit=0.5)
def keys_first(*given):
    dq, dk, dv = np_attention_backward(*given)
    return dk, dq, dv
