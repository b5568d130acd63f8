"""Lesson 02: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def np_bigrams(ids, V):
    counts = np.zeros((V, V))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts


def np_log_prob(ids, initial, P):
    with np.errstate(all="ignore"):
        return np.log(initial[ids[0]]) + np.log(P[ids[:-1], ids[1:]]).sum()
