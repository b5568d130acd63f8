"""Lesson 16, scaled_dot_product_attention: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import inverted_mask, own_softmax
from autograder.exercises.numpy_rnn.parts import np_softmax
from autograder.exercises.transformer.parts import np_attention


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("out", "weights"),
    hints=(
        "Lesson 15 for many queries at once: a matrix product makes all scores, masked_softmax the weights, "
        "another product the outputs.",
        "np.swapaxes(k, -1, -2) turns the keys (..., S, d) into (..., d, S). Divide by the square root of d "
        "= q.shape[-1]. np.broadcast_to(mask, scores.shape) makes any mask fit, also True, for no mask at "
        "all.",
        "scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]); mask = np.broadcast_to(True if mask is "
        "None else mask, scores.shape); weights = masked_softmax(scores, mask); return weights @ v, weights",
    ),
    source="Vaswani et al. (2017), section 3.2.1",
)
def scaled_dot_product_attention(q, k, v, mask): ...


@scaled_dot_product_attention.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(lead, T, S, d, e):
        return rng.normal(size=(*lead, T, d)), rng.normal(size=(*lead, S, d)), rng.normal(size=(*lead, S, e))

    mask = rng.uniform(size=(2, 5, 7)) < 0.6
    mask[:, :, 2], mask[0, :, 4], mask[1, 3] = True, False, False  # one row has nothing to attend to
    yield *given((2,), 5, 7, 3, 11), mask
    yield *given((2, 3), 5, 5, 2, 3), np.tril(np.ones((5, 5), dtype=bool))  # as a causal mask, with heads
    yield *given((3,), 2, 7, 5, 3), None
    yield *given((3,), 4, 5, 7, 2), np.arange(5) < np.array([2, 5, 3])[:, None, None]  # as a padding mask
    yield *given((), 3, 2, 11, 5), None
    yield *given((1,), 1, 1, 2, 3), np.ones((1, 1), dtype=bool)
    q, k, v = given((2,), 3, 5, 7, 2)
    q[..., 0], k[..., 0] = 100, 100  # every score is near 3780, whose exponential is no number any more
    yield q, k, v, None


inverted_mask(scaled_dot_product_attention, np_attention, "mask")
own_softmax(
    scaled_dot_product_attention, lambda softmax: lambda *given: np_attention(*given, softmax=softmax)
)


@scaled_dot_product_attention.mistake(
    "The scores are not divided by the square root of d. With wide keys the softmax saturates and stops "
    "learning."
)
def not_scaled(q, k, v, mask):
    return np_attention(q, k, v, mask, scale=1.0)


@scaled_dot_product_attention.mistake("You divided by d. Divide by its square root.")
def divided_by_d(q, k, v, mask):
    return np_attention(q, k, v, mask, scale=1 / q.shape[-1])


@scaled_dot_product_attention.mistake(
    "You divided by the square root of the number of keys. It is the width d of a key whose square root "
    "counts."
)
def scaled_by_number_of_keys(q, k, v, mask):
    return np_attention(q, k, v, mask, scale=1 / np.sqrt(k.shape[-2]))


@scaled_dot_product_attention.mistake("You multiplied by the square root of d. Divide by it.")
def multiplied_by_root(q, k, v, mask):
    return np_attention(q, k, v, mask, scale=np.sqrt(q.shape[-1]))


@scaled_dot_product_attention.mistake(
    "You divided after the softmax: the weights no longer add up to 1. Divide the scores, before it."
)
def scaled_after_softmax(q, k, v, mask):
    root = np.sqrt(q.shape[-1])
    out, weights = np_attention(q, k, v, mask, scale=1.0)
    return out / root, weights / root


@scaled_dot_product_attention.mistake("The mask is never used: every query attends to everything.")
def attention_mask_ignored(q, k, v, mask):
    return np_attention(q, k, v, None)


@scaled_dot_product_attention.mistake(
    "Masked scores were set to 0 before the softmax. A score of 0 keeps exp(0) as its share; use "
    "masked_softmax."
)
def attention_zeroed_before(q, k, v, mask):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = np_softmax(scores if mask is None else np.where(mask, scores, 0))
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "Masked weights were set to 0 after an ordinary softmax, and the rest not renormalised; use "
    "masked_softmax."
)
def attention_zeroed_after(q, k, v, mask):
    weights = np_softmax(q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))
    weights = weights if mask is None else weights * mask
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "Large scores overflow: subtract each row's greatest score before the exponential, or use "
    "masked_softmax, which does.",
    credit=0.5,
)
def maximum_not_subtracted(q, k, v, mask):
    e = np.exp(q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))
    e = e if mask is None else e * mask
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1)
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "A huge negative number is added to masked scores. Where all are masked it cancels out, and the query "
    "attends as if nothing were masked. It must give zeros; masked_softmax does that.",
    credit=0.5,
)
def huge_number_added(q, k, v, mask):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = np_softmax(scores if mask is None else scores + ~mask * -1e9)
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "The mask may be None, which NumPy takes for False: nothing is allowed. For None make a mask that is "
    "True everywhere.",
    credit=0.5,
)
def none_taken_for_false(q, k, v, mask):
    return np_attention(q, k, v, False if mask is None else mask)


@scaled_dot_product_attention.mistake(
    "The softmax runs over the queries. Each query's weights add up to 1 over the keys, the last axis."
)
def softmax_over_queries(q, k, v, mask):
    return np_attention(q, k, v, mask, axis=-2)


@scaled_dot_product_attention.mistake(
    "The mask's query and key axes are swapped: rows are queries, columns are keys, as in the scores."
)
def attention_mask_transposed(q, k, v, mask):
    return np_attention(q, k, v, None if mask is None else np.swapaxes(mask, -1, -2))
