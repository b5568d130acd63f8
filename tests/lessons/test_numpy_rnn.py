"""Facts of lesson 04: identities of the recurrent network that hold whatever the numbers are."""

from functools import partial
from itertools import product

import numpy as np
import pytest

from autograder.exercise import EXERCISES
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.learner.report import make_report
from coursekit.diagrams.rnn import block_matrix, loop_and_unrolled, step_as_matrices, two_readouts
from tests.gradients import numeric_gradient
from tests.solved import solution_functions

N, T, D, H, V = 2, 5, 3, 7, 4


@pytest.fixture
def learner():
    return solution_functions()


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def weights(rng):
    return rng.normal(size=(D, H)), rng.normal(size=(H, H)) / 3, rng.normal(size=H)


def test_forward_is_the_step_repeated(learner, rng):
    x, h_t, w = rng.normal(size=(N, T, D)), rng.normal(size=(N, H)), weights(rng)
    h = learner["rnn_forward"](x, h_t, *w)
    for t in range(T):
        h_t = learner["rnn_step"](x[:, t], h_t, *w)
        np.testing.assert_allclose(h[:, t], h_t, rtol=1e-12)


def test_two_halves_are_the_whole(learner, rng):
    x, h0, w = rng.normal(size=(N, T, D)), rng.normal(size=(N, H)), weights(rng)
    first = learner["rnn_forward"](x[:, :2], h0, *w)
    second = learner["rnn_forward"](x[:, 2:], first[:, -1], *w)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), learner["rnn_forward"](x, h0, *w))


def test_forward_keeps_single_precision(learner, rng):
    x, h0, w = rng.normal(size=(N, T, D)), np.zeros((N, H)), weights(rng)
    single = [a.astype(np.float32) for a in (x, h0, *w)]
    assert learner["rnn_forward"](*single).dtype == np.float32


def test_unrolled_matrix_by_hand(learner):
    M = learner["unrolled_matrix"](np.array([[2.0]]), np.array([[3.0]]), 3)
    np.testing.assert_array_equal(M, [[2, 6, 18], [0, 2, 6], [0, 0, 2]])


def test_unrolled_matrix_is_the_derivative_of_the_linear_network(learner, rng):
    W_xh, W_hh, _ = weights(rng)

    def last_state(x, j):
        h = np.zeros(H)
        for x_t in x.reshape(T, D):
            h = x_t @ W_xh + h @ W_hh
        return h[j]

    M = learner["unrolled_matrix"](W_xh, W_hh, T)
    for j in range(H):
        slope = numeric_gradient(partial(last_state, j=j), rng.normal(size=T * D))
        np.testing.assert_allclose(slope, M[:, (T - 1) * H + j], rtol=1e-6, atol=1e-8)


def test_parameter_counts_of_the_lesson(learner):
    assert learner["count_rnn_parameters"](10, 3) == 42
    assert learner["count_rnn_parameters"](4, 8) == 104


def test_sequence_probabilities_sum_to_one(learner, rng):
    """exp(-loss) over all sequences of two symbols: readout, softmax and loss fit together."""
    w, W_hy, b_y = weights(rng), rng.normal(size=(H, D)), rng.normal(size=D)
    total = 0.0
    for first, second in product(range(D), repeat=2):
        x = np.stack([np.zeros(D), np.eye(D)[first]])[None]
        logits = learner["readout"](learner["rnn_forward"](x, np.zeros((1, H)), *w), W_hy, b_y)
        loss = learner["cross_entropy"](logits, np.array([[first, second]]), np.ones((1, 2), dtype=bool))
        total += np.exp(-2 * loss)
    assert total == pytest.approx(1)


def test_samples_follow_the_probabilities(learner, rng):
    w, W_hy, b_y = weights(rng), rng.normal(size=(H, D)), rng.normal(size=D)
    h = learner["rnn_step"](np.eye(D)[[1]], np.zeros((1, H)), *w)
    p = learner["softmax"](h @ W_hy + b_y)[0]
    drawn = [learner["sample_ids"](1, *w, W_hy, b_y, rng.random(1))[0] for _ in range(2000)]
    np.testing.assert_allclose(np.bincount(drawn, minlength=D) / 2000, p, atol=0.05)


def said(name, function):
    return make_report(judge(EXERCISES[name], lambda arguments: call(function, arguments))).diagnosis


def test_wrong_orientation_and_wrong_kind_are_named(learner):
    """Slips that no declared mistake covers still get a sentence of their own."""
    softmax = learner["softmax"]
    assert "sign" in said("rnn_step", lambda *a: -learner["rnn_step"](*a))[0]
    assert "reversed" in said("rnn_forward", lambda *a: learner["rnn_forward"](*a)[:, ::-1])[0]
    assert "float64" in said("softmax", lambda z: softmax(z).astype(np.float32))[0]
    assert "times the right one" in said("cross_entropy", lambda *a: 3 * learner["cross_entropy"](*a))[0]


def test_drawings_have_content(rng):
    from coursekit.plots import figure

    x, h = np.zeros((1, D)), np.zeros((1, H))
    W_xh, W_hh, b_h = weights(rng)
    for made in (loop_and_unrolled(3), two_readouts(2), step_as_matrices(x, h, W_xh, W_hh, b_h, h)):
        assert made.axes[0].patches
    _, (ax,) = figure()
    block_matrix(ax, np.eye(6), 2, 2)
    assert len(ax.get_xticks()) == 3
