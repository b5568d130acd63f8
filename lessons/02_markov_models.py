# %% [markdown]
# # 02 · Markov models

# %%
import numpy as np

from autograder import check


# %% exercise="count_bigrams"
def count_bigrams(ids, V):
    """Count how often each symbol is followed by each other one.

    ids (T,) integers below V -> counts (V, V): counts[i, j] is how often j comes right after i
    Source: Markov (1913).
    """
    # BEGIN SOLUTION
    counts = np.zeros((V, V))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)  # unlike +=, adds again where a pair is listed again
    return counts
    # END SOLUTION


# %%
check(count_bigrams)


# %% exercise="transition_matrix"
def transition_matrix(counts, alpha):
    """Turn counts into probabilities of what comes next, with alpha added to every count beforehand.

    counts (V, V), integers or floats; alpha >= 0 (> 0 if a row may be empty)
    -> P (V, V): P[i, j] = p(next is j | now i)
    Source: Lidstone (1920).
    """
    # BEGIN SOLUTION
    smoothed = counts + alpha
    return smoothed / smoothed.sum(axis=1, keepdims=True)  # (V, V) / (V, 1)
    # END SOLUTION


# %%
check(transition_matrix)


# %% exercise="sequence_log_prob"
def sequence_log_prob(ids, initial, P):
    """Natural logarithm of the probability of a whole sequence; -inf where it is impossible.

    ids (T,) integers, initial (V,) distribution of the first symbol, P (V, V) -> log_prob ()
    Source: Shannon (1948).
    """
    # BEGIN SOLUTION
    with np.errstate(divide="ignore"):  # the logarithm of an impossible step is -inf, as it should be
        return np.log(initial[ids[0]]) + np.log(P[ids[:-1], ids[1:]]).sum()
    # END SOLUTION


# %%
check(sequence_log_prob)


# %% exercise="perplexity"
def perplexity(ids, initial, P):
    """exp of the average surprise per symbol: the number of equally likely choices that would be as hard.

    ids (T,) integers, initial (V,), P (V, V) -> perplexity (); all T symbols count, the first one too
    Source: Jelinek, Mercer, Bahl and Baker (1977).
    """
    # BEGIN SOLUTION
    return np.exp(-sequence_log_prob(ids, initial, P) / len(ids))
    # END SOLUTION


# %%
check(perplexity)


# %% exercise="sample_chain"
def sample_chain(initial, P, uniforms):
    """Draw a sequence, one symbol per uniform number u: the first k with u < p_0 + .. + p_k.

    initial (V,), P (V, V), uniforms (T,) in [0, 1) -> ids (T,) integers
    Rounding can leave the last running sum a hair below 1: then the symbol is V-1.
    Source: Shannon (1948), section 3.
    """
    # BEGIN SOLUTION
    V = len(initial)
    ids = np.zeros(len(uniforms), dtype=int)
    p = initial
    for t, u in enumerate(uniforms):
        ids[t] = min(np.searchsorted(np.cumsum(p), u, side="right"), V - 1)
        p = P[ids[t]]
    return ids
    # END SOLUTION


# %%
check(sample_chain)


# %% exercise="n_step"
def n_step(P, n):
    """Probabilities of what comes n steps later.

    P (V, V), n >= 0 -> P_n (V, V): P_n[i, j] = p(x_{t+n} is j | x_t is i)
    Source: Kolmogorov (1931).
    """
    # BEGIN SOLUTION
    return np.linalg.matrix_power(P, n)
    # END SOLUTION


# %%
check(n_step)


# %% exercise="stationary"
def stationary(P):
    """The distribution that one step leaves unchanged: pi P = pi.

    P (V, V), every symbol reachable from every other one (so there is exactly one such distribution)
    -> pi (V,). The chain may go round in circles, or move very slowly: repeated steps are not enough.
    Source: Kemeny and Snell (1960).
    """
    # BEGIN SOLUTION
    V = len(P)
    A = np.vstack([P.T - np.eye(V), np.ones(V)])  # (V+1, V): (P.T - I) pi = 0, and the sum is 1
    b = np.append(np.zeros(V), 1.0)
    return np.linalg.lstsq(A, b, rcond=None)[0]
    # END SOLUTION


# %%
check(stationary)
