"""Lesson 15, masked_softmax: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.attention.draws import masks
from autograder.exercises.attention.parts import np_masked_softmax
from autograder.exercises.families import own_softmax
from autograder.exercises.numpy_rnn.parts import np_softmax


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
def masked_softmax(scores, mask): ...


@masked_softmax.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield 2 * rng.normal(size=(3, 5)), masks(rng, 3, 5)
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
    yield rng.normal(size=(1, 1)), np.ones((1, 1), dtype=bool)
    yield rng.normal(size=(3, 7)) - 3e10, masks(rng, 3, 7)  # below any number that is written for -inf


@masked_softmax.mistake(
    "The mask is inverted: True means *may attend*. You hide what is real and attend to the padding."
)
def mask_inverted(scores, mask):
    return np_masked_softmax(scores, ~mask)


own_softmax(masked_softmax, lambda softmax: softmax, "hides_with_minus_infinity", "hides_with_large_number")


@masked_softmax.mistake(
    "You set masked scores to 0 before the softmax. A score of 0 still gets exp(0) = 1 as its share; only "
    "-inf gets nothing."
)
def zeroed_before_softmax(scores, mask):
    return np_softmax(np.where(mask, scores, 0))


@masked_softmax.mistake(
    "You zeroed the masked weights after an ordinary softmax and did not renormalise: the rows no longer "
    "add up to 1."
)
def zeroed_after_softmax(scores, mask):
    return np_softmax(scores) * mask


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
    return np_softmax(np.where(mask, scores, -1e9))


@masked_softmax.mistake("The mask is never used: padding takes its share of the weights.")
def padding_left_in(scores, mask):
    return np_softmax(scores)


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
    "You subtract one maximum for the whole array: rows far below it have nothing left, and 0 / 0 is nan, "
    "as in a row with nothing allowed. Each row needs its own maximum, and an empty row zeros."
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
    return np_softmax(scores + (1 - mask) * -np.inf)


@masked_softmax.mistake("The softmax runs over the first axis. Each row adds up to 1 along its last axis.")
def softmax_over_first_axis(scores, mask):
    return np.moveaxis(np_masked_softmax(np.moveaxis(scores, 0, -1), np.moveaxis(mask, 0, -1)), -1, 0)


@masked_softmax.mistake(
    "Hidden scores become one finite number, such as -1e9. Where all allowed scores lie below it, the "
    "hidden ones are the largest, and the row is zeros. Only -inf is below every score.",
    credit=0.5,
)
def hidden_by_a_finite_number(scores, mask):
    shown = np.where(mask, scores, -1e9)
    e = np.exp(shown - shown.max(axis=-1, keepdims=True)) * mask
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)
