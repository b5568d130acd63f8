"""Lesson 13, output_loss: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.large_vocabularies import JEAN
from autograder.exercises.large_vocabularies.draws import louder, sampled_case
from autograder.exercises.large_vocabularies.parts import _sampled, full


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("loss",),
    hints=(
        "Two cases. Which of them may look at a sample, and which must look at every class?",
        "Training: sampled_softmax_loss. Evaluation: the mean of log Z - logit[target] over all V classes, "
        "without any correction.",
        "logits = h @ W.T + b; top = logits.max(axis=1); log_z = top + np.log(np.exp(logits - top[:, "
        "None]).sum(axis=1)); return np.mean(log_z - logits[np.arange(N), targets])",
    ),
    source=JEAN,
)
def output_loss(h, W, b, targets, sampled, q, training): ...


@output_loss.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield *sampled_case(rng, 5, 23, 3, 7), True
    yield *sampled_case(rng, 3, 17, 2, 5), False
    yield *sampled_case(rng, 2, 13, 5, 7), False
    yield *sampled_case(rng, 3, 11, 2, 5, scale=1000.0), False
    yield *sampled_case(rng, 1, 5, 2, 3), True
    yield *sampled_case(rng, 3, 7, 2, 5, scale=1000.0), True
    yield *louder(*sampled_case(rng, 3, 7, 2, 5)), False  # exp overflows, and nothing underflows


@output_loss.mistake(
    "The sampled softmax is used at evaluation too: it sums over K + 1 classes of V, so its number is no "
    "perplexity. Evaluate with all V classes."
)
def sampled_at_evaluation(h, W, b, targets, sampled, q, training):
    return _sampled(h, W, b, targets, sampled, q).mean()


@output_loss.mistake(
    "You used the full softmax in training as well, and pay for all V classes at every step.", credit=0.25
)
def full_in_training(h, W, b, targets, sampled, q, training):
    return full(h, W, b, targets).mean()


@output_loss.mistake("The two cases are swapped: sampled in training, full at evaluation.")
def cases_swapped(h, W, b, targets, sampled, q, training):
    loss = full(h, W, b, targets) if training else _sampled(h, W, b, targets, sampled, q)
    return loss.mean()


@output_loss.mistake(
    "At evaluation you still subtract log(K q): the correction belongs to the sample, and there is no "
    "sample.",
    credit=0.25,
)
def corrected_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    return full(h, W, b - np.log(len(sampled) * q), targets).mean()


@output_loss.mistake("At evaluation exp overflows: subtract each row's largest logit before exp.", credit=0.5)
def no_shift_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    logits = h @ W.T + b
    with np.errstate(all="ignore"):
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(h)), targets])


@output_loss.mistake("That is the perplexity, exp of the loss; return the mean of -log p itself.", credit=0.5)
def returns_perplexity(h, W, b, targets, sampled, q, training):
    loss = _sampled(h, W, b, targets, sampled, q) if training else full(h, W, b, targets)
    with np.errstate(all="ignore"):
        return np.exp(loss.mean())


@output_loss.mistake("At evaluation the bias is missing: a class's logit is h W_j + b_j.", credit=0.5)
def no_bias_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    return full(h, W, np.zeros_like(b), targets).mean()


@output_loss.mistake(
    "At evaluation the target's probability underflows to 0, and its logarithm is -inf. Take the "
    "logarithm inside: the loss is max + log(sum(exp(z - max))) - z of the target.",
    credit=0.5,
)
def log_of_zero_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    with np.errstate(all="ignore"):
        return -np.log(np.exp(-full(h, W, b, targets))).mean()


@output_loss.mistake(
    "At evaluation your softmax overflows: inf / inf is nan. Subtract each row's largest logit before "
    "exp, or better, take the logarithm inside: max + log(sum(exp(z - max))) - z of the target.",
    credit=0.5,
)
def softmax_overflows_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    e = np.exp(h @ W.T + b)
    return -np.log((e / e.sum(axis=1, keepdims=True))[np.arange(len(h)), targets]).mean()
