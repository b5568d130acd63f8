"""Lesson 08: what clipping, decay and initial weights promise, and the IRNN step's gradient."""

from functools import partial

import numpy as np

from autograder.exercise import EXERCISES
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.learner.report import make_report
from tests.solved import solution_functions

solved = solution_functions()
rng = np.random.default_rng(0)


def test_clipping_by_norm_keeps_the_direction_and_the_bound():
    grads = [rng.normal(size=(3, 5)), rng.normal(size=7)]
    clipped, norm = solved["clip_by_global_norm"](grads, 0.5)
    before, after = (np.concatenate([g.ravel() for g in some]) for some in (grads, clipped))
    assert np.isclose(np.linalg.norm(after), 0.5)
    assert np.isclose(before @ after, norm * 0.5)
    same, _ = solved["clip_by_global_norm"](grads, 2 * norm)
    assert all(np.array_equal(a, b) for a, b in zip(same, grads, strict=True))


def test_decay_is_the_gradient_of_half_the_sum_of_squares():
    W, dW, lr, decay, step = rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), 0.1, 0.3, 1e-6
    moved = (W - solved["weight_decay_step"](W, dW, lr, decay)) / lr

    def penalised(W):
        return (dW * W).sum() + decay / 2 * (W**2).sum()

    nudge = np.zeros_like(W)
    nudge[1, 2] = step
    assert np.isclose(moved[1, 2], (penalised(W + nudge) - penalised(W - nudge)) / (2 * step))


def test_orthogonal_and_identity_starts_keep_lengths_for_ever():
    gaussian = rng.normal(size=(7, 7))
    W = solved["orthogonal_init"](gaussian)
    np.testing.assert_allclose(W @ W.T, np.eye(7), atol=1e-12)
    assert np.all(np.diag(W.T @ gaussian) > 0)
    for start in (W, solved["identity_init"](7, 1.0)):
        assert np.isclose(np.linalg.norm(np.linalg.matrix_power(start, 100), 2), 1)


def test_irnn_copies_what_it_holds_and_passes_its_gradient_unchanged():
    h = rng.uniform(1, 2, size=(2, 5))
    nothing = np.zeros((2, 3)), np.zeros((3, 5)), np.zeros(5)
    x, W_xh, b_h = nothing

    def held(h):
        for _ in range(50):
            h = solved["irnn_step"](x, h, W_xh, np.eye(5), b_h)
        return h

    np.testing.assert_array_equal(held(h), h)
    nudge = np.zeros_like(h)
    nudge[1, 3] = 1e-3
    np.testing.assert_allclose(held(h + nudge) - h, nudge, atol=1e-12)


def test_unknown_wrong_answer_about_lists_gets_a_report():
    def half(grads, max_norm):
        return [g / 2 for g in grads], 0.25

    verdict = judge(EXERCISES["clip_by_global_norm"], partial(call, half))
    assert not verdict.passed
    assert make_report(verdict).diagnosis
