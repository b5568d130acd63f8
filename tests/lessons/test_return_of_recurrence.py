"""Lesson 19: a scan is a loop, its way back a gradient, and all its models are one recurrence."""

import numpy as np
import pytest

from autograder.exercise import EXERCISES
from autograder.oracle.pytorch import expected_result
from tests.gradients import assert_gradients
from tests.solved import solution_functions


@pytest.fixture(scope="module")
def learner():
    return solution_functions()


@pytest.fixture
def rng():
    return np.random.default_rng(19)


def test_by_hand(learner):
    def row(*numbers):
        return np.array(numbers, dtype=float).reshape(1, -1, 1)

    # h = 2 * 1 + 3 = 5, then 0 * 5 + 1 = 1, then -1 * 1 + 4 = 3
    h = learner["linear_scan"](row(2, 0, -1), row(3, 1, 4), np.array([[1.0]]))
    assert h.ravel().tolist() == [5, 1, 3]
    da, db, dh0 = learner["linear_scan_backward"](row(1, 1, 1), row(2, 0, -1), h, np.array([[1.0]]))
    # g = 1 at the end; 1 - 1 * 1 = 0 before it; 1 + 0 * 0 = 1 at the beginning
    assert db.ravel().tolist() == [1, 0, 1]
    assert da.ravel().tolist() == [1, 0, 1]
    assert dh0.item() == 2
    assert learner["combine"](2.0, 3.0, 5.0, 7.0) == (10, 22)  # 5 (2 h + 3) + 7


@pytest.mark.parametrize("T", [1, 2, 3, 4, 7, 8, 9, 1000])
def test_scan_is_the_loop_in_few_rounds(learner, rng, T):
    a, b, h0 = rng.uniform(-1, 1, size=(2, T, 3)), rng.normal(size=(2, T, 3)), rng.normal(size=(2, 3))
    made = learner["linear_scan"](a, b, h0)
    np.testing.assert_allclose(made, expected_result(EXERCISES["linear_scan"], (a, b, h0)), atol=1e-12)


def test_gradients_are_those_of_finite_differences(learner, rng):
    arguments = {
        "a": rng.normal(size=(2, 5, 3)),
        "b": rng.normal(size=(2, 5, 3)),
        "h0": rng.normal(size=(2, 3)),
    }
    dh, h = rng.normal(size=(2, 5, 3)), learner["linear_scan"](**arguments)
    made = learner["linear_scan_backward"](dh, arguments["a"], h, arguments["h0"])
    assert_gradients(learner["linear_scan"], dh, arguments, dict(zip(arguments, made, strict=True)))


def test_combining_is_associative_and_not_commutative(learner, rng):
    combine = learner["combine"]
    (a_1, b_1), (a_2, b_2), (a_3, b_3) = rng.normal(size=(3, 2, 7))
    left = combine(*combine(a_1, b_1, a_2, b_2), a_3, b_3)
    np.testing.assert_allclose(left, combine(a_1, b_1, *combine(a_2, b_2, a_3, b_3)))
    assert not np.allclose(combine(a_1, b_1, a_2, b_2)[1], combine(a_2, b_2, a_1, b_1)[1])


def test_min_gru_is_affine_in_its_start_and_a_gru_is_not(learner, rng):
    x, h0, move = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 7)), rng.normal(size=(2, 7))
    small = [rng.normal(size=shape) for shape in ((3, 7), (7,), (3, 7), (7,))]
    large = [rng.normal(size=shape) for shape in ((3, 21), (7, 21), (21,), (21,))]

    def bend(cell, weights):
        start, once, twice = (cell(x, h0 + n * move, *weights)[:, -1] for n in range(3))
        return np.abs(twice - 2 * once + start).max()

    assert bend(learner["min_gru"], small) < 1e-12 < 1e-3 < bend(learner["gru_forward"], large)


def test_min_gru_that_keeps_and_that_writes(learner, rng):
    x, h0, W = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 7)), rng.normal(size=(3, 7))
    zeros = np.zeros(7)
    kept = learner["min_gru"](x, h0, 0 * W, zeros + 1000, W, zeros)
    np.testing.assert_array_equal(kept, np.broadcast_to(h0[:, None], kept.shape))
    np.testing.assert_allclose(learner["min_gru"](x, h0, 0 * W, zeros - 1000, W, zeros), x @ W)


def test_three_forms_of_a_state_space_agree(learner, rng):
    N, T, D, S = 2, 31, 3, 5
    x, A, delta = rng.normal(size=(N, T, D)), -rng.uniform(0.05, 2, size=(D, S)), rng.uniform(0.1, 1, size=D)
    B, C = rng.normal(size=(2, S))
    still = [np.broadcast_to(z, (N, T, len(z))) for z in (B, C, delta)]
    kernel = learner["state_space_kernel"](A, B, C, delta, T)
    by_kernel = np.array([[np.convolve(x[n, :, d], kernel[d])[:T] for d in range(D)] for n in range(N)])
    np.testing.assert_allclose(learner["state_space"](x, A, *still), by_kernel.swapaxes(1, 2), atol=1e-10)


def test_a_step_of_length_zero_is_passed_over(learner, rng):
    x, delta = rng.normal(size=(2, 7, 3)), rng.uniform(0.1, 1, size=(2, 7, 3))
    A, (B, C) = -rng.uniform(0.1, 1, size=(3, 5)), rng.normal(size=(2, 2, 7, 5))
    delta[:, 2] = 0
    left = [np.delete(z, 2, axis=1) for z in (x, B, C, delta)]
    made = learner["state_space"](left[0], A, *left[1:])
    np.testing.assert_allclose(np.delete(learner["state_space"](x, A, B, C, delta), 2, axis=1), made)


def test_a_length_of_softplus_is_a_gate(learner):
    u = np.linspace(-9, 9, 7)
    a = learner["discretise"](np.array([[-1.0]]), np.logaddexp(0, u)[None, :, None])
    np.testing.assert_allclose(a[0, :, 0, 0], learner["sigmoid"](-u))


def test_one_channel_that_stands_still_is_the_linear_state_of_lesson_03(learner, rng):
    x, A, delta, (B, C) = (
        rng.normal(size=(2, 11, 1)),
        -rng.uniform(0.1, 1, size=(1, 5)),
        0.7,
        rng.normal(size=(2, 5)),
    )
    today = learner["state_space"](x, A, *(np.broadcast_to(z, (2, 11, np.size(z))) for z in (B, C, delta)))
    weights = np.diag(np.exp(delta * A[0])), delta * B[None], C[:, None]
    np.testing.assert_allclose(today, learner["linear_latent_forward"](x, np.zeros((2, 5)), *weights))


def test_linear_attention_sees_the_past_and_itself_alone(learner, rng):
    q, k, v = rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 7, 5))
    made = learner["linear_attention"](q, k, v)
    np.testing.assert_allclose(made, (q @ k.swapaxes(1, 2) * learner["causal_mask"](7)) @ v)
    later = v.copy()
    later[:, 4:] += 1
    change = np.abs(learner["linear_attention"](q, k, later) - made).max(axis=(0, 2))
    assert change[:4].max() == 0 < change[4:].min()


def test_a_stack_learns_to_recall_over_few_steps(learner):
    from coursekit.return_of_recurrence import accuracy, train_recall

    def backward(dh, x, h, h0, W_z, b_z, W_n, b_n):
        z, n = learner["sigmoid"](x @ W_z + b_z), x @ W_n + b_n
        da, db, _ = learner["linear_scan_backward"](dh, z, h, h0)
        du, dn = (da - db * n) * z * (1 - z), db * (1 - z)
        rows = (
            np.einsum("ntd,nth->dh", x, du),
            du.sum((0, 1)),
            np.einsum("ntd,nth->dh", x, dn),
            dn.sum((0, 1)),
        )
        return du @ W_z.T + dn @ W_n.T, *rows

    p, right = train_recall(learner["min_gru"], backward, 5, 0, steps=150, bias=1.0)
    assert right > 0.9
    assert accuracy(learner["min_gru"], p, 5, 1, 2) > 0.9
