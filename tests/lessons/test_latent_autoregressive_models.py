"""Lesson 03: the filter is the sum over all hidden histories, and a state is what the lesson says it is."""

from itertools import pairwise, product

import numpy as np
import pytest

from autograder.exercise import EXERCISES
from autograder.oracle.pytorch import expected_result
from coursekit.latent_autoregressive_models import (
    averages,
    em_step,
    feedback_swing,
    linear_state_rmse,
    rmse_by_horizon,
    swing,
)
from tests.solved import solution_functions


@pytest.fixture(scope="module")
def learner():
    return solution_functions()


def random_hmm(rng, S, V):
    initial, A, B = rng.dirichlet(np.ones(S)), rng.dirichlet(np.ones(S), S), rng.dirichlet(np.ones(V), S)
    return initial, A, B


def enumerated(ids, initial, A, B):
    """p(x_1 .. x_T, z_T) as a sum over every hidden history."""
    joint = np.zeros(len(initial))
    for path in product(range(len(initial)), repeat=len(ids)):
        moves = np.prod([A[i, j] for i, j in pairwise(path)])
        joint[path[-1]] += initial[path[0]] * moves * np.prod(B[list(path), ids])
    return joint


@pytest.mark.parametrize(("T", "S", "V"), [(1, 3, 2), (2, 5, 3), (7, 2, 5), (5, 3, 2)])
def test_filter_and_reference_equal_enumeration(learner, T, S, V):
    rng = np.random.default_rng(T)
    model = random_hmm(rng, S, V)
    ids = rng.integers(V, size=T)
    joint = enumerated(ids, *model)
    for filtered, total in (
        (learner["hmm_filter"](ids, *model), learner["hmm_log_likelihood"](ids, *model)),
        (
            expected_result(EXERCISES["hmm_filter"], (ids, *model)),
            expected_result(EXERCISES["hmm_log_likelihood"], (ids, *model)),
        ),
    ):
        np.testing.assert_allclose(filtered[-1], joint / joint.sum(), rtol=1e-12)
        np.testing.assert_allclose(total, np.log(joint.sum()), rtol=1e-12)


def test_likelihoods_of_all_sequences_sum_to_one(learner):
    model = random_hmm(np.random.default_rng(0), 3, 2)
    every = [np.exp(learner["hmm_log_likelihood"](np.array(s), *model)) for s in product(range(2), repeat=6)]
    assert np.isclose(sum(every), 1)


def test_prediction_is_a_ratio_of_likelihoods(learner):
    rng = np.random.default_rng(1)
    initial, A, B = random_hmm(rng, 3, 5)
    ids = rng.integers(5, size=7)
    predicted = learner["predict_next"](learner["hmm_filter"](ids, initial, A, B)[-1], A, B)
    before = learner["hmm_log_likelihood"](ids, initial, A, B)
    after = [learner["hmm_log_likelihood"](np.append(ids, v), initial, A, B) for v in range(5)]
    np.testing.assert_allclose(predicted, np.exp(np.array(after) - before), rtol=1e-10)


def test_long_sequences_do_not_underflow(learner):
    rng = np.random.default_rng(2)
    model = random_hmm(rng, 2, 13)
    ids = rng.integers(13, size=2_000)
    assert learner["hmm_log_likelihood"](ids, *model) < np.log(np.finfo(float).tiny)
    np.testing.assert_allclose(learner["hmm_filter"](ids, *model).sum(axis=1), 1)


def test_exponential_state_is_a_linear_state(learner):
    x = np.random.default_rng(3).normal(size=11)
    alpha, h0 = 0.3, 1.5
    weights = (np.array([[1 - alpha]]), np.array([[alpha]]), np.array([[1.0]]))
    linear = learner["linear_latent_forward"](x[None, :, None], np.array([[h0]]), *weights)
    np.testing.assert_allclose(learner["exponential_state"](x, alpha, h0), linear[0, :, 0])


def test_linear_state_is_linear_in_its_inputs(learner):
    rng = np.random.default_rng(4)
    A, B, C = rng.normal(size=(5, 5)), rng.normal(size=(3, 5)), rng.normal(size=(5, 2))
    (x, h), (y, g) = ((rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 5))) for _ in range(2))
    run = learner["linear_latent_forward"]
    both = run(2 * x - y, 2 * h - g, A, B, C)
    np.testing.assert_allclose(both, 2 * run(x, h, A, B, C) - run(y, g, A, B, C), rtol=1e-9, atol=1e-9)


def test_a_round_of_em_raises_the_likelihood(learner):
    rng = np.random.default_rng(5)
    ids = rng.integers(3, size=60)
    model = random_hmm(rng, 2, 3)
    seen = []
    for _ in range(8):
        seen.append(learner["hmm_log_likelihood"](ids, *model))
        _, A, B = model
        model = em_step(ids, learner["hmm_filter"](ids, *model), A, B, prior=0.0)
    assert np.all(np.diff(seen) > -1e-9) and seen[-1] > seen[0] + 0.1


def test_horizons_share_their_targets():
    x = np.arange(20.0)
    errors = rmse_by_horizon(lambda t: np.full(4, x[t - 1]), x, 12, 4)  # the last value, carried on
    np.testing.assert_allclose(errors, [1, 2, 3, 4])


def test_averages_are_exponential_states_side_by_side(learner):
    x, alphas = np.random.default_rng(6).normal(size=11), [0.7, 0.2]
    A, B = averages(alphas)
    h = learner["linear_latent_forward"](x[None, :, None], np.zeros((1, 2)), A, B, np.eye(2))[0]
    for column, alpha in zip(h.T, alphas, strict=True):
        np.testing.assert_allclose(column, learner["exponential_state"](x, alpha, 0.0))


def test_a_swing_comes_round_after_its_period():
    A, _ = swing(8, 0.9)
    np.testing.assert_allclose(np.linalg.matrix_power(A, 8)[2:, 2:], 0.9**8 * np.eye(2), atol=1e-12)


def test_a_state_that_fits_forecasts_a_wave_for_many_steps(learner):
    x = 5 + 3 * np.sin(2 * np.pi * np.arange(240) / 11)
    run = learner["linear_latent_forward"]
    right = linear_state_rmse(run, *swing(11, 0.9), x, 200, 12)
    wrong = linear_state_rmse(run, *averages([1.0]), x, 200, 12)
    assert right.max() < 0.3 and wrong[4] > 2


def test_what_lives_on_its_own_predictions_swings_as_its_feedback_says(learner):
    run, x = learner["linear_latent_forward"], 5 + np.cos(2 * np.pi * np.arange(400) / 8)
    period, kept = feedback_swing(run, *averages([1.0, 0.5, 0.2]), x, 300, near=11)
    np.testing.assert_allclose([period, kept], [8, 1], atol=0.02)  # a pure swing is taken over as it is
    assert linear_state_rmse(run, *averages([1.0, 0.5, 0.2]), x, 300, 16).max() < 0.1
