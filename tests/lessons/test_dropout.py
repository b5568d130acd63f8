"""Lesson 11: gradients through masks, and the identities that the lesson states."""

import numpy as np
import pytest

from tests.gradients import assert_gradients
from tests.solved import solution_functions

LESSON = solution_functions()


@pytest.fixture
def network():
    rng = np.random.default_rng(0)
    N, T, D, H = 2, 4, 3, 5
    return {
        "x": rng.normal(size=(N, T, D)),
        "h0": rng.normal(size=(N, H)),
        "W_xh": rng.normal(size=(D, H)),
        "W_hh": 0.5 * rng.normal(size=(H, H)),
        "b_h": rng.normal(size=H),
        "mask_x": 2.0 * (rng.uniform(size=(N, T, D)) < 0.5),
        "mask_h": 2.0 * (rng.uniform(size=(N, T, H)) < 0.5),
    }


def backward(dh, network):
    h = LESSON["dropout_rnn_forward"](**network)
    arguments = {name: value for name, value in network.items() if name != "b_h"}
    results = LESSON["dropout_rnn_backward"](dh, h=h, **arguments)
    return dict(zip(("x", "h0", "W_xh", "W_hh", "b_h"), results, strict=True))


def test_gradients_are_those_of_finite_differences(network):
    dh = np.random.default_rng(1).normal(size=network["mask_h"].shape)
    assert_gradients(LESSON["dropout_rnn_forward"], dh, network, backward(dh, network))


def test_a_tied_mask_leaves_the_rows_of_dropped_units_without_gradient(network):
    uniforms = np.array([[0.1, 0.9, 0.2, 0.8, 0.6], [0.3, 0.9, 0.1, 0.7, 0.9]])
    network["mask_h"] = LESSON["tied_mask"](uniforms, 0.5, 4)
    dW_hh = backward(np.ones_like(network["mask_h"]), network)["W_hh"]
    assert (np.abs(dW_hh).sum(axis=1) == 0).tolist() == [True, False, True, False, False]


def test_masks_of_ones_change_nothing(network):
    network["mask_x"][:], network["mask_h"][:] = 1, 1
    plain = {name: network[name] for name in ("x", "h0", "W_xh", "W_hh", "b_h")}
    np.testing.assert_allclose(LESSON["dropout_rnn_forward"](**network), LESSON["rnn_forward"](**plain))


def test_inverted_dropout_keeps_the_mean_and_its_square_grows():
    u = np.random.default_rng(2).uniform(size=400_000)
    y = LESSON["inverted_dropout"](np.ones_like(u), u, 0.25, True)
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert (y**2).mean() == pytest.approx(1 / 0.75, abs=0.02)


def test_zoneout_at_evaluation_is_the_mean_of_training():
    rng = np.random.default_rng(3)
    before, candidate = rng.normal(size=(2, 1, 3))
    draws = [
        LESSON["zoneout_step"](before, candidate, rng.uniform(size=(1, 3)), 0.3, True) for _ in range(20_000)
    ]
    expected = LESSON["zoneout_step"](before, candidate, np.zeros((1, 3)), 0.3, False)
    np.testing.assert_allclose(np.mean(draws, axis=0), expected, atol=0.03)


def test_candidate_dropout_spares_the_memory():
    c = np.array([[3.0, -2.0]])
    ones = np.ones_like(c)
    _, kept = LESSON["candidate_dropout_step"](ones, ones, ones, ones, c, np.zeros_like(c))
    np.testing.assert_array_equal(kept, c)
