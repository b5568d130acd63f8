"""Lesson 12: gradients through the short cuts, and what the lesson says about them."""

import numpy as np
import pytest

from tests.gradients import assert_gradients
from tests.solved import solution_functions

LESSON = solution_functions()
WEIGHTS = ("W_xh", "W_hh", "b_h")


def layer(rng, D, H):
    return rng.normal(size=(D, H)), 0.5 * rng.normal(size=(H, H)), rng.normal(size=H)


def test_gradients_over_depth_are_those_of_finite_differences():
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(2, 2, 3, 4))
    layers = [layer(rng, 4, 4) for _ in range(3)]
    dx, gradients = LESSON["residual_stack_backward"](dy, x, layers)
    names = [f"{weight} {l}" for l in range(3) for weight in WEIGHTS]

    def forward(x, **weights):
        flat = [weights[name] for name in names]
        return LESSON["residual_stack_forward"](x, [tuple(flat[i : i + 3]) for i in (0, 3, 6)])

    arguments = dict(zip(names, [w for triple in layers for w in triple], strict=True))
    analytic = dict(zip(names, [g for triple in gradients for g in triple], strict=True))
    assert_gradients(forward, dy, {"x": x, **arguments}, {"x": dx, **analytic})


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_gradients_over_time_are_those_of_finite_differences(k):
    rng = np.random.default_rng(k)
    arguments = {"x": rng.normal(size=(2, 5, 3)), "h0": rng.normal(size=(2, 4))}
    arguments |= dict(zip(WEIGHTS, layer(rng, 3, 4), strict=True))
    dh = rng.normal(size=(2, 5, 4))
    results = LESSON["skip_rnn_backward"](dh, **arguments, k=k)

    def forward(**named):
        return LESSON["skip_rnn_forward"](**named, k=k)

    assert_gradients(forward, dh, arguments, dict(zip(arguments, results, strict=True)))


def test_a_skip_beyond_the_end_is_no_skip():
    rng = np.random.default_rng(1)
    x, h0, weights = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 4)), layer(rng, 3, 4)
    np.testing.assert_allclose(
        LESSON["skip_rnn_forward"](x, h0, *weights, 5), LESSON["rnn_forward"](x, h0, *weights)
    )


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_number_of_ways_is_a_gradient(k):
    T, one = 9, np.ones((1, 1))
    dh = np.zeros((1, T, 1))
    dh[0, -1] = 1
    dx = LESSON["skip_rnn_backward"](dh, 0 * dh, 0 * one, one, one, np.zeros(1), k)[0]
    assert dx[0, ::-1, 0].tolist() == [LESSON["count_paths"](lag, k) for lag in range(T)]


def test_a_highway_is_a_cell_with_coupled_gates():
    rng = np.random.default_rng(2)
    c, W_h, W_t, b = *rng.normal(size=(3, 4, 4)), rng.normal(size=4)
    i, g = LESSON["sigmoid"](c @ W_t + b), np.tanh(c @ W_h + b)
    np.testing.assert_allclose(LESSON["highway_step"](c, W_h, b, W_t, b), (1 - i) * c + i * g)
