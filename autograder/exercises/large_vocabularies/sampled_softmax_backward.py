"""Lesson 13, sampled_softmax_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.large_vocabularies import JEAN
from autograder.exercises.large_vocabularies.draws import sampled_case


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("dh", "dW", "db"),
    hints=(
        "It is the gradient of a cross-entropy over K + 1 classes: probabilities minus one at the target, "
        "over N.",
        "The correction is a constant, so it has no gradient of its own. The target's column goes to row "
        "targets[n] of dW, a candidate's column to row sampled[k], and rows can be met several times.",
        "dh = d_target[:, None] * W[targets] + d_negative @ W[sampled]; np.add.at(dW, targets, d_target[:, "
        "None] * h); np.add.at(dW, sampled, d_negative.T @ h); and the same for db.",
    ),
    source=JEAN,
)
def sampled_softmax_backward(h, W, b, targets, sampled, q): ...


@sampled_softmax_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    case = sampled_case(rng, 5, 23, 3, 7)
    case[3][1] = case[3][0]  # two rows with one target
    yield case
    yield sampled_case(rng, 3, 17, 2, 11)
    yield sampled_case(rng, 2, 13, 5, 7, hits=False)
    yield sampled_case(rng, 1, 5, 2, 3)
    yield sampled_case(rng, 3, 11, 2, 5, scale=1000.0)  # exp of these overflows without a shift


def _columns(h, W, b, targets, sampled, q, hits=True, correct=True, correct_target=True, shift=True):
    """Gradient of the mean loss with respect to the target's logit (N,) and the candidates' (N, K)."""
    scale = np.log(len(sampled) * q) if correct else np.zeros_like(q)
    target = (h * W[targets]).sum(axis=1) + b[targets] - correct_target * scale[targets]
    negative = h @ W[sampled].T + b[sampled] - scale[sampled]
    if hits:
        negative = np.where(targets[:, None] == sampled, -np.inf, negative)
    every = np.concatenate([target[:, None], negative], axis=1)
    p = np.exp(every - shift * every.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[:, 0] -= 1
    return p[:, 0] / len(h), p[:, 1:] / len(h)


def _spread(h, W, targets, sampled, of_target, of_negative, add=np.add.at):
    dW, db = np.zeros_like(W), np.zeros(len(W))
    add(dW, targets, of_target[:, None] * h)
    add(dW, sampled, of_negative.T @ h)
    add(db, targets, of_target)
    add(db, sampled, of_negative.sum(axis=0))
    return of_target[:, None] * W[targets] + of_negative @ W[sampled], dW, db


def _plain_add(array, ids, values):
    array[ids] += values


@sampled_softmax_backward.mistake(
    "Duplicates overwrite each other: dW[ids] += ... counts a row once, however often it is met. Use "
    "np.add.at.",
    credit=0.5,
)
def duplicates_overwrite(h, W, b, targets, sampled, q):
    columns = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, *columns, add=_plain_add)


@sampled_softmax_backward.mistake(
    "Minus one at the target is missing: its column is p - 1, the candidates' columns are p.", credit=0.25
)
def minus_one_missing(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, of_target + 1 / len(h), of_negative)


@sampled_softmax_backward.mistake(
    "Accidental hits are kept: a candidate that is the row's own target has no gradient in that row.",
    credit=0.5,
)
def hits_kept_in_backward(h, W, b, targets, sampled, q):
    return _spread(h, W, targets, sampled, *_columns(h, W, b, targets, sampled, q, hits=False))


@sampled_softmax_backward.mistake(
    "The probabilities were taken from the uncorrected logits: subtract log(K q) as in the loss.", credit=0.25
)
def uncorrected_in_backward(h, W, b, targets, sampled, q):
    return _spread(h, W, targets, sampled, *_columns(h, W, b, targets, sampled, q, correct=False))


@sampled_softmax_backward.mistake(
    "The loss is a mean over the N rows: divide its gradients by N.", credit=0.5
)
def not_divided_by_n(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, of_target * len(h), of_negative * len(h))


@sampled_softmax_backward.mistake(
    "Only the candidates got a gradient: the target's row of W and its share of dh are missing.", credit=0.25
)
def only_candidates(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, 0 * of_target, of_negative)


@sampled_softmax_backward.mistake(
    "Only the targets got a gradient: the candidates are pushed down by their probabilities.", credit=0.25
)
def only_targets(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, of_target, 0 * of_negative)


def _assign(array, ids, values):
    array[ids] = values


@sampled_softmax_backward.mistake(
    "Rows were assigned with =, so what a row had received before is lost; every contribution is added, "
    "with np.add.at.",
    credit=0.25,
)
def rows_assigned(h, W, b, targets, sampled, q):
    columns = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, *columns, add=_assign)


@sampled_softmax_backward.mistake(
    "The target's logit was not corrected: subtract log(K q[targets]) from it, as from the candidates', "
    "before the softmax.",
    credit=0.5,
)
def target_not_corrected_in_backward(h, W, b, targets, sampled, q):
    columns = _columns(h, W, b, targets, sampled, q, correct_target=False)
    return _spread(h, W, targets, sampled, *columns)


@sampled_softmax_backward.mistake(
    "This is the gradient of the full softmax over all V classes. Only the target and the sampled ones take "
    "part here."
)
def full_softmax_backward(h, W, b, targets, sampled, q):
    logits = h @ W.T + b
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(h)), targets] -= 1
    p /= len(h)
    return p @ W, p.T @ h, p.sum(axis=0)


@sampled_softmax_backward.mistake(
    "Your exp overflows: subtract each row's largest logit before exp, here as in the loss.", credit=0.5
)
def no_shift_in_backward(h, W, b, targets, sampled, q):
    columns = _columns(h, W, b, targets, sampled, q, shift=False)
    return _spread(h, W, targets, sampled, *columns)


@sampled_softmax_backward.mistake(
    "Each class that was drawn counts once here. A class drawn twice stands twice in the sum of "
    "exponentials: keep the duplicates of `sampled`.",
    credit=0.5,
)
def duplicates_counted_once(h, W, b, targets, sampled, q):
    dh, dW, db = np.zeros_like(h), np.zeros_like(W), np.zeros_like(b)
    for n, target in enumerate(targets):
        ids = np.concatenate([[target], np.setdiff1d(sampled, target)])
        z = W[ids] @ h[n] + b[ids] - np.log(len(sampled) * q[ids])
        p = np.exp(z - z.max())
        p = p / p.sum() - (ids == target)
        dh[n] = p @ W[ids]
        dW[ids] += np.outer(p, h[n])
        db[ids] += p
    return dh / len(h), dW / len(h), db / len(h)
