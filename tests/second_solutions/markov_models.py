import math
from bisect import bisect_right
from itertools import accumulate

import numpy as np


def count_bigrams(ids, V):
    one_hot = np.eye(V, dtype=int)[ids]
    return np.einsum("tv,tw->vw", one_hot[:-1], one_hot[1:])


def transition_matrix(counts, alpha):
    V = len(counts)
    return np.array([[(c + alpha) / (sum(row) + alpha * V) for c in row] for row in counts.tolist()])


def sequence_log_prob(ids, initial, P):
    """From the counts of pairs: how often a transition occurs is all that its position tells."""
    counts = count_bigrams(ids, len(P))
    used = counts > 0
    if (P[used] == 0).any() or initial[ids[0]] == 0:
        return -math.inf
    return math.log(initial[ids[0]]) + float(np.sum(counts[used] * np.log(P[used])))


def perplexity(ids, initial, P):
    bits = -sequence_log_prob(ids, initial, P) / math.log(2)
    return 2 ** (bits / len(ids))


def sample_chain(initial, P, uniforms):
    rows, made = P.tolist(), []
    row = initial.tolist()
    for u in uniforms.tolist():
        made.append(min(bisect_right(list(accumulate(row)), u), len(row) - 1))
        row = rows[made[-1]]
    return np.array(made, dtype=np.int32)


def n_step(P, n):
    """By squaring: the binary digits of n say which powers to multiply."""
    made, square = np.eye(len(P)), P
    while n:
        if n % 2:
            made = made @ square
        square = square @ square
        n //= 2
    return made


def stationary(P):
    """Gaussian elimination one equation short, in its place that the entries add up to one."""
    A = P.T - np.eye(len(P))
    A[-1] = 1
    b = np.zeros(len(P))
    b[-1] = 1
    return np.linalg.solve(A, b)
