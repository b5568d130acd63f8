"""Lesson 07: Jacobians by finite differences, the two roles of norm and eigenvalue, and the probes."""

from functools import partial

import numpy as np
import pytest
import torch

from coursekit.gradient_flow import draw_learned
from coursekit.memory_probes import adding_batch, clip_each, gradient_flow, make_networks, recall_batch
from coursekit.plots import figure
from tests.gradients import numeric_gradient
from tests.solved import solution_functions

solved = solution_functions()
rng = np.random.default_rng(0)


@pytest.mark.parametrize(("kind", "f"), [("sigmoid", lambda z: 1 / (1 + np.exp(-z))), ("tanh", np.tanh)])
def test_slopes_are_derivatives(kind, f):
    z = rng.normal(size=7) * 3
    numeric = numeric_gradient(lambda z: f(z).sum(), z)
    np.testing.assert_allclose(solved["activation_slope"](z, kind), numeric, atol=1e-8)


def test_jacobian_product_by_finite_differences():
    T, D, H = 5, 2, 3
    x, h0 = rng.normal(size=(1, T, D)), rng.normal(size=(1, H))
    weights = rng.normal(size=(D, H)), rng.normal(size=(H, H)), rng.normal(size=H)
    forward = solved["rnn_forward"]
    J = solved["jacobian_product"](forward(x, h0, *weights)[0], weights[1])

    def last_state(h0, j):
        return forward(x, h0, *weights)[0, -1, j]

    for j in range(H):
        numeric = numeric_gradient(partial(last_state, j=j), h0)
        np.testing.assert_allclose(J[:, j], numeric[0], rtol=2e-5, atol=1e-8)


def test_gradient_norms_agree_with_backpropagation_and_with_jacobians():
    N, T, D, H = 2, 7, 3, 5
    x, h0 = rng.normal(size=(N, T, D)), rng.normal(size=(N, H))
    W_xh, W_hh, b_h = rng.normal(size=(D, H)), rng.normal(size=(H, H)), rng.normal(size=H)
    h = solved["rnn_forward"](x, h0, W_xh, W_hh, b_h)
    dh = np.zeros_like(h)
    dh[:, -1] = rng.normal(size=(N, H))
    norms = solved["gradient_norms"](dh[:, -1], h, W_hh)
    dh0 = solved["rnn_backward"](dh, x, h0, h, W_xh, W_hh)[1]
    one_more = solved["step_jacobian"](h[:, 0], W_hh)  # from h_1 to h_0
    products = [solved["jacobian_product"](h[n, 1:], W_hh) for n in range(N)]
    dh1 = np.stack([J @ dh[n, -1] for n, J in enumerate(products)])
    assert np.isclose(norms[-1], np.linalg.norm(dh1))
    np.testing.assert_allclose(np.einsum("nij,nj->ni", one_more, dh1), dh0)


def test_singular_value_bounds_a_step_and_eigenvalue_rules_the_long_run():
    W = np.array([[0.5, 10.0], [0.0, 0.5]])
    sigma = solved["spectral_norm"](W, np.ones(2), 50)
    assert np.isclose(sigma, np.linalg.norm(W, 2))
    assert np.linalg.norm(np.linalg.matrix_power(W, 3), 2) > 7
    many = np.linalg.norm(np.linalg.matrix_power(W, 500), 2) ** (1 / 500)
    assert abs(many - 0.5) < 0.02


def test_bound_holds():
    for _ in range(50):
        h, W_hh = np.tanh(rng.normal(size=(5, 3))), rng.normal(size=(3, 3))
        product = solved["jacobian_product"](h, W_hh)
        assert np.linalg.norm(product, 2) <= solved["norm_bound"](h, W_hh) * (1 + 1e-9)


def test_probe_agrees_with_gradient_norms():
    N, T, H = 2, 11, 5
    W_hh, drive, dh = rng.normal(size=(H, H)), rng.normal(size=(N, T, H)), rng.normal(size=(N, H))
    h = solved["rnn_forward"](drive, np.zeros((N, H)), np.eye(H), W_hh, np.zeros(H))
    norms, largest = gradient_flow(W_hh, "tanh", drive, dh)
    expected = solved["gradient_norms"](dh, h, W_hh)
    np.testing.assert_allclose(norms, expected / expected[0])
    assert np.isclose(largest, np.abs(h).max())


def test_tasks_ask_what_they_say():
    random = torch.Generator().manual_seed(0)
    x, target = recall_batch(random, runs=2, N=3, T=5)
    assert x.shape == (2, 3, 5, 8)
    assert torch.equal(x[:, :, 0].argmax(2), target)
    x, target = adding_batch(random, runs=2, N=3, T=7)
    assert x.shape == (2, 3, 7, 2)
    assert torch.equal(x[..., 1].sum(2), torch.full((2, 3), 2.0))
    torch.testing.assert_close((x[..., 0] * x[..., 1]).sum(2), target)


def test_networks_side_by_side_are_independent():
    random = torch.Generator().manual_seed(0)
    networks = make_networks(rng.normal(size=(3, 5, 5)) * 0.3, 2, 1, "tanh", random, input_scale=1.0)
    x, _ = adding_batch(random, runs=3, N=2, T=7)
    for p in networks.parameters:
        p.grad = torch.zeros_like(p)
    networks.last_output(x)[1].sum().backward()
    gradients = [p.grad for p in networks.parameters if p.grad is not None]
    assert all(not g[[0, 2]].any() and g[1].any() for g in gradients)
    clip_each(networks.parameters, 0.5)
    together = torch.cat([g[1].flatten() for g in gradients])
    assert together.norm() <= 0.5 + 1e-6


def test_the_table_counts_the_networks_that_learned():
    runs = np.array([[[0.95, 0.2], [0.91, 0.92]], [[0.1, 0.9], [0.5, 0.6]]])  # (gains, lags, networks)
    _, (ax,) = figure()
    draw_learned(ax, [1.0, 4.0], [5, 10], runs)
    np.testing.assert_array_equal(ax.images[0].get_array(), [[1, 2], [0, 0]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["gain 1: 75%", "gain 4: 0%"]
