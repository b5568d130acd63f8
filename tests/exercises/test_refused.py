"""Wrong answers that no mistake names, and that the cases must refuse on every seed."""

from functools import partial

import numpy as np
import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.judging.judge import judge
from autograder.judging.outcome import call


def clipped_from_below(counts, alpha):
    P = (counts + alpha) / (counts + alpha).sum(axis=1, keepdims=True)
    return np.clip(P, 1e-8, None)


def epsilon_in_a_divisor(counts, alpha):
    return (counts + alpha) / ((counts + alpha).sum(axis=1, keepdims=True) + 1e-9)


def counted_in_bytes(ids, V):
    counts = np.zeros((V, V), dtype=np.uint8)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts


def compared_by_a_weighted_sum(predictions, references):
    def key(ids):
        return len(ids), int(np.dot(ids, np.arange(1, len(ids) + 1)))

    return np.mean([key(p) == key(r) for p, r in zip(predictions, references, strict=True)])


def epsilon_in_a_norm(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / (np.linalg.norm(v) + 1e-8)
    return np.linalg.norm(W @ v)


def epsilon_in_a_belief(ids, initial, A, B):
    out, moved = [], initial
    for symbol in ids:
        belief = moved * B[:, symbol]
        out.append(belief / (belief.sum() + 1e-12))
        moved = out[-1] @ A
    return np.stack(out)


REFUSED = [
    ("transition_matrix", clipped_from_below),
    ("transition_matrix", epsilon_in_a_divisor),
    ("count_bigrams", counted_in_bytes),
    ("exact_match", compared_by_a_weighted_sum),
    ("spectral_norm", epsilon_in_a_norm),
    ("hmm_filter", epsilon_in_a_belief),
]


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 25])
@pytest.mark.parametrize(("name", "wrong"), REFUSED, ids=[wrong.__name__ for _, wrong in REFUSED])
def test_is_refused(name, wrong, seed):
    assert not judge(EXERCISES[name], partial(call, wrong), seed).passed


def test_whole_numbers_may_have_any_number_of_digits():
    assert not judge(EXERCISES["count_paths"], partial(call, lambda lag, k: 2**80)).passed
