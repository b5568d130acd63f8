"""Lesson 13: distributions, gradients and estimates of the large output layers, and the word data."""

import numpy as np
import pytest

from tests.gradients import assert_gradients
from tests.solved import solution_functions

LESSON = solution_functions()


def case(N=3, V=11, H=2, K=6):
    rng = np.random.default_rng(0)
    q = LESSON["log_uniform"](V)
    sampled = LESSON["sample_candidates"](q, rng.uniform(size=K))
    targets = np.array([sampled[0], 5, 5])
    return {
        "h": rng.normal(size=(N, H)),
        "W": rng.normal(size=(V, H)),
        "b": rng.normal(size=V),
        "targets": targets,
        "sampled": sampled,
        "q": q,
    }


def test_gradients_are_those_of_finite_differences():
    arguments = case()
    results = LESSON["sampled_softmax_backward"](**arguments)
    gradients = dict(zip(("h", "W", "b"), results, strict=True))
    assert_gradients(LESSON["sampled_softmax_loss"], np.float64(1), arguments, gradients)


def test_log_uniform_is_a_falling_distribution():
    q = LESSON["log_uniform"](1000)
    assert q.sum() == pytest.approx(1)
    assert (np.diff(q) < 0).all()


def test_samples_follow_q():
    q = LESSON["log_uniform"](5)
    ids = LESSON["sample_candidates"](q, np.random.default_rng(1).uniform(size=200_000))
    np.testing.assert_allclose(np.bincount(ids) / len(ids), q, atol=0.005)


def test_the_corrected_sum_estimates_the_whole_one():
    rng = np.random.default_rng(2)
    V, K = 50, 20
    logits, q = rng.normal(size=V), LESSON["log_uniform"](V)
    sums = []
    for _ in range(20_000):
        ids = LESSON["sample_candidates"](q, rng.uniform(size=K))
        sums.append(np.exp(LESSON["corrected_logits"](logits[None, ids], q[ids], K)).sum())
    assert np.mean(sums) == pytest.approx(np.exp(logits).sum(), rel=0.01)


def test_two_levels_sum_to_one():
    rng = np.random.default_rng(3)
    H, C, M = 3, 4, 5
    h = np.repeat(rng.normal(size=(1, H)), C * M, axis=0)
    weights = rng.normal(size=(H, C)), rng.normal(size=C), rng.normal(size=(C, H, M)), rng.normal(size=(C, M))
    log_p = LESSON["class_log_prob"](h, *weights, *np.divmod(np.arange(C * M), M))
    assert np.exp(log_p).sum() == pytest.approx(1)


def test_words_are_ordered_by_frequency_and_the_parts_do_not_overlap():
    from coursekit.words import END, paragraphs, words

    text = words()
    assert 2_000 < text.V < 20_000
    assert len(text.train) > 5 * len(text.test) > 5_000
    assert (np.diff(text.counts) <= 0).all()
    assert len(set(paragraphs())) > 0.9 * len(paragraphs())
    assert text.symbols.index(END) < 10
