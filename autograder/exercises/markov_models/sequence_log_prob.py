"""Lesson 02, sequence_log_prob: its cases, hints and mistakes."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.markov_models.draws import chain, distribution, scored
from autograder.exercises.markov_models.parts import np_bigrams, np_log_prob


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("log_prob",),
    hints=(
        "p(x_1, .., x_T) = p(x_1) p(x_2 | x_1) .. p(x_T | x_{T-1}). What does a logarithm make of a product?",
        "One term for the start, log initial[ids[0]], and one for every pair, log P[ids[:-1], ids[1:]].",
        "return np.log(initial[ids[0]]) + np.log(P[ids[:-1], ids[1:]]).sum()",
    ),
    source="Shannon (1948), A Mathematical Theory of Communication",
)
def sequence_log_prob(ids, initial, P): ...


@sequence_log_prob.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, T in ((3, 7), (7, 11), (2, 2), (3, 1)):
        yield scored(rng, V, T)
    yield scored(rng, 5, 1999)
    yield np.array([0, 1, 1]), distribution(rng, 2), np.array([distribution(rng, 2), [1.0, 0.0]])
    yield np.array([0, 1, 0]), np.array([0.0, 1.0]), chain(rng, 2)
    # Impossible steps that the text never takes.
    a, b, c = rng.uniform(0.2, 0.8, size=3)
    P = np.array([[a, 0.0, 1 - a], [1 - b, b, 0.0], [0.0, 1 - c, c]])
    yield np.array([0, 2, 1, 0]), np.array([c, 1 - c, 0.0]), P


@sequence_log_prob.mistake(
    "You multiplied the probabilities and took the logarithm at the end. A long sequence underflows: its "
    "probability is smaller than any float64, so it becomes 0. Add logarithms instead.",
    credit=0.5,
)
def product_underflows(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.log(initial[ids[0]] * np.prod(P[ids[:-1], ids[1:]]))


@sequence_log_prob.mistake(
    "The first symbol is missing: it has no predecessor, and its probability comes from initial.", credit=0.25
)
def initial_ignored(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.log(P[ids[:-1], ids[1:]]).sum()


@sequence_log_prob.mistake(
    "You took logarithms to base 2 (bits). This course measures in nats: np.log.", credit=0.5
)
def base_two(ids, initial, P):
    return np_log_prob(ids, initial, P) / np.log(2)


@sequence_log_prob.mistake(
    "You took logarithms to base 10. This course measures in nats: np.log.", credit=0.5
)
def base_ten(ids, initial, P):
    return np_log_prob(ids, initial, P) / np.log(10)


@sequence_log_prob.mistake(
    "You read P backwards, from the later symbol to the earlier one. Rows are from, columns are to: "
    "P[ids[:-1], ids[1:]]."
)
def read_backwards(ids, initial, P):
    return np_log_prob(ids, initial, P.T)


@sequence_log_prob.mistake(
    "You averaged over the symbols. The log-probability of the sequence is the sum of its terms; perplexity "
    "takes the average.",
    credit=0.5,
)
def averaged(ids, initial, P):
    return np_log_prob(ids, initial, P) / len(ids)


@sequence_log_prob.mistake(
    "The sign is flipped: you return the negative log-likelihood. A log-probability is at most 0.", credit=0.5
)
def sign_flipped(ids, initial, P):
    return -np_log_prob(ids, initial, P)


@sequence_log_prob.mistake(
    "You return the probability itself. Return its logarithm, and never build the product: for a long text "
    "it underflows to 0."
)
def probability_itself(ids, initial, P):
    return initial[ids[0]] * np.prod(P[ids[:-1], ids[1:]])


@sequence_log_prob.mistake(
    "You used only how often each symbol occurs at the start, initial, for every symbol. From the second "
    "on, what counts is the transition: P[ids[t-1], ids[t]]."
)
def all_from_initial(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.log(initial[ids]).sum()


@sequence_log_prob.mistake(
    "The first term lacks its logarithm: log initial[ids[0]] is added to the other logarithms.", credit=0.25
)
def initial_without_logarithm(ids, initial, P):
    with np.errstate(all="ignore"):
        return initial[ids[0]] + np.log(P[ids[:-1], ids[1:]]).sum()


@sequence_log_prob.mistake(
    "An impossible step stops your function: math.log refuses 0. np.log gives -inf (with a warning), and "
    "-inf is the right answer for an impossible sequence.",
    credit=0.75,
)
def refuses_zero(ids, initial, P):
    return math.log(initial[ids[0]]) + sum(math.log(P[i, j]) for i, j in pairwise(ids))


@sequence_log_prob.mistake(
    "A small number inside the logarithm makes the impossible possible. Leave it out: np.log(0) is -inf, "
    "and -inf is the right answer for an impossible sequence.",
    credit=0.5,
)
def impossible_made_possible(ids, initial, P):
    return np.log(initial[ids[0]] + 1e-12) + np.log(P[ids[:-1], ids[1:]] + 1e-12).sum()


@sequence_log_prob.mistake(
    "You multiply the whole table of log P by counts of pairs: a zero in P that the text never uses gives 0 "
    "* -inf, which is nan. Look up the steps that are taken: P[ids[:-1], ids[1:]].",
    credit=0.5,
)
def unused_zeros_counted(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.log(initial[ids[0]]) + (np_bigrams(ids, len(P)) * np.log(P)).sum()


@sequence_log_prob.mistake(
    "You left out the steps of probability 0. They make the whole sequence impossible: its log-probability "
    "is -inf.",
    credit=0.25,
)
def impossible_left_out(ids, initial, P):
    p = np.append(initial[ids[0]], P[ids[:-1], ids[1:]])
    return np.log(p[p > 0]).sum()


@sequence_log_prob.mistake(
    "You added the probabilities and took one logarithm. Probabilities of steps multiply, so it is their "
    "*logarithms* that add up."
)
def probabilities_added(ids, initial, P):
    return np.log(initial[ids[0]] + P[ids[:-1], ids[1:]].sum())
