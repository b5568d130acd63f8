"""Lesson 13, sampled_softmax_loss: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.large_vocabularies import JEAN
from autograder.exercises.large_vocabularies.draws import louder, sampled_case
from autograder.exercises.large_vocabularies.parts import _sampled, full


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("loss",),
    hints=(
        "Each row has K + 1 classes: its own target first, then the K candidates that all rows share. "
        "Compute only those logits.",
        "Correct the target's logit and the candidates' alike, each with its own q. Then set a candidate to "
        "-inf in the rows where it is the target. What is left is an ordinary cross-entropy with class 0 as "
        "the answer.",
        "negative = corrected_logits(h @ W[sampled].T + b[sampled], q[sampled], K); negative[targets[:, "
        "None] == sampled] = -np.inf; then log-sum-exp over the K + 1 columns minus the target.",
    ),
    source=JEAN,
)
def sampled_softmax_loss(h, W, b, targets, sampled, q): ...


@sampled_softmax_loss.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield sampled_case(rng, 5, 23, 3, 7)
    yield sampled_case(rng, 3, 17, 2, 11)
    yield sampled_case(rng, 2, 13, 5, 7, hits=False)
    yield sampled_case(rng, 3, 11, 2, 5, scale=1000.0)  # exp of these overflows without a shift
    yield sampled_case(rng, 1, 5, 2, 3)
    yield louder(*sampled_case(rng, 3, 7, 2, 5))  # exp overflows, and nothing underflows


def _nothing(q, K):
    return np.zeros_like(q)


@sampled_softmax_loss.mistake(
    "The log q is missing: without the correction the loss is that of another model. Subtract log(K q) from "
    "the target's logit and from the candidates'.",
    credit=0.25,
)
def no_log_q(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct=_nothing).mean()


@sampled_softmax_loss.mistake("The sign of log(K q) is flipped: subtract it from every logit.", credit=0.25)
def log_q_added(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct=lambda q, K: -np.log(K * q)).mean()


@sampled_softmax_loss.mistake(
    "The target's logit is not corrected: it needs its own - log(K q[targets]), like the candidates.",
    credit=0.5,
)
def target_not_corrected(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct_target=_nothing).mean()


@sampled_softmax_loss.mistake(
    "The log K is missing on one side: the target lost log q and the candidates log(K q). It must cancel "
    "between them.",
    credit=0.5,
)
def log_k_only_on_candidates(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct_target=lambda q, K: np.log(q)).mean()


@sampled_softmax_loss.mistake(
    "The log K is missing among the candidates: they lose log(K q), just as the target does.", credit=0.5
)
def log_k_only_on_target(h, W, b, targets, sampled, q):
    return _sampled(
        h, W, b, targets, sampled, q,
        correct=lambda q, K: np.log(q), correct_target=lambda q, K: np.log(K * q),
    ).mean()  # fmt: skip


@sampled_softmax_loss.mistake(
    "Accidental hits are kept: where a candidate equals the row's own target it pushes the target down. "
    "Remove it from that row.",
    credit=0.5,
)
def hits_kept(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, hits=False).mean()


@sampled_softmax_loss.mistake(
    "You removed a candidate from all rows because it is the target of one; it goes only from the rows "
    "whose target it is.",
    credit=0.5,
)
def hits_removed_everywhere(h, W, b, targets, sampled, q):
    kept = sampled[~np.isin(sampled, targets)]
    K = len(sampled)
    return _sampled(h, W, b, targets, kept, q, correct=lambda q, _: np.log(K * q), hits=False).mean()


@sampled_softmax_loss.mistake(
    "The target is left out of the sum: it is one of the K + 1 classes, else the loss can fall below zero.",
    credit=0.25,
)
def target_left_out(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, with_target=False).mean()


@sampled_softmax_loss.mistake(
    "Duplicates among the candidates were merged; a class drawn twice stands in the sum twice, and K q "
    "counts on it.",
    credit=0.5,
)
def duplicates_merged(h, W, b, targets, sampled, q):
    K = len(sampled)
    once = np.unique(sampled)
    return _sampled(h, W, b, targets, once, q, correct=lambda q, _: np.log(K * q)).mean()


@sampled_softmax_loss.mistake(
    "Your exp overflows: subtract each row's largest logit before exp, and add it back after the logarithm.",
    credit=0.5,
)
def no_shift(h, W, b, targets, sampled, q):
    with np.errstate(all="ignore"):
        return _sampled(h, W, b, targets, sampled, q, shift=False).mean()


@sampled_softmax_loss.mistake(
    "The logits of accidental hits became 0, and exp(0) = 1 stays in the sum; minus infinity takes a class "
    "out.",
    credit=0.5,
)
def hits_set_to_zero(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, gone=0.0).mean()


@sampled_softmax_loss.mistake("You summed over the rows; the loss is their mean.", credit=0.5)
def sums_over_rows(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q).sum()


@sampled_softmax_loss.mistake("The bias is missing: a class's logit is h W_j + b_j.", credit=0.25)
def no_bias(h, W, b, targets, sampled, q):
    return _sampled(h, W, np.zeros_like(b), targets, sampled, q).mean()


@sampled_softmax_loss.mistake(
    "That is the full softmax over all V classes: right for evaluation, but the point here is to touch only "
    "the target and the K candidates."
)
def full_softmax(h, W, b, targets, sampled, q):
    return full(h, W, b, targets).mean()


@sampled_softmax_loss.mistake(
    "The target's probability underflows to 0, and its logarithm is -inf. Take the logarithm inside: the "
    "loss is max + log(sum(exp(z - max))) - z of the target.",
    credit=0.5,
)
def log_of_zero(h, W, b, targets, sampled, q):
    with np.errstate(all="ignore"):
        return -np.log(np.exp(-_sampled(h, W, b, targets, sampled, q))).mean()


@sampled_softmax_loss.mistake(
    "Your softmax overflows: inf / inf is nan. Subtract each row's largest logit before exp, or better, "
    "take the logarithm inside: max + log(sum(exp(z - max))) - z of the target.",
    credit=0.5,
)
def softmax_overflows(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, softmax=True).mean()


@sampled_softmax_loss.mistake(
    "Only the first accidental hit of a row was removed. The same class may be drawn several times: remove "
    "every candidate that is the row's own target.",
    credit=0.5,
)
def first_hit_removed(h, W, b, targets, sampled, q):
    losses = []
    for n, target in enumerate(targets):
        hits = np.flatnonzero(sampled == target)[:1]
        ids = np.concatenate([[target], np.delete(sampled, hits)])
        z = W[ids] @ h[n] + b[ids] - np.log(len(sampled) * q[ids])
        losses.append(np.logaddexp.reduce(z) - z[0])
    return np.mean(losses)
