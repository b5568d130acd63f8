"""Lesson 02: what must hold for every chain, and for the counts behind it."""

from itertools import product

import numpy as np
import pytest

from coursekit.diagrams import markov
from coursekit.markov_models import context_codes, count_contexts, interpolated, page, sample_text, smoothed
from tests.solved import solution_functions

S = solution_functions()


@pytest.fixture
def chain():
    random = np.random.default_rng(0)
    return random.dirichlet(np.ones(3)), random.dirichlet(np.ones(3), size=3)


def test_counts_by_hand():
    assert S["count_bigrams"](np.array([0, 1, 0, 0, 1]), 2).tolist() == [[1, 2], [1, 0]]


def test_the_probabilities_of_all_texts_add_up_to_one(chain):
    texts = product(range(3), repeat=5)
    total = sum(np.exp(S["sequence_log_prob"](np.array(ids), *chain)) for ids in texts)
    np.testing.assert_allclose(total, 1)


def test_perplexity_lies_between_certainty_and_a_fair_die(chain):
    uniform = np.full(3, 1 / 3)
    ids = np.array([0, 1, 2, 0, 1, 2])
    circle = np.roll(np.eye(3), 1, axis=1)
    np.testing.assert_allclose(S["perplexity"](ids, uniform, np.tile(uniform, (3, 1))), 3)
    np.testing.assert_allclose(S["perplexity"](ids, np.eye(3)[0], circle), 1)


def test_a_sample_counted_again_gives_the_chain(chain):
    ids = S["sample_chain"](*chain, np.random.default_rng(1).random(20_000))
    again = S["transition_matrix"](S["count_bigrams"](ids, 3), 0.0)
    np.testing.assert_allclose(again, chain[1], atol=0.03)


def test_where_rounding_leaves_the_last_sum_below_u_the_last_symbol_is_drawn():
    short = np.array([0.5, 0.25, 0.25 - 1e-12])
    ids = S["sample_chain"](short, np.tile(short, (3, 1)), np.array([1 - 1e-13, 0.3, 1 - 1e-13]))
    assert ids.tolist() == [2, 0, 2]


def test_an_impossible_text_surprises_without_bound():
    ids, initial, P = np.array([0, 0]), np.array([0.5, 0.5]), np.array([[0.0, 1.0], [0.5, 0.5]])
    assert S["sequence_log_prob"](ids, initial, P) == -np.inf
    assert S["perplexity"](ids, initial, P) == np.inf


def test_steps_add_up_and_end_in_the_stationary_distribution(chain):
    _, P = chain
    np.testing.assert_allclose(S["n_step"](P, 5), S["n_step"](P, 2) @ S["n_step"](P, 3))
    pi = S["stationary"](P)
    np.testing.assert_allclose(pi @ P, pi)
    np.testing.assert_allclose(S["n_step"](P, 200), np.tile(pi, (3, 1)))


def test_contexts_of_one_symbol_are_bigrams():
    ids = np.random.default_rng(2).integers(4, size=200)
    table = count_contexts(ids, 1, 4)
    np.testing.assert_array_equal(table.rows(np.arange(4)), S["count_bigrams"](ids, 4))
    assert context_codes(np.array([1, 2, 3]), 2, 10).tolist() == [12]
    assert not table.rows(np.array([99])).any()


def test_smoothed_and_interpolated_rows_add_up_to_one():
    random = np.random.default_rng(3)
    ids, unread = random.integers(4, size=100), random.integers(4, size=50)
    tables = [count_contexts(ids, order, 4) for order in range(4)]
    for p in (*interpolated(tables, unread, 3), smoothed(tables[2].rows(np.arange(16)), 0.1)):
        np.testing.assert_allclose(p.sum(axis=1), 1)
        assert p.min() > 0


@pytest.mark.parametrize(
    ("temperature", "expected"), [(0, [1] * 6), (1, [0, 0, 1, 1, 1, 1]), (2, [0, 0, 0, 1, 1, 1])]
)
def test_temperature_bends_probabilities_before_a_symbol_is_drawn(temperature, expected):
    table = count_contexts(np.array([0, 1, 1, 1, 1, 0, 1, 1]), 0, 2)  # 1 follows with probability 3/4
    p = smoothed(table.rows(np.array([0])), 0.0)[0]
    cut = np.array([0.25, 3**0.5 / (1 + 3**0.5)])  # p_0 at temperature 1; p_1 at temperature 2
    np.testing.assert_allclose(p, [cut[0], 1 - cut[0]])
    uniforms = np.array([0.05, 0.24, 0.26, 1.001 - cut[1], 0.5, 0.9])
    drawn = sample_text(table, 0.0, np.array([], dtype=int), uniforms, temperature)
    assert drawn.tolist() == expected


def test_a_context_of_several_symbols_decides_what_is_written():
    ids = np.array([0, 1, 2, 0, 2, 1, 0, 1, 2, 0, 2, 1, 0, 1, 2])
    made = sample_text(count_contexts(ids, 2, 3), 0.0, np.array([0, 1]), np.full(7, 0.5))
    assert made.tolist() == [2, 0, 2, 1, 0, 1, 2]


def test_a_page_keeps_every_symbol_and_shows_line_breaks():
    text = "a line\nand $another$ one  with two spaces " * 3
    shown = page(text, "title", columns=20, rows=9).axes[0].texts[0].get_text()
    assert shown.replace("\n", "") == text.replace("\n", "↵")


@pytest.mark.parametrize("V", [2, 3])
def test_a_drawn_chain_names_its_states_and_every_probability_once(V):
    P = np.random.default_rng(V).dirichlet(np.ones(V), size=V)
    drawn = markov.chain(P, ["one", "two", "three"][:V])
    words = sorted(text.get_text() for text in drawn.axes[0].texts)
    assert words == sorted([*(f"{p:.2f}" for p in P.flat), *["one", "two", "three"][:V]])
