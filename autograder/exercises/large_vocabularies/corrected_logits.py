"""Lesson 13, corrected_logits: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise

SENECAL = "Bengio and Senécal (2003), Quick Training of Probabilistic Neural Nets by Importance Sampling"


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("corrected",),
    hints=(
        "A class that is drawn often stands in the sum often: its term must be made smaller by as much.",
        "In K draws class j is expected K q_j times. Divide exp(logit) by that, which is a subtraction in "
        "the logit.",
        "The body: return logits - np.log(K * q_sampled)",
    ),
    source=SENECAL,
)
def corrected_logits(logits, q_sampled, K): ...


@corrected_logits.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(3, 7)), rng.uniform(0.01, 0.3, size=7), 7
    yield 5 * rng.normal(size=(2, 5)), rng.uniform(0.01, 0.3, size=5), 5
    yield rng.normal(size=(1, 3)), np.array([1e-300, 0.5, 1e-9]), 3
    yield rng.normal(size=(2, 1)), np.array([0.2]), 1


@corrected_logits.mistake(
    "You returned the logits as they came: subtract log(K q), or frequent classes count too often.",
)
def no_correction(logits, q_sampled, K):
    return logits.copy()


@corrected_logits.mistake(
    "The sign of the correction is flipped: frequent classes must lose, so subtract log(K q).", credit=0.25
)
def correction_added(logits, q_sampled, K):
    return logits + np.log(K * q_sampled)


@corrected_logits.mistake(
    "The log K is missing: class j is expected K q_j times among the K draws, not q_j times.", credit=0.5
)
def log_k_missing(logits, q_sampled, K):
    return logits - np.log(q_sampled)


@corrected_logits.mistake(
    "You subtracted K q itself; in the exponent stands its logarithm, logits - log(K q).", credit=0.25
)
def no_logarithm(logits, q_sampled, K):
    return logits - K * q_sampled


@corrected_logits.mistake(
    "You divided the logits by K q; the division belongs to exp(logit), so in the logit it is a subtraction "
    "of log(K q).",
    credit=0.25,
)
def divides_the_logits(logits, q_sampled, K):
    return logits / (K * q_sampled)


@corrected_logits.mistake("The log K has the wrong sign: subtract both log q and log K.", credit=0.25)
def log_k_added(logits, q_sampled, K):
    return logits - np.log(q_sampled) + np.log(K)


@corrected_logits.mistake("You multiplied the logarithm by K. K stands inside: log(K * q).", credit=0.25)
def log_times_k(logits, q_sampled, K):
    return logits - K * np.log(q_sampled)
