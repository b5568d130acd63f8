"""Lesson 02: Markov chains, counted, scored, sampled and followed to their long-run behaviour."""

import math
import warnings
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional

from autograder.exercise import exercise


def _distribution(rng: np.random.Generator, V: int) -> np.ndarray:
    return rng.dirichlet(np.ones(V))


def _chain(rng: np.random.Generator, V: int) -> np.ndarray:
    """Transition probabilities (V, V) without zeros, rows that differ."""
    return rng.dirichlet(np.ones(V), size=V) * 0.95 + 0.05 / V


def _scored(rng: np.random.Generator, V: int, T: int) -> tuple:
    return rng.integers(V, size=T), _distribution(rng, V), _chain(rng, V)


def _np_bigrams(ids, V):
    counts = np.zeros((V, V))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts


def _np_log_prob(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.log(initial[ids[0]]) + np.log(P[ids[:-1], ids[1:]]).sum()


def _np_pick(p, u):
    return min(int(np.searchsorted(np.cumsum(p), u, side="right")), len(p) - 1)


def _np_sample(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(_np_pick(p, u))
        p = P[ids[-1]]
    return np.array(ids)


# ---------------------------------------------------------------- count_bigrams


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("counts",),
    hints=(
        "A pair is a symbol and the one right after it. How many pairs does a sequence of T symbols have?",
        "The pairs are ids[:-1] (from) and ids[1:] (to). The same pair may occur many times: what does "
        "counts[ids[:-1], ids[1:]] += 1 do with the second one?",
        "counts = np.zeros((V, V)); np.add.at(counts, (ids[:-1], ids[1:]), 1)",
    ),
    source="Markov (1913), An Example of Statistical Investigation of the Text Eugene Onegin",
)
def count_bigrams(ids, V):
    pairs = ids[:-1] * V + ids[1:]
    return torch.bincount(pairs, minlength=V * V).reshape(V, V).double()


@count_bigrams.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield np.concatenate([rng.integers(4, size=22), [1, 1, 1, 2, 1, 1, 1, 0]]), 5
    yield np.concatenate([rng.integers(3, size=39), [0, 0, 1]]), 7
    yield np.array([0, 1, 0, 1, 0, 1, 1]), 3
    yield np.array([2, 2, 2, 2, 1]), 3
    yield np.array([1]), 2


@count_bigrams.mistake(
    "Each pair is counted once at most: in `counts[a, b] += 1` NumPy adds 1 once to an entry that is listed "
    "several times. np.add.at(counts, (a, b), 1) adds it every time."
)
def duplicates_lost(ids, V):
    counts = np.zeros((V, V))
    counts[ids[:-1], ids[1:]] += 1
    return counts


@count_bigrams.mistake(
    "Your counts are transposed. The row is the symbol that comes first (from), the column the one that "
    "follows (to): counts[from, to].",
    credit=0.25,
)
def to_and_from_swapped(ids, V):
    counts = np.zeros((V, V))
    np.add.at(counts, (ids[1:], ids[:-1]), 1)
    return counts


@count_bigrams.mistake(
    "You count pairs side by side, (0, 1), (2, 3), and so on. Pairs overlap: every symbol but the last "
    "is the beginning of a pair."
)
def pairs_side_by_side(ids, V):
    counts = np.zeros((V, V))
    for t in range(0, len(ids) - 1, 2):
        counts[ids[t], ids[t + 1]] += 1
    return counts


@count_bigrams.mistake(
    "You count a pair from the last symbol back to the first. The sequence does not close into a ring: "
    "T symbols have T - 1 pairs.",
    credit=0.5,
)
def closed_into_a_ring(ids, V):
    counts = np.zeros((V, V))
    np.add.at(counts, (ids, np.roll(ids, -1)), 1)
    return counts


@count_bigrams.mistake(
    "The last pair is missing: T symbols have T - 1 pairs, and your loop stops one short.", credit=0.5
)
def last_pair_missing(ids, V):
    counts = np.zeros((V, V))
    for t in range(len(ids) - 2):
        counts[ids[t], ids[t + 1]] += 1
    return counts


@count_bigrams.mistake(
    "Your table is only as large as the symbols that occur. V is given, because a symbol that is missing in "
    "this text may come in the next: shape (V, V).",
    credit=0.5,
)
def size_from_the_data(ids, V):
    return _np_bigrams(ids, int(ids.max()) + 1)


@count_bigrams.mistake("You count each pair in both directions. Order matters: counts[from, to] only.")
def both_directions(ids, V):
    counts = _np_bigrams(ids, V)
    return counts + counts.T


@count_bigrams.mistake(
    "You divided by the total. Counts are asked for; transition_matrix turns them into probabilities.",
    credit=0.5,
)
def shares_not_counts(ids, V):
    counts = _np_bigrams(ids, V)
    return counts / max(counts.sum(), 1)


@count_bigrams.mistake(
    "You counted single symbols. A bigram is a pair, the symbol before and the symbol after: the table is "
    "(V, V)."
)
def single_symbols(ids, V):
    return np.bincount(ids, minlength=V)


# ---------------------------------------------------------------- transition_matrix


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("P",),
    hints=(
        "Row i answers one question: after symbol i, what comes next? What must its entries add up to?",
        "Add alpha to every count first, then divide each row by its own new sum: counts + alpha, and a sum "
        "over axis 1 with keepdims=True.",
        "smoothed = counts + alpha; return smoothed / smoothed.sum(axis=1, keepdims=True)",
    ),
    source="Lidstone (1920); Jurafsky and Martin (2009), Speech and Language Processing, section 4.5",
)
def transition_matrix(counts, alpha):
    return functional.normalize(counts.double() + alpha, p=1, dim=1)


@transition_matrix.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.integers(0, 9, size=(3, 3)), 0.5
    yield rng.integers(0, 30, size=(7, 7)).astype(float), 2.0
    yield rng.integers(1, 9, size=(2, 2)) + np.array([[0, 2], [5, 0]]), 0.0
    yield np.array([[0, 0, 0, 0, 0], [3, 1, 0, 0, 2], [0, 0, 7, 0, 0], [1, 2, 3, 4, 5], [0, 2, 0, 9, 0]]), 0.1
    yield np.array([[0, 0], [0, 4]]), 1.0


@transition_matrix.mistake(
    "Your columns add up to one. A row holds what may follow one symbol, so each row is divided by its own "
    "sum: sum(axis=1, keepdims=True)."
)
def columns_normalised(counts, alpha):
    smoothed = counts + alpha
    return smoothed / smoothed.sum(axis=0)


@transition_matrix.mistake(
    "Your row sums lie along the wrong axis: without keepdims=True, sum(axis=1) has shape (V,) and "
    "broadcasts over the columns, so that column j is divided by the sum of row j."
)
def keepdims_missing(counts, alpha):
    smoothed = counts + alpha
    return smoothed / smoothed.sum(axis=1)


@transition_matrix.mistake(
    "You divided by the sum of the whole table, which gives the probability of a pair. For what follows a "
    "symbol, divide each row by its own sum."
)
def whole_table_normalised(counts, alpha):
    smoothed = counts + alpha
    return smoothed / smoothed.sum()


def _shares(counts):
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)


@transition_matrix.mistake(
    "You added alpha after normalising: the rows no longer add up to one. Add it to the counts, then "
    "divide by the new row sums."
)
def smoothed_after_normalising(counts, alpha):
    return _shares(counts) + alpha


@transition_matrix.mistake(
    "You divided first and added alpha to the shares: the rows no longer add up to one, and a symbol without "
    "any successor gives 0/0. Add alpha to every count, then divide by the new row sums."
)
def alpha_added_to_the_shares(counts, alpha):
    with np.errstate(all="ignore"):
        return counts / counts.sum(axis=1, keepdims=True) + alpha


@transition_matrix.mistake(
    "You gave alpha only to the pairs that never occurred. Every count gets it, or a pair seen once is less "
    "likely than one never seen as soon as alpha is above 1.",
    credit=0.25,
)
def only_zeros_smoothed(counts, alpha):
    smoothed = np.where(counts == 0, alpha, counts)
    return smoothed / smoothed.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You normalised, added alpha, and normalised again: alpha then weighs as much against one count as "
    "against a thousand. Add alpha to the counts themselves, so that evidence outweighs it.",
    credit=0.25,
)
def normalised_twice(counts, alpha):
    P = _shares(counts) + alpha
    return _shares(P)


@transition_matrix.mistake(
    "The denominator lacks alpha: a row has grown by alpha * V in all. Divide by the sum of the smoothed "
    "counts.",
    credit=0.25,
)
def denominator_unsmoothed(counts, alpha):
    with np.errstate(all="ignore"):
        return (counts + alpha) / counts.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You added alpha to the row sum only once. Each of the V entries of a row grew by alpha, so its sum grew "
    "by alpha * V.",
    credit=0.25,
)
def denominator_smoothed_once(counts, alpha):
    with np.errstate(all="ignore"):
        return (counts + alpha) / (counts.sum(axis=1, keepdims=True) + alpha)


@transition_matrix.mistake(
    "You did not use alpha: pairs that never occurred keep probability zero, and a symbol without any "
    "successor gives 0/0. Add alpha to every count first."
)
def no_smoothing(counts, alpha):
    with np.errstate(all="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You wrote the probabilities into an array of integers (np.zeros_like of the counts), which cuts "
    "them off to 0. Make a float array: np.zeros(counts.shape).",
    credit=0.25,
)
def cut_to_integers(counts, alpha):
    P = np.zeros_like(counts)
    for i, row in enumerate(counts):
        P[i] = (row + alpha) / (row + alpha).sum()
    return P


@transition_matrix.mistake(
    "You add alpha to the caller's counts in place, `counts += alpha`: that changes them for everybody, and "
    "cannot be done to integers at all. Write smoothed = counts + alpha.",
    credit=0.25,
)
def counts_changed_in_place(counts, alpha):
    counts += alpha
    return counts / counts.sum(axis=1, keepdims=True)


# ---------------------------------------------------------------- sequence_log_prob


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
def sequence_log_prob(ids, initial, P):
    first = functional.nll_loss(initial.log()[None], ids[:1], reduction="sum")
    rest = functional.nll_loss(P.log()[ids[:-1]], ids[1:], reduction="sum")
    return -(first + rest)


@sequence_log_prob.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, T in ((3, 7), (7, 11), (2, 2), (3, 1)):
        yield _scored(rng, V, T)
    yield _scored(rng, 5, 1999)
    yield np.array([0, 1, 1]), np.array([0.25, 0.75]), np.array([[0.5, 0.5], [1.0, 0.0]])
    yield np.array([0, 1, 0]), np.array([0.0, 1.0]), np.array([[0.5, 0.5], [0.75, 0.25]])
    # Impossible steps that the text never takes.
    P = np.array([[0.25, 0.0, 0.75], [0.75, 0.25, 0.0], [0.0, 0.75, 0.25]])
    yield np.array([0, 2, 1, 0]), np.array([0.25, 0.75, 0.0]), P


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
    return _np_log_prob(ids, initial, P) / np.log(2)


@sequence_log_prob.mistake(
    "You took logarithms to base 10. This course measures in nats: np.log.", credit=0.5
)
def base_ten(ids, initial, P):
    return _np_log_prob(ids, initial, P) / np.log(10)


@sequence_log_prob.mistake(
    "You read P backwards, from the later symbol to the earlier one. Rows are from, columns are to: "
    "P[ids[:-1], ids[1:]]."
)
def read_backwards(ids, initial, P):
    return _np_log_prob(ids, initial, P.T)


@sequence_log_prob.mistake(
    "You averaged over the symbols. The log-probability of the sequence is the sum of its terms; perplexity "
    "takes the average.",
    credit=0.5,
)
def averaged(ids, initial, P):
    return _np_log_prob(ids, initial, P) / len(ids)


@sequence_log_prob.mistake(
    "The sign is flipped: you return the negative log-likelihood. A log-probability is at most 0.", credit=0.5
)
def sign_flipped(ids, initial, P):
    return -_np_log_prob(ids, initial, P)


@sequence_log_prob.mistake(
    "You return the probability itself. Return its logarithm, and never build the product: for a long "
    "text it underflows to 0."
)
def probability_itself(ids, initial, P):
    return initial[ids[0]] * np.prod(P[ids[:-1], ids[1:]])


@sequence_log_prob.mistake(
    "You used only how often each symbol occurs at the start, initial, for every symbol. From the second on, "
    "what counts is the transition: P[ids[t-1], ids[t]]."
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
    "A small number inside the logarithm makes the impossible possible. Leave it out: np.log(0) is -inf, and "
    "-inf is the right answer for an impossible sequence.",
    credit=0.5,
)
def impossible_made_possible(ids, initial, P):
    return np.log(initial[ids[0]] + 1e-12) + np.log(P[ids[:-1], ids[1:]] + 1e-12).sum()


@sequence_log_prob.mistake(
    "You multiply the whole table of log P by counts of pairs: a zero in P that the text never uses gives "
    "0 * -inf, which is nan. Look up the steps that are taken: P[ids[:-1], ids[1:]].",
    credit=0.5,
)
def unused_zeros_counted(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.log(initial[ids[0]]) + (_np_bigrams(ids, len(P)) * np.log(P)).sum()


@sequence_log_prob.mistake(
    "You left out the steps of probability 0. They make the whole sequence impossible: its log-probability "
    "is -inf.",
    credit=0.25,
)
def impossible_left_out(ids, initial, P):
    p = np.append(initial[ids[0]], P[ids[:-1], ids[1:]])
    return np.log(p[p > 0]).sum()


# ---------------------------------------------------------------- perplexity


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
def perplexity(ids, initial, P):
    first = functional.nll_loss(initial.log()[None], ids[:1], reduction="sum")
    rest = functional.nll_loss(P.log()[ids[:-1]], ids[1:], reduction="sum")
    return torch.exp((first + rest) / len(ids))


@perplexity.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, T in ((3, 7), (7, 11), (2, 5), (3, 2)):
        yield _scored(rng, V, T)
    yield _scored(rng, 5, 1999)
    yield np.array([1]), np.array([0.75, 0.25]), np.array([[0.5, 0.5], [0.1, 0.9]])
    yield np.array([0, 1, 1]), np.array([0.25, 0.75]), np.array([[0.5, 0.5], [1.0, 0.0]])


@perplexity.mistake(
    "You divided by T - 1. The first symbol was predicted as well (by initial), so T symbols were: divide "
    "by len(ids).",
    credit=0.25,
)
def first_symbol_not_counted(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.exp(-_np_log_prob(ids, initial, P) / (len(ids) - 1))


@perplexity.mistake(
    "You did not divide by the length: the result grows with the text. Average over the T symbols before "
    "exponentiating."
)
def not_averaged(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.exp(-_np_log_prob(ids, initial, P))


@perplexity.mistake(
    "The sign is missing: a perplexity is at least 1. Exponentiate the *negative* average log-probability.",
    credit=0.25,
)
def minus_missing(ids, initial, P):
    return np.exp(_np_log_prob(ids, initial, P) / len(ids))


@perplexity.mistake(
    "That is the average surprise in nats (the cross-entropy). Perplexity is its exponential.", credit=0.25
)
def not_exponentiated(ids, initial, P):
    return -_np_log_prob(ids, initial, P) / len(ids)


@perplexity.mistake(
    "You mixed two bases: 2 ** x undoes a logarithm to base 2, and sequence_log_prob is in nats. Use np.exp.",
    credit=0.25,
)
def bases_mixed(ids, initial, P):
    return 2 ** (-_np_log_prob(ids, initial, P) / len(ids))


@perplexity.mistake(
    "You averaged 1/p over the symbols. Probabilities multiply, so their mean is the geometric one: average "
    "the logarithms, then exponentiate."
)
def arithmetic_mean(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.mean(1 / np.append(initial[ids[0]], P[ids[:-1], ids[1:]]))


@perplexity.mistake(
    "You took the T-th root of a product of probabilities, which underflows to 0 for a long text. Go through "
    "the sum of logarithms.",
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


# ---------------------------------------------------------------- sample_chain


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("ids",),
    hints=(
        "Lay the probabilities side by side as pieces of the line from 0 to 1. Onto whose piece does u fall?",
        "The running sums np.cumsum(p) are the right ends of the pieces. The symbol is the first k with "
        "u < cumsum[k]: np.searchsorted(cumsum, u, side='right'). Start with initial, then use row P[last].",
        "p = initial; in the loop: ids[t] = min(np.searchsorted(np.cumsum(p), u, side='right'), V - 1); "
        "p = P[ids[t]]",
    ),
    source="Shannon (1948), section 3; Devroye (1986), Non-Uniform Random Variate Generation",
)
def sample_chain(initial, P, uniforms):
    last = len(initial) - 1
    ids, p = [], initial
    for u in uniforms:
        ids.append(torch.searchsorted(p.cumsum(0), u, right=True).clamp(max=last))
        p = P[ids[-1]]
    return torch.stack(ids)


@sample_chain.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, T in ((3, 41), (5, 23), (2, 31)):
        yield _distribution(rng, V), _chain(rng, V), rng.random(T)
    # Impossible symbols, with uniforms that fall exactly onto the ends of the pieces.
    P = np.array([[0.0, 0.0, 1.0], [0.25, 0.75, 0.0], [0.0, 0.5, 0.5]])
    yield np.array([0.0, 0.5, 0.5]), P, np.array([0.0, 0.25, 0.0, 0.0, 0.5, 0.0, 0.75, 0.999, 0.5])
    yield np.array([0.2, 0.8]), np.array([[0.1, 0.9], [0.7, 0.3]]), np.array([0.6])
    yield np.array([0.3, 0.7]), np.array([[0.4, 0.6], [0.8, 0.2]]), np.array([0.1, 0.7])
    # Rounding leaves the last running sum below u, at the start and in the middle.
    short = np.array([0.5, 0.25, 0.25 - 1e-12])
    yield short, np.stack([short, np.roll(short, 1), short]), np.array([1 - 1e-13, 0.3, 1 - 1e-13, 0.6])


@sample_chain.mistake(
    "You never use initial. Nothing comes before the first symbol, so it is drawn from initial, not from a "
    "row of P."
)
def initial_not_used(initial, P, uniforms):
    return _np_sample(P[0], P, uniforms)


@sample_chain.mistake("You draw from columns. What may follow symbol i stands in row i: P[i], not P[:, i].")
def columns_instead_of_rows(initial, P, uniforms):
    return _np_sample(initial, P.T, uniforms)


@sample_chain.mistake(
    "You always take the most likely symbol, which needs no uniforms and runs into a loop. Sampling takes "
    "symbol k with probability p[k]."
)
def most_likely_symbol(initial, P, uniforms):
    ids, p = [], initial
    for _ in uniforms:
        ids.append(int(p.argmax()))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "Every symbol is drawn from initial, so the sequence has no memory. From the second on, draw from "
    "the row of the symbol before."
)
def no_memory(initial, P, uniforms):
    return np.array([_np_pick(initial, u) for u in uniforms])


@sample_chain.mistake(
    "Your chain stays in the row of its first symbol. Move on: after each draw, the row is that of the "
    "symbol just drawn."
)
def row_never_moves(initial, P, uniforms):
    first = _np_pick(initial, uniforms[0])
    return np.array([first] + [_np_pick(P[first], u) for u in uniforms[1:]])


@sample_chain.mistake(
    "Where u falls exactly onto the end of a piece, you take the symbol on its left. The rule is u < p_0 "
    "+ .. + p_k, strictly, so that u = 0 never picks a symbol of probability 0: side='right'.",
    credit=0.75,
)
def left_side(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(min(int(np.searchsorted(np.cumsum(p), u)), len(p) - 1))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "You compare u with single probabilities, not with their running sum. The pieces lie side by side: "
    "np.cumsum(p)."
)
def not_cumulated(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(int(np.argmax(u < p)))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake("You use the first uniform for every draw. Each draw needs a fresh one: uniforms[t].")
def one_uniform(initial, P, uniforms):
    return _np_sample(initial, P, np.full(len(uniforms), uniforms[0]))


@sample_chain.mistake(
    "You return one symbol too many: the first uniform draws the first symbol (from initial), the second one "
    "the second. T uniforms give T symbols.",
    credit=0.25,
)
def one_symbol_too_many(initial, P, uniforms):
    return _np_sample(initial, P, np.append(uniforms[0], uniforms))


@sample_chain.mistake(
    "Where no running sum exceeds u, argmax of all False is 0; the rule says V - 1. Take the number of "
    "running sums that are at most u, and no more than V - 1.",
    credit=0.75,
)
def argmax_of_nothing(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(int(np.argmax(u < np.cumsum(p))))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "Rounding can leave the last running sum below u. Then no piece is hit, and you go on to symbol V, which "
    "does not exist. Keep to V - 1 at most: min(.., V - 1).",
    credit=0.75,
)
def symbol_beyond_the_last(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(np.searchsorted(np.cumsum(p), u, side="right"))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "Your first symbol is the likeliest one. It is drawn like the others: uniforms[0] decides, with initial.",
    credit=0.25,
)
def first_is_the_likeliest(initial, P, uniforms):
    ids = [int(initial.argmax())]
    for u in uniforms[1:]:
        ids.append(_np_pick(P[ids[-1]], u))
    return np.array(ids)


# ---------------------------------------------------------------- n_step


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("P_n",),
    hints=(
        "Two steps from i to j: through some symbol k in the middle, whichever it is. What does the sum "
        "over k of P[i, k] P[k, j] look like?",
        "It is the matrix product P @ P. n steps are n factors, and no step at all is the identity.",
        "result = np.eye(len(P)); then n times: result = result @ P (or np.linalg.matrix_power(P, n))",
    ),
    source="Kolmogorov (1931), On Analytical Methods in Probability Theory (the Chapman-Kolmogorov equation)",
)
def n_step(P, n):
    return torch.linalg.matrix_power(P, n)


@n_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, n in ((3, 2), (5, 7), (2, 3), (7, 1), (3, 0), (2, 50)):
        yield _chain(rng, V), n


@n_step.mistake(
    "You raised every entry to the power n, `P ** n`. Steps are chained by the matrix product: P @ P @ "
    ".. @ P."
)
def power_of_each_entry(P, n):
    return P**n


@n_step.mistake(
    "You raised every entry to the power n and normalised the rows. They add up to one again, but they "
    "sharpen one step and do not chain n of them: P @ P @ .. @ P."
)
def sharpened(P, n):
    return P**n / (P**n).sum(axis=1, keepdims=True)


@n_step.mistake("You took one step too many: n steps are n factors P.", credit=0.25)
def one_step_too_many(P, n):
    return np.linalg.matrix_power(P, n + 1)


@n_step.mistake("You took one step too few: n steps are n factors P.", credit=0.25)
def one_step_too_few(P, n):
    return np.linalg.matrix_power(P, max(n - 1, 0))


@n_step.mistake(
    "For n = 0 you return P. No step at all leaves every symbol where it is: the identity matrix.",
    credit=0.75,
)
def no_step_is_one_step(P, n):
    return np.linalg.matrix_power(P, max(n, 1))


@n_step.mistake("You multiplied P by n. Steps are chained by the matrix product: P @ P @ .. @ P.")
def times_n(P, n):
    return n * P


@n_step.mistake(
    "You transposed P. Rows are from and columns are to, before and after the power.", credit=0.25
)
def transposed(P, n):
    return np.linalg.matrix_power(P.T, n)


@n_step.mistake(
    "You square the result in each round (P = P @ P), so that the steps double: 2, 4, 8, .. Multiply by the "
    "one-step P each time.",
    credit=0.25,
)
def doubled(P, n):
    result = P
    for _ in range(n - 1):
        result = result @ result
    return result


# ---------------------------------------------------------------- stationary


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("pi",),
    hints=(
        "pi is a row that one step leaves as it is, pi @ P = pi. Which word of linear algebra is that?",
        "It is a left eigenvector of P for the eigenvalue 1, or a solution of (P.T - I) pi = 0 together with "
        "sum(pi) = 1. Repeated steps are not enough: a chain may go round in circles for ever.",
        "A = np.vstack([P.T - np.eye(V), np.ones(V)]); b = np.append(np.zeros(V), 1.0); "
        "return np.linalg.lstsq(A, b)[0]",
    ),
    source="Kemeny and Snell (1960), Finite Markov Chains, chapter 4",
    rtol=1e-6,
)
def stationary(P):
    values, vectors = torch.linalg.eig(P.T)
    pi = vectors[:, (values - 1).abs().argmin()].real
    return pi / pi.sum()


@stationary.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V in (3, 7, 5):
        yield (_chain(rng, V),)
    yield (np.array([[0.0, 0.3, 0.7], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]),)  # goes to and fro for ever
    yield (np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]),)  # NumPy lists -1 first, 1 last
    yield (np.array([[0.5, 0.5], [0.25, 0.75]]),)
    yield (np.array([[0.9995, 0.0005], [0.0015, 0.9985]]),)  # hardly ever moves
    yield (np.array([[1.0]]),)


def _np_stationary(P):
    V = len(P)
    A = np.vstack([P.T - np.eye(V), np.ones(V)])
    return np.linalg.lstsq(A, np.append(np.zeros(V), 1.0), rcond=None)[0]


def _as_shares(vector):
    with np.errstate(all="ignore"):  # the entries of a wrong eigenvector may add up to 0
        return vector / vector.sum()


@stationary.mistake(
    "Your result is uniform: that is the eigenvector of P on the *right*, since rows add up to one. "
    "The long-run distribution is the one on the left, pi @ P = pi: work with P.T."
)
def right_eigenvector(P):
    return np.full(len(P), 1 / len(P))


@stationary.mistake(
    "You have the right eigenvector, but its length is one and not its sum (and its sign is a matter of "
    "luck). Probabilities add up to one: divide by pi.sum().",
    credit=0.5,
)
def length_one(P):
    values, vectors = np.linalg.eig(P.T)
    return vectors[:, values.real.argmax()].real


@stationary.mistake(
    "You took about a hundred steps from the uniform distribution. A chain that goes round in circles "
    "never settles, and a slow one not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def hundred_steps(P):
    return np.full(len(P), 1 / len(P)) @ np.linalg.matrix_power(P, 100)


@stationary.mistake(
    "You took about a thousand steps from the uniform distribution. A chain that goes round in circles "
    "never settles, and a slow one not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def thousand_steps(P):
    return np.full(len(P), 1 / len(P)) @ np.linalg.matrix_power(P, 1000)


@stationary.mistake(
    "You took very many steps from the uniform distribution. That is right for chains that settle, but "
    "one that goes to and fro never does, although pi exists: solve pi @ P = pi.",
    credit=0.75,
)
def very_many_steps(P):
    return np.full(len(P), 1 / len(P)) @ np.linalg.matrix_power(P, 100000)


@stationary.mistake(
    "You took a row of a high power of P. A chain that goes round in circles never settles, and a slow "
    "one not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def row_of_a_power(P):
    return np.linalg.matrix_power(P, 100)[0]


@stationary.mistake(
    "You averaged the rows of P. That is the distribution after one step from a uniform start, not after "
    "infinitely many."
)
def average_of_rows(P):
    return P.mean(axis=0)


@stationary.mistake(
    "You took the eigenvector of the smallest eigenvalue. The one that a step leaves unchanged belongs "
    "to the eigenvalue 1."
)
def wrong_eigenvector(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, np.abs(values).argmin()].real)


@stationary.mistake(
    "You took the eigenvalue of largest size; a chain that steps to and fro has -1 as well. Take the one "
    "nearest to +1: np.abs(values - 1).argmin().",
    credit=0.5,
)
def eigenvalue_of_largest_size(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, np.abs(values).argmax()].real)


@stationary.mistake(
    "You took the first eigenvector, but np.linalg.eig does not sort. Find the eigenvalue nearest to 1: "
    "np.abs(values - 1).argmin().",
    credit=0.25,
)
def first_eigenvector(P):
    return _as_shares(np.linalg.eig(P.T)[1][:, 0].real)


@stationary.mistake(
    "You look for the eigenvalue that equals 1 exactly, and rounding leaves it a hair beside 1. Take the one "
    "nearest to 1: np.abs(values - 1).argmin().",
    credit=0.5,
)
def eigenvalue_exactly_one(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, values == 1].real.ravel())


@stationary.mistake(
    "You kept the columns whose eigenvalue equals 1 exactly: rounding may leave none, and a table (V, k) is "
    "no distribution. Take the one column nearest to 1: vectors[:, np.abs(values - 1).argmin()].",
    credit=0.25,
)
def columns_of_exactly_one(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, values == 1].real)


@stationary.mistake(
    "You started at symbol 0 and took about a thousand steps. A chain that goes round in circles never "
    "settles, and a slow one not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def row_of_a_high_power(P):
    return np.linalg.matrix_power(P, 1000)[0]


@stationary.mistake(
    "You started at symbol 0 and took very many steps. That is right for chains that settle, but one that "
    "goes to and fro never does, although pi exists: solve pi @ P = pi.",
    credit=0.75,
)
def row_of_a_very_high_power(P):
    return np.linalg.matrix_power(P, 100000)[0]


@stationary.mistake(
    "The direction is right, but you divided by the length, np.linalg.norm. Probabilities add up to one: "
    "divide by pi.sum().",
    credit=0.5,
)
def divided_by_the_length(P):
    pi = _np_stationary(P)
    return pi / np.linalg.norm(pi)


@stationary.mistake(
    "Your result is zero everywhere: zero solves pi P = pi as well. Add the equation sum(pi) = 1, a row of "
    "ones with the right-hand side 1."
)
def zero_solves_it_too(P):
    return np.linalg.lstsq(P.T - np.eye(len(P)), np.zeros(len(P)), rcond=None)[0]


@stationary.mistake(
    "P.T - I is singular, and the only solution that np.linalg.solve can find for the right-hand side 0 is "
    "0. Put the equation sum(pi) = 1 in the place of one row."
)
def singular_system(P):
    return np.linalg.solve(P.T - np.eye(len(P)), np.zeros(len(P)))
