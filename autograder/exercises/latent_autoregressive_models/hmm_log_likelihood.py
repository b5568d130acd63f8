"""Lesson 03, hmm_log_likelihood: its cases, hints and mistakes."""

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.latent_autoregressive_models.draws import hmm_cases
from autograder.exercises.latent_autoregressive_models.hmm_filter import never_normalises
from autograder.exercises.latent_autoregressive_models.parts import _beliefs


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("log_likelihood",),
    hints=(
        "Chain rule: the probability of the whole sequence is the product of each symbol's probability "
        "given the symbols before it. Its logarithm is a sum.",
        "The probability of symbol t given the past is the sum that the filter divides by in step t: (moved "
        "* B[:, ids[t]]).sum(). Add up its logarithms.",
        "total, moved = 0.0, initial; for symbol in ids: joint = moved * B[:, symbol]; p = joint.sum(); "
        "total += np.log(p); moved = joint / p @ A; return total",
    ),
    source="Baum et al. (1970); Rabiner (1989), A Tutorial on Hidden Markov Models",
)
def hmm_log_likelihood(ids, initial, A, B): ...


hmm_log_likelihood.cases(hmm_cases)


def _surprises(ids, start, A, B):
    """p(x_t | x_1 .. x_{t-1}) for every t, from `start` = p(z_1)."""
    moved = np.concatenate([start[None], _beliefs(ids, start, A, B)[:-1] @ A])
    return (moved * B[:, ids].T).sum(axis=1)


@hmm_log_likelihood.mistake(
    "You take the logarithm at the end, of a product that has already underflowed to 0 on long sequences. "
    "Sum the logarithms of the single factors.",
    credit=0.5,
)
def product_underflows(ids, initial, A, B):
    with np.errstate(divide="ignore"):
        return np.log(never_normalises(ids, initial, A, B)[-1].sum())


@hmm_log_likelihood.mistake("This is the probability itself; its logarithm is asked for.")
def likelihood_without_log(ids, initial, A, B):
    return never_normalises(ids, initial, A, B)[-1].sum()


@hmm_log_likelihood.mistake("You took logarithms to base 2. This course counts in nats: np.log.", credit=0.7)
def log_in_bits(ids, initial, A, B):
    return np.log2(_surprises(ids, initial, A, B)).sum()


@hmm_log_likelihood.mistake(
    "This is the mean per symbol; the log-likelihood of the sequence is the sum.", credit=0.7
)
def mean_log_likelihood(ids, initial, A, B):
    return np.log(_surprises(ids, initial, A, B)).mean()


@hmm_log_likelihood.mistake(
    "The sign is flipped: a logarithm of a probability is negative (or zero). The negative one is the loss."
)
def negative_log_likelihood(ids, initial, A, B):
    return -np.log(_surprises(ids, initial, A, B)).sum()


@hmm_log_likelihood.mistake(
    "You ignored `initial` and started from equal beliefs. Before the first symbol, p(z_1) is `initial`."
)
def likelihood_uniform_start(ids, initial, A, B):
    return np.log(_surprises(ids, np.full(len(A), 1 / len(A)), A, B)).sum()


@hmm_log_likelihood.mistake(
    "You moved along A before the first symbol. `initial` is already p(z_1): no time passes before it."
)
def likelihood_moves_first(ids, initial, A, B):
    return np.log(_surprises(ids, initial @ A, A, B)).sum()


@hmm_log_likelihood.mistake(
    "You used A transposed. A[i, j] goes from i to j, and the belief is a row: belief @ A."
)
def likelihood_transposed(ids, initial, A, B):
    return np.log(_surprises(ids, initial, A.T, B)).sum()


@hmm_log_likelihood.mistake(
    "The first symbol is missing from the sum: its probability is (initial * B[:, ids[0]]).sum()."
)
def first_symbol_uncounted(ids, initial, A, B):
    return np.log(_surprises(ids, initial, A, B)[1:]).sum()


@hmm_log_likelihood.mistake(
    "This is the log-probability of the single best path of hidden states. The likelihood sums over all "
    "paths."
)
def best_path_only(ids, initial, A, B):
    with np.errstate(divide="ignore"):
        log_initial, log_A, log_B = np.log(initial), np.log(A), np.log(B)
    best = log_initial + log_B[:, ids[0]]
    for symbol in ids[1:]:
        best = (best[:, None] + log_A).max(axis=0) + log_B[:, symbol]
    return best.max()


@hmm_log_likelihood.mistake(
    "You add up the logarithms of the beliefs' sums. After the division each sum is 1, and its logarithm 0: "
    "take the sum *before* dividing, p(x_t | x_1..x_{t-1})."
)
def sums_after_division(ids, initial, A, B):
    return np.log(_beliefs(ids, initial, A, B).sum(axis=1)).sum()


@hmm_log_likelihood.mistake(
    "You never divide, so that each sum is already p(x_1..x_t), the whole of the past, and you add up the "
    "logarithms of all of them. Divide by the sum in every step, and add the logarithms of the divisors."
)
def logs_of_undivided_sums(ids, initial, A, B):
    with np.errstate(divide="ignore"):
        return np.log(never_normalises(ids, initial, A, B).sum(axis=1)).sum()


@hmm_log_likelihood.mistake(
    "You weigh each symbol with the belief that has already seen it. Its probability comes from before it: "
    "moved * B[:, ids[t]] with moved = `initial`, then the last belief @ A."
)
def symbols_seen_twice(ids, initial, A, B):
    return np.log((_beliefs(ids, initial, A, B) * B[:, ids].T).sum(axis=1)).sum()


@hmm_log_likelihood.mistake(
    "Your first factor is predict_next(initial, A, B)[ids[0]], which lets one step pass. `initial` is "
    "already p(z_1): the first factor is (initial @ B)[ids[0]].",
    credit=0.5,
)
def first_factor_moved(ids, initial, A, B):
    rest = np.log(_surprises(ids, initial, A, B)[1:]).sum()
    return np.log((initial @ A @ B)[ids[0]]) + rest


@hmm_log_likelihood.mistake(
    "You added the logarithms of the largest beliefs. The likelihood is about the symbols: the number that "
    "each belief is divided by."
)
def largest_beliefs(ids, initial, A, B):
    return np.log(_beliefs(ids, initial, A, B).max(axis=1)).sum()
