"""Lesson 02, perplexity: its cases, hints and mistakes."""

import warnings
from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.markov_models.draws import chain, distribution, scored
from autograder.exercises.markov_models.parts import np_log_prob


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("perplexity",),
    hints=(
        "How many sides would a fair die need so that its throws are as hard to predict as this sequence?",
        "Take the average surprise per symbol, -log p / T with all T symbols, and undo the logarithm.",
        "return np.exp(-sequence_log_prob(ids, initial, P) / len(ids))",
    ),
    source="Jelinek, Mercer, Bahl and Baker (1977), Perplexity",
)
def perplexity(ids, initial, P): ...


@perplexity.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, T in ((3, 7), (7, 11), (2, 5), (3, 2)):
        yield scored(rng, V, T)
    yield scored(rng, 5, 1999)
    yield np.array([1]), distribution(rng, 2), chain(rng, 2)
    yield np.array([0, 1, 1]), distribution(rng, 2), np.array([distribution(rng, 2), [1.0, 0.0]])


@perplexity.mistake(
    "You divided by T - 1. The first symbol was predicted as well (by initial), so T symbols were: divide "
    "by len(ids).",
    credit=0.25,
)
def first_symbol_not_counted(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.exp(-np_log_prob(ids, initial, P) / (len(ids) - 1))


@perplexity.mistake(
    "You did not divide by the length: the result grows with the text. Average over the T symbols before "
    "exponentiating."
)
def not_averaged(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.exp(-np_log_prob(ids, initial, P))


@perplexity.mistake(
    "The sign is missing: a perplexity is at least 1. Exponentiate the *negative* average log-probability.",
    credit=0.25,
)
def minus_missing(ids, initial, P):
    return np.exp(np_log_prob(ids, initial, P) / len(ids))


@perplexity.mistake(
    "That is the average surprise in nats (the cross-entropy). Perplexity is its exponential.", credit=0.25
)
def not_exponentiated(ids, initial, P):
    return -np_log_prob(ids, initial, P) / len(ids)


@perplexity.mistake(
    "You mixed two bases: 2 ** x undoes a logarithm to base 2, and sequence_log_prob is in nats. Use np.exp.",
    credit=0.25,
)
def bases_mixed(ids, initial, P):
    return 2 ** (-np_log_prob(ids, initial, P) / len(ids))


@perplexity.mistake(
    "You averaged 1/p over the symbols. Probabilities multiply, so their mean is the geometric one: average "
    "the logarithms, then exponentiate."
)
def arithmetic_mean(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.mean(1 / np.append(initial[ids[0]], P[ids[:-1], ids[1:]]))


@perplexity.mistake(
    "You took the T-th root of a product of probabilities, which underflows to 0 for a long text. Go "
    "through the sum of logarithms.",
    credit=0.5,
)
def root_of_a_product(ids, initial, P):
    with np.errstate(all="ignore"):
        return (initial[ids[0]] * np.prod(P[ids[:-1], ids[1:]])) ** (-1 / len(ids))


@perplexity.mistake(
    "The first symbol is missing from the sum, but counted in the length. Its probability is "
    "initial[ids[0]].",
    credit=0.25,
)
def first_symbol_missing(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.exp(-np.log(P[ids[:-1], ids[1:]]).sum() / len(ids))


@perplexity.mistake(
    "You averaged over the T - 1 pairs. The first symbol counts, too: its probability is initial[ids[0]], "
    "and T symbols are predicted in all.",
    credit=0.25,
)
def pairs_alone(ids, initial, P):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # a text of one symbol has no pairs, and their mean is nan
        return np.exp(-np.log(P[ids[:-1], ids[1:]]).mean())


@perplexity.mistake(
    "You took one over the average probability. Probabilities multiply, so their mean is the geometric one: "
    "average the logarithms, then exponentiate."
)
def one_over_the_mean(ids, initial, P):
    return 1 / np.mean(np.append(P[ids[:-1], ids[1:]], initial[ids[0]]))


@perplexity.mistake(
    "A small number inside the logarithm makes the impossible possible. Leave it out: the perplexity of an "
    "impossible text is inf.",
    credit=0.5,
)
def impossible_made_likely(ids, initial, P):
    p = np.append(initial[ids[0]], P[ids[:-1], ids[1:]])
    return np.exp(-np.log(p + 1e-12).mean())


@perplexity.mistake(
    "You left out the symbols that the model calls impossible, its greatest surprises. With one of them the "
    "perplexity of the text is inf.",
    credit=0.25,
)
def impossible_forgiven(ids, initial, P):
    p = np.append(initial[ids[0]], P[ids[:-1], ids[1:]])
    return np.exp(-np.log(p[p > 0]).sum() / len(ids))


@perplexity.mistake(
    "The first symbol is left out, of the sum and of the count. It has a probability as well, "
    "initial[ids[0]]: T logarithms, divided by T.",
    credit=0.25,
)
def first_symbol_left_out(ids, initial, P):
    steps = np.log(P[ids[:-1], ids[1:]])
    return np.exp(-steps.mean()) if len(steps) else 1.0


@perplexity.mistake(
    "You averaged the steps alone and added the first symbol in full. All T logarithms are added first, "
    "then divided by T.",
    credit=0.25,
)
def first_symbol_divided_apart(ids, initial, P):
    steps = np.log(P[ids[:-1], ids[1:]])
    return np.exp(-(np.log(initial[ids[0]]) + (steps.mean() if len(steps) else 0)))


@perplexity.mistake(
    "The last step is left out: T symbols have T - 1 steps between them, P[ids[:-1], ids[1:]].", credit=0.25
)
def last_step_left_out(ids, initial, P):
    return np.exp(-(np.log(initial[ids[0]]) + np.log(P[ids[:-1], ids[1:]])[:-1].sum()) / len(ids))


@perplexity.mistake(
    "You divided by T - 1, the number of steps. There are T logarithms, the first symbol's included: divide "
    "by T.",
    credit=0.25,
)
def divided_by_steps(ids, initial, P):
    return np.exp(-np_log_prob(ids, initial, P) / max(len(ids) - 1, 1))


@perplexity.mistake(
    "You took logarithms to base 2 and then np.exp. What np.log2 does, 2**... undoes; np.exp goes with "
    "np.log.",
    credit=0.25,
)
def bits_in_nats_out(ids, initial, P):
    return np.exp(-np_log_prob(ids, initial, P) / np.log(2) / len(ids))


@perplexity.mistake(
    "You averaged how much surprise each row *expects* (its entropy). Perplexity asks how surprised the "
    "model was by what came: -log initial[ids[0]], and one -log P[now, next] for each step that happened."
)
def entropies_of_rows(ids, initial, P):
    with np.errstate(all="ignore"):
        entropies = -np.where(P > 0, P * np.log(P), 0).sum(axis=1)
    return np.exp(entropies[ids].mean())
