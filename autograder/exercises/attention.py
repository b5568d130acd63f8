"""Lesson 15: a decoder that looks back at every state of the encoder."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn import load_weights, rnn_weights


def _np_softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _np_masked_softmax(scores, mask):
    top = np.where(mask, scores, -np.inf).max(axis=-1, keepdims=True)
    e = np.where(mask, np.exp(np.minimum(scores - np.where(np.isfinite(top), top, 0), 0)), 0)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def _np_dot(s, states):
    return np.einsum("nh,nth->nt", s, states)


def _np_attend(s, states, mask, scale=1.0):
    weights = _np_masked_softmax(scale * _np_dot(s, states), mask)
    return np.einsum("nt,nth->nh", weights, states), weights


def _masks(rng: np.random.Generator, N: int, T: int) -> np.ndarray:
    """Masks (N, T) of padded sentences: no length is T where there is room, and one hole in the middle."""
    lengths = rng.integers(2, T, size=N) if T > 2 else np.full(N, T)
    mask = np.arange(T) < lengths[:, None]
    if T > 4:
        mask[0] = True
        mask[0, [1, T - 1]] = False
    return mask


def _query_and_states(rng: np.random.Generator, N: int, T: int, H: int) -> tuple[np.ndarray, np.ndarray]:
    """A query s (N, H) and states (N, T, H) whose scores are about 1, so that every weight counts."""
    return rng.normal(size=(N, H)) / np.sqrt(H), rng.normal(size=(N, T, H))


# ---------------------------------------------------------------- dot_scores


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("scores",),
    hints=(
        "For each sentence n and each of its states t, one number: the dot product of s[n] with states[n, "
        "t].",
        "Sum over the last axis, H, and keep N and T apart. s needs a time axis to be multiplied with "
        "states: s[:, None].",
        "One line: return (states * s[:, None]).sum(axis=-1), or as a matrix product: return (states @ s[:, "
        ":, None])[:, :, 0]",
    ),
    source=(
        "Luong, Pham and Manning (2015), Effective Approaches to Attention-based Neural Machine Translation"
    ),
)
def dot_scores(s, states):
    return torch.bmm(states, s[:, :, None]).squeeze(2)


@dot_scores.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((2, 5, 3), (3, 2, 7), (1, 1, 2), (5, 5, 5)):
        yield rng.normal(size=(N, H)), rng.normal(size=(N, T, H))


@dot_scores.mistake(
    "The products are not summed: a dot product adds up over H, and leaves one number per state."
)
def products_not_summed(s, states):
    return states * s[:, None]


@dot_scores.mistake("You summed over time (axis 1). The dot product sums over H, the last axis.")
def summed_over_time(s, states):
    return (states * s[:, None]).sum(axis=1)


@dot_scores.mistake(
    "Every sentence is scored with the first sentence's query. Sentence n has its own query, s[n]."
)
def first_query_for_all(s, states):
    return states @ s[0]


@dot_scores.mistake(
    "You divided by the square root of H. That belongs to lesson 16; the plain dot product has scale 1.",
    credit=0.5,
)
def scaled_scores(s, states):
    return _np_dot(s, states) / np.sqrt(s.shape[1])


@dot_scores.mistake(
    "You divided by the lengths of both vectors: that is the cosine. The plain dot product keeps the lengths."
)
def cosine_scores(s, states):
    norms = np.linalg.norm(s, axis=-1)[:, None] * np.linalg.norm(states, axis=-1)
    return _np_dot(s, states) / norms


@dot_scores.mistake("You took the softmax already. Return the scores themselves; the softmax comes next.")
def softmax_already(s, states):
    return _np_softmax(_np_dot(s, states))


@dot_scores.mistake(
    "Plain squeeze() drops every axis of length 1, so a batch of one sentence, or a sentence of one word, "
    "loses an axis too. Name the one to drop: squeeze(2), or [:, :, 0]."
)
def squeezed_everything(s, states):
    return (states @ s[:, :, None]).squeeze()


@dot_scores.mistake(
    "The product with s[:, :, None] is (N, T, 1). Drop its last axis, [:, :, 0]: a score is one number."
)
def last_axis_kept(s, states):
    return states @ s[:, :, None]


# ---------------------------------------------------------------- masked_softmax


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("weights",),
    hints=(
        "A position that may not be attended to must get the weight 0, and the others must share the whole "
        "1 among them.",
        "exp(-inf) is 0: put -inf where mask is False, before the softmax. Subtract the row's largest "
        "*allowed* score first. A row with nothing allowed has -inf as its largest, and -inf - (-inf) is "
        "nan: treat it.",
        "top = np.max(scores, axis=-1, keepdims=True, where=mask, initial=-np.inf); top = "
        "np.where(np.isfinite(top), top, 0); e = np.exp(np.where(mask, scores - top, -np.inf)); total = "
        "e.sum(axis=-1, keepdims=True); return e / np.where(total > 0, total, 1)",
    ),
    source=(
        "Bahdanau, Cho and Bengio (2015), Neural Machine Translation by Jointly Learning to Align and "
        "Translate; masks as in Vaswani et al. (2017), section 3.2.3"
    ),
)
def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, -torch.inf).softmax(dim=-1).nan_to_num(0.0)


@masked_softmax.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield 2 * rng.normal(size=(3, 5)), _masks(rng, 3, 5)
    nothing = rng.uniform(size=(2, 3, 7)) < 0.6
    nothing[:, :, 2], nothing[:, :, 4], nothing[1, 2] = True, False, False  # one row has nothing to attend to
    yield 2 * rng.normal(size=(2, 3, 7)), nothing
    # Rows far apart: each needs a largest score of its own, taken among what is allowed.
    yield (
        np.array([[0.0], [1000.0], [-1000.0]]) + rng.normal(size=(3, 3)),
        np.tile([True, True, False], (3, 1)),
    )
    large = 2 * rng.normal(size=(2, 5))
    large[:, 1] = 2000.0  # exp overflows
    yield large, np.array([[True, True, True, False, True], [False, True, True, True, True]])
    hidden = rng.normal(size=(2, 3))
    hidden[:, 0] = 2000.0  # the largest score is not allowed
    yield hidden, np.array([[False, True, True], [False, True, False]])
    yield rng.normal(size=(5,)), np.array([True, False, True, True, False])
    yield np.zeros((1, 1)), np.ones((1, 1), dtype=bool)


@masked_softmax.mistake(
    "The mask is inverted: True means *may attend*. You hide what is real and attend to the padding."
)
def mask_inverted(scores, mask):
    return _np_masked_softmax(scores, ~mask)


@masked_softmax.mistake(
    "You set masked scores to 0 before the softmax. A score of 0 still gets exp(0) = 1 as its share; only "
    "-inf gets nothing."
)
def zeroed_before_softmax(scores, mask):
    return _np_softmax(np.where(mask, scores, 0))


@masked_softmax.mistake(
    "You zeroed the masked weights after an ordinary softmax and did not renormalise: the rows no longer "
    "add up to 1."
)
def zeroed_after_softmax(scores, mask):
    return _np_softmax(scores) * mask


@masked_softmax.mistake("A row with nothing to attend to gives nan: 0 / 0. It must give zeros.", credit=0.5)
def nan_for_empty_row(scores, mask):
    hidden = np.where(mask, scores, -np.inf)
    e = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@masked_softmax.mistake(
    "A row with nothing to attend to gives equal weights, so padding is averaged as if it were real. With "
    "-1e9 in the place of -inf nothing is ever quite hidden; such a row must give zeros.",
    credit=0.5,
)
def large_negative_number(scores, mask):
    return _np_softmax(np.where(mask, scores, -1e9))


@masked_softmax.mistake("The mask is never used: padding takes its share of the weights.")
def padding_left_in(scores, mask):
    return _np_softmax(scores)


@masked_softmax.mistake(
    "Nothing is subtracted before exp: large scores overflow, and the weights become nan; a row of very "
    "negative ones becomes zeros. Subtract each row's largest allowed score first.",
    credit=0.5,
)
def no_shift(scores, mask):
    e = np.exp(np.where(mask, scores, -np.inf))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


@masked_softmax.mistake(
    "You subtract the largest score of the whole row, masked ones included. When a masked score is huge, "
    "every allowed one underflows to zero. Take the largest *allowed* score.",
    credit=0.5,
)
def shifted_by_a_masked_score(scores, mask):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


@masked_softmax.mistake(
    "You subtract one maximum for the whole array. Rows far below it become zeros: each row needs its own, "
    "max(axis=-1, keepdims=True).",
    credit=0.5,
)
def one_maximum_for_all_rows(scores, mask):
    shown = np.where(mask, scores, -np.inf)
    e = np.exp(shown - shown.max())
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


@masked_softmax.mistake(
    "In your maximum a hidden position counts as a score of 0. A row of very negative scores then becomes "
    "zeros: take the maximum over np.where(mask, scores, -np.inf).",
    credit=0.5,
)
def hidden_counts_as_zero_in_maximum(scores, mask):
    top = (scores * mask).max(axis=-1, keepdims=True)
    e = np.exp(np.where(mask, scores - top, -np.inf))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


@masked_softmax.mistake(
    "You clip the scores: all beyond the limit become equal, and so do their weights. Subtract each row's "
    "largest allowed score instead; that changes no weight.",
    credit=0.5,
)
def clipped_scores(scores, mask):
    e = np.exp(np.clip(scores, -700, 700)) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


@masked_softmax.mistake(
    "The plain formula, without its two edges: large scores overflow in exp (subtract each row's largest "
    "allowed score first), and a row with nothing allowed is 0 / 0. Both give nan."
)
def plain_formula(scores, mask):
    e = np.exp(np.where(mask, scores, -np.inf))
    return e / e.sum(axis=-1, keepdims=True)


@masked_softmax.mistake(
    "You multiply by the mask after exp. Where exp has overflowed, that is inf * 0, nan; and a row with "
    "nothing allowed is 0 / 0. Hide with np.where(mask, scores, -np.inf), and subtract each row's largest "
    "score first."
)
def plain_formula_times_mask(scores, mask):
    e = np.exp(scores) * mask
    return e / e.sum(axis=-1, keepdims=True)


@masked_softmax.mistake(
    "You subtract one maximum for the whole array: rows far below it have nothing left, and 0 / 0 is nan, as "
    "in a row with nothing allowed. Each row needs its own maximum, and an empty row zeros."
)
def one_maximum_and_empty_rows(scores, mask):
    shown = np.where(mask, scores, -np.inf)
    e = np.exp(shown - shown.max())
    return e / e.sum(axis=-1, keepdims=True)


@masked_softmax.mistake(
    "You multiply by the mask after exp, with nothing subtracted before it. Where exp has overflowed, that "
    "is inf * 0 or inf / inf, both nan. Subtract each row's largest allowed score, and hide with "
    "np.where(mask, scores, -np.inf).",
    credit=0.5,
)
def no_shift_times_mask(scores, mask):
    e = np.exp(scores) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


@masked_softmax.mistake(
    "You subtract the largest score of the whole array, masked ones included. Rows far below it become "
    "zeros: each row needs the largest of its own allowed scores.",
    credit=0.5,
)
def one_maximum_masked_ones_included(scores, mask):
    e = np.exp(scores - scores.max()) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


@masked_softmax.mistake("The division is missing: divide each row by its sum, so that it adds up to 1.")
def not_normalised(scores, mask):
    top = np.where(mask, scores, -np.inf).max(axis=-1, keepdims=True)
    return np.exp(np.where(mask, scores - np.where(np.isfinite(top), top, 0), -np.inf))


@masked_softmax.mistake(
    "The weights of the whole array together add up to 1. Each row is a softmax of its own: sum(axis=-1, "
    "keepdims=True)."
)
def softmax_over_everything(scores, mask):
    shown = np.where(mask, scores, -np.inf)
    e = np.exp(shown - shown.max())
    return e / e.sum()


@masked_softmax.mistake(
    "Everything is nan: a mask times infinity holds 0 * inf, which is nan. Choose instead of multiplying: "
    "np.where(mask, scores, -np.inf)."
)
def zero_times_infinity(scores, mask):
    return _np_softmax(scores + (1 - mask) * -np.inf)


@masked_softmax.mistake("The softmax runs over the first axis. Each row adds up to 1 along its last axis.")
def softmax_over_first_axis(scores, mask):
    return np.moveaxis(_np_masked_softmax(np.moveaxis(scores, 0, -1), np.moveaxis(mask, 0, -1)), -1, 0)


# ---------------------------------------------------------------- attend


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("context", "weights"),
    hints=(
        "Three steps: score every state, turn the scores into weights, add the states up with these weights.",
        "weights (N, T) needs a last axis to be multiplied with states (N, T, H); then sum over time.",
        "weights = masked_softmax(dot_scores(s, states), mask); return (weights[:, :, None] * "
        "states).sum(axis=1), weights",
    ),
    source="Luong, Pham and Manning (2015), section 3.1",
)
def attend(s, states, mask):
    seen = mask.any(dim=1)
    safe = mask | ~seen[:, None]  # a row of nothing would give nan
    context = functional.scaled_dot_product_attention(s[:, None], states, states, safe[:, None], scale=1.0)[
        :, 0
    ]
    weights = torch.bmm(states, s[:, :, None]).squeeze(2).masked_fill(~safe, -torch.inf).softmax(dim=1)
    return context.masked_fill(~seen[:, None], 0), weights.masked_fill(~seen[:, None], 0)


@attend.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((3, 5, 2), (2, 7, 3), (5, 3, 7), (1, 3, 2), (1, 1, 11)):
        yield *_query_and_states(rng, N, T, H), _masks(rng, N, T)
    nothing = _masks(rng, 2, 3)
    nothing[1] = False
    yield *_query_and_states(rng, 2, 3, 5), nothing
    s, states = _query_and_states(rng, 3, 3, 2)
    s[:, 0], states[:, :, 0] = 1, [[0], [1000], [-1000]]  # scores far apart from row to row
    yield s, states, np.tile([True, True, False], (3, 1))


@attend.mistake("You took the average of the states, not their sum: the weights add up to 1 already.")
def average_instead_of_sum(s, states, mask):
    context, weights = _np_attend(s, states, mask)
    return context / states.shape[1], weights


@attend.mistake(
    "You picked the one state with the largest weight. The context is the weighted sum of all of them; "
    "picking has no gradient to learn from."
)
def picks_the_strongest(s, states, mask):
    _, weights = _np_attend(s, states, mask)
    return states[np.arange(len(s)), weights.argmax(axis=1)], weights


@attend.mistake(
    "You divided the scores by the square root of H. Here the scale is 1; lesson 16 says why it changes."
)
def attends_with_scale(s, states, mask):
    return _np_attend(s, states, mask, scale=1 / np.sqrt(s.shape[1]))


@attend.mistake("The mask is not used: the context mixes in states that stand at padding.")
def attends_to_padding(s, states, mask):
    return _np_attend(s, states, np.ones_like(mask))


@attend.mistake("The scores are used as weights as they are. They need the masked softmax first.")
def scores_as_weights(s, states, mask):
    scores = _np_dot(s, states) * mask
    return np.einsum("nt,nth->nh", scores, states), scores


@attend.mistake("The weighted states are not added up: the sum over time is missing.")
def weighted_but_not_summed(s, states, mask):
    _, weights = _np_attend(s, states, mask)
    return weights[:, :, None] * states, weights


@attend.mistake("The mask is inverted: True means *may attend*.")
def attends_to_what_is_hidden(s, states, mask):
    return _np_attend(s, states, ~mask)


@attend.mistake(
    "Your weights are 1 for the strongest state and 0 for all others. Keep the softmax's weights: the "
    "context is a mixture, and picking has no gradient to learn from."
)
def weights_of_one_and_zero(s, states, mask):
    _, weights = _np_attend(s, states, mask)
    weights = np.eye(states.shape[1])[weights.argmax(axis=1)]
    return np.einsum("nt,nth->nh", weights, states), weights


@attend.mistake(
    "The scores are used as weights, and the mask not at all: masked_softmax(scores, mask) is missing."
)
def softmax_and_mask_missing(s, states, mask):
    scores = _np_dot(s, states)
    return np.einsum("nt,nth->nh", scores, states), scores


@attend.mistake(
    "The second result should be the weights, after the softmax. You return the scores.", credit=0.5
)
def scores_returned(s, states, mask):
    context, _ = _np_attend(s, states, mask)
    return context, _np_dot(s, states)


@attend.mistake("A masked score of 0 still gets exp(0) = 1 as its share. Use masked_softmax, which hides it.")
def masked_scores_of_zero(s, states, mask):
    weights = _np_softmax(_np_dot(s, states) * mask)
    return np.einsum("nt,nth->nh", weights, states), weights


@attend.mistake(
    "You zeroed the masked weights after the softmax, so the rows no longer add up to 1. "
    "masked_softmax(scores, mask) shares the whole among the allowed."
)
def masked_weights_of_zero(s, states, mask):
    weights = _np_softmax(_np_dot(s, states)) * mask
    return np.einsum("nt,nth->nh", weights, states), weights


@attend.mistake(
    "A sentence with nothing to attend to gives nan. Its weights and its context must be zeros, as "
    "masked_softmax gives them.",
    credit=0.5,
)
def nothing_allowed_gives_nan(s, states, mask):
    scores = np.where(mask, _np_dot(s, states), -np.inf)
    weights = _np_softmax(scores)
    return np.einsum("nt,nth->nh", weights, states), weights


@attend.mistake(
    "A sentence with nothing to attend to gets equal weights, for -1e9 in every place hides nothing. Its "
    "weights and its context must be zeros, as masked_softmax gives them.",
    credit=0.5,
)
def nothing_allowed_gives_the_mean(s, states, mask):
    weights = _np_softmax(np.where(mask, _np_dot(s, states), -1e9))
    return np.einsum("nt,nth->nh", weights, states), weights


# ---------------------------------------------------------------- additive_scores


@exercise(
    points=2,
    difficulty=2,
    minutes=12,
    returns=("scores",),
    hints=(
        "A tiny network with one hidden layer looks at a pair (query, state) and says one number.",
        "s @ W_s is (N, A), states @ W_m is (N, T, A): give the first a time axis, add, squash, and "
        "multiply by v.",
        "One line: return np.tanh((s @ W_s)[:, None] + states @ W_m) @ v",
    ),
    source="Bahdanau, Cho and Bengio (2015), appendix A.1.2",
)
def additive_scores(s, states, W_s, W_m, v):
    T = states.shape[1]
    pair = torch.cat([s[:, None].expand(-1, T, -1), states], dim=2)  # (N, T, 2H)
    hidden = torch.tanh(functional.linear(pair, torch.cat([W_s, W_m]).T))
    return functional.linear(hidden, v[None])[:, :, 0]


@additive_scores.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H, A in ((2, 5, 3, 7), (3, 2, 5, 2), (1, 3, 2, 2), (1, 1, 5, 3), (5, 3, 2, 1)):
        yield (
            rng.normal(size=(N, H)),
            rng.normal(size=(N, T, H)),
            rng.normal(size=(H, A)),
            rng.normal(size=(H, A)),
            rng.normal(size=A),
        )


@additive_scores.mistake(
    "The tanh is missing. Without it the query adds the same number to every score, and the softmax ignores "
    "it."
)
def additive_without_tanh(s, states, W_s, W_m, v):
    return ((s @ W_s)[:, None] + states @ W_m) @ v


@additive_scores.mistake(
    "W_s and W_m are swapped: W_s belongs to the query s, W_m to the memory, the states."
)
def matrices_swapped(s, states, W_s, W_m, v):
    return np.tanh((s @ W_m)[:, None] + states @ W_s) @ v


@additive_scores.mistake("You squash each part by itself. Add the two first, then take one tanh of the sum.")
def tanh_of_each_part(s, states, W_s, W_m, v):
    return (np.tanh(s @ W_s)[:, None] + np.tanh(states @ W_m)) @ v


@additive_scores.mistake("The vector v is missing: you added up the hidden units with equal weights.")
def sum_instead_of_v(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m).sum(axis=-1)


@additive_scores.mistake("The tanh comes too late: it squashes the hidden layer, not the score.")
def tanh_of_the_score(s, states, W_s, W_m, v):
    return np.tanh(((s @ W_s)[:, None] + states @ W_m) @ v)


@additive_scores.mistake(
    "The query is missing: the scores depend on the states alone, so every query would look alike."
)
def query_missing(s, states, W_s, W_m, v):
    return np.tanh(states @ W_m) @ v


@additive_scores.mistake(
    "The two parts are multiplied. In additive attention they are added, hence the name."
)
def parts_multiplied(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] * (states @ W_m)) @ v


@additive_scores.mistake(
    "The product with v is missing: you return the hidden layer (N, T, A). hidden @ v makes one number of it."
)
def hidden_layer_returned(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m)


@additive_scores.mistake(
    "You multiplied by v, but did not add up: a score is a dot product with v, one number per state. With "
    "@ v the sum over A comes by itself."
)
def additive_products_not_summed(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m) * v


@additive_scores.mistake("You use W_s for both. The states have a matrix of their own, W_m.")
def query_matrix_for_both(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_s) @ v


@additive_scores.mistake("You took the softmax already. The scores alone are asked for.")
def additive_softmax_already(s, states, W_s, W_m, v):
    return _np_softmax(np.tanh((s @ W_s)[:, None] + states @ W_m) @ v)


@additive_scores.mistake("You divided by the square root of A. Additive scores are not scaled.", credit=0.5)
def additive_scaled(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m) @ v / np.sqrt(len(v))


@additive_scores.mistake(
    "Every sentence is scored with the first sentence's query. Sentence n has its own, s[n]."
)
def additive_first_query_for_all(s, states, W_s, W_m, v):
    return np.tanh(s[0] @ W_s + states @ W_m) @ v


# ---------------------------------------------------------------- attend_backward


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
def attend_backward(dcontext, s, states, mask):
    s, states = s.detach().requires_grad_(), states.detach().requires_grad_()
    context, _ = attend.reference(s, states, mask)
    return torch.autograd.grad(context, (s, states), dcontext)


@attend_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((3, 5, 2), (2, 7, 3), (5, 3, 7), (1, 3, 2), (1, 1, 11)):
        yield rng.normal(size=(N, H)), *_query_and_states(rng, N, T, H), _masks(rng, N, T)
    nothing = _masks(rng, 2, 3)
    nothing[0] = False
    yield rng.normal(size=(2, 5)), *_query_and_states(rng, 2, 3, 5), nothing


def _np_softmax_slope(weights, dweights):
    return weights * (dweights - (weights * dweights).sum(axis=1, keepdims=True))


def _np_attend_backward(
    dcontext, s, states, mask, *, slope=_np_softmax_slope, key_path=True, value_path=True
):
    """`slope` makes dscores of weights and dweights."""
    _, weights = _np_attend(s, states, mask)
    dscores = slope(weights, _np_dot(dcontext, states))
    dstates = np.zeros_like(states)
    if key_path:
        dstates += dscores[:, :, None] * s[:, None]
    if value_path:
        dstates += weights[:, :, None] * dcontext[:, None]
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
    "The softmax's second term has the wrong sign: the slope is weights[u] * ((u == t) - weights[t]), so the "
    "row's sum(weights * dweights) is subtracted."
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
    "The softmax's second term is summed over the batch (axis 0). The weights of one sentence share a whole, "
    "so the sum runs over its states: sum(axis=1, keepdims=True)."
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
    "The sign of dscores is flipped: it is positive where dweights is above the row's weighted mean. "
    "Both ds and the part of dstates through the scores suffer from it."
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
    context, _ = _np_attend(s, states, mask)
    return context, _np_attend_backward(dcontext, s, states, mask)[1]


@attend_backward.mistake(
    "In dstates the partners are exchanged: dscores go with s (as compared), weights with dcontext (as "
    "mixed).",
    credit=0.25,
)
def partners_exchanged(dcontext, s, states, mask):
    _, weights = _np_attend(s, states, mask)
    dscores = _np_softmax_slope(weights, _np_dot(dcontext, states))
    ds, _ = _np_attend_backward(dcontext, s, states, mask)
    return ds, dscores[:, :, None] * dcontext[:, None] + weights[:, :, None] * s[:, None]


# ---------------------------------------------------------------- attention_decoder_step


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("logits", "s"),
    hints=(
        "Four steps: move the state, look at the source with the new state, mix the two, read out.",
        "np.concatenate([context, s], axis=1) is (N, 2H), context first. Only s is handed to the next step.",
        "s = rnn_step(y, s_prev, W_xh, W_hh, b_h); context, _ = attend(s, states, mask); mixed = "
        "np.tanh(np.concatenate([context, s], axis=1) @ W_c + b_c); return mixed @ W_hy + b_y, s",
    ),
    source="Luong, Pham and Manning (2015), equations 5 and 6",
)
def attention_decoder_step(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    cell = nn.RNNCell(*W_xh.shape, dtype=y.dtype, device=y.device)
    load_weights(cell, W_xh, W_hh, b_h)
    s = cell(y, s_prev)
    context, _ = attend.reference(s, states, mask)
    mixed = torch.tanh(functional.linear(torch.cat([context, s], dim=1), W_c.T, b_c))
    return functional.linear(mixed, W_hy.T, b_y), s


@attention_decoder_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H, V in (
        (3, 5, 2, 7, 11),
        (2, 7, 5, 3, 5),
        (1, 3, 2, 2, 2),
        (1, 1, 3, 5, 3),
        (5, 3, 2, 2, 7),
    ):
        yield (
            rng.normal(size=(N, D)),
            rng.uniform(-1, 1, size=(N, H)),
            rng.uniform(-1, 1, size=(N, T, H)),
            _masks(rng, N, T) & (np.arange(N) != 4)[:, None],  # of five sentences, the last is empty
            *rnn_weights(rng, D, H),
            rng.normal(size=(2 * H, H)) / np.sqrt(H),
            rng.normal(size=H),
            rng.normal(size=(H, V)),
            rng.normal(size=V),
        )


def _np_decoder_step(
    y,
    s_prev,
    states,
    mask,
    W_xh,
    W_hh,
    b_h,
    W_c,
    b_c,
    W_hy,
    b_y,
    *,
    old=False,
    swap=False,
    squash=np.tanh,
    late=False,
):
    """-> logits, s, mixed; the switches are the mistakes below."""
    s = np.tanh(y @ W_xh + s_prev @ W_hh + b_h)
    context, _ = _np_attend(s_prev if old else s, states, mask)
    both = np.concatenate([s, context] if swap else [context, s], axis=1)
    mixed = squash(both @ W_c) + b_c if late else squash(both @ W_c + b_c)
    return mixed @ W_hy + b_y, s, mixed


@attention_decoder_step.mistake(
    "You look at the source with the old state. Here the state moves first, and the new one asks the "
    "question (Luong); asking with the old one is Bahdanau's order."
)
def asks_with_old_state(*given):
    return _np_decoder_step(*given, old=True)[:2]


@attention_decoder_step.mistake(
    "The order is [context; s], context first: the upper half of W_c belongs to it."
)
def halves_swapped(*given):
    return _np_decoder_step(*given, swap=True)[:2]


@attention_decoder_step.mistake(
    "You mixed the context with s_prev. It stands beside the new state: [context; s].", credit=0.5
)
def mixed_with_old_state(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    s = np.tanh(y @ W_xh + s_prev @ W_hh + b_h)
    context, _ = _np_attend(s, states, mask)
    return np.tanh(np.concatenate([context, s_prev], axis=1) @ W_c + b_c) @ W_hy + b_y, s


@attention_decoder_step.mistake("The tanh around [context; s] W_c + b_c is missing.")
def mixed_without_tanh(*given):
    return _np_decoder_step(*given, squash=lambda z: z)[:2]


@attention_decoder_step.mistake("You added b_c after tanh: it belongs into the sum that is squashed.")
def bias_of_mix_outside(*given):
    return _np_decoder_step(*given, late=True)[:2]


@attention_decoder_step.mistake(
    "You handed on the mixed vector. The next step continues from s, the state of the recurrent network.",
    credit=0.5,
)
def mixed_handed_on(*given):
    logits, _, mixed = _np_decoder_step(*given)
    return logits, mixed


@attention_decoder_step.mistake(
    "The readout sees only s: you computed the context, but never used it, so the bottleneck is still there."
)
def context_never_used(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    s = np.tanh(y @ W_xh + s_prev @ W_hh + b_h)
    return s @ W_hy + b_y, s


@attention_decoder_step.mistake("The mask is not passed on: padding is attended to.")
def decoder_sees_padding(y, s_prev, states, mask, *weights):
    return _np_decoder_step(y, s_prev, states, np.ones_like(mask), *weights)[:2]


@attention_decoder_step.mistake("These are probabilities. Return the logits, before the softmax.", credit=0.5)
def decoder_returns_probabilities(*given):
    logits, s, _ = _np_decoder_step(*given)
    return _np_softmax(logits), s


@attention_decoder_step.mistake("The bias b_c is missing in tanh([context; s] W_c + b_c).")
def bias_of_mix_missing(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    given = (y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, np.zeros_like(b_c), W_hy, b_y)
    return _np_decoder_step(*given)[:2]


@attention_decoder_step.mistake("The bias b_y of the readout is missing.", credit=0.5)
def bias_of_readout_missing(*given):
    logits, s, _ = _np_decoder_step(*given)
    return logits - given[-1], s


@attention_decoder_step.mistake(
    "You squash the logits as well. The tanh belongs around [context; s] W_c + b_c alone; the readout has "
    "none."
)
def logits_squashed(*given):
    logits, s, _ = _np_decoder_step(*given)
    return np.tanh(logits), s


@attention_decoder_step.mistake(
    "The tanh is around the whole readout. It belongs around [context; s] W_c + b_c, before W_hy."
)
def squashed_too_late(*given):
    logits, s, _ = _np_decoder_step(*given, squash=lambda z: z)
    return np.tanh(logits), s


@attention_decoder_step.mistake(
    "You handed on the context. It is made anew at each step; the next step continues from the state s.",
    credit=0.5,
)
def context_handed_on(*given):
    logits, s, _ = _np_decoder_step(*given)
    return logits, _np_attend(s, *given[2:4])[0]


@attention_decoder_step.mistake(
    "You handed on s_prev, so the state never moves. Return the new s.", credit=0.5
)
def old_state_handed_on(*given):
    return _np_decoder_step(*given)[0], given[1].copy()


@attention_decoder_step.mistake("The mask is inverted: True means *may attend*, so hand it on as it is.")
def decoder_inverts_mask(y, s_prev, states, mask, *weights):
    return _np_decoder_step(y, s_prev, states, ~mask, *weights)[:2]
