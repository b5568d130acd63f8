"""Lesson 09: gradients by finite differences, what the gates do, and the facts that the lesson states."""

import numpy as np
import pytest

from tests.gradients import assert_gradients
from tests.second_solutions import SECOND
from tests.solved import solution_functions

ANSWERS = [solution_functions(), SECOND]
both = pytest.mark.parametrize("answers", ANSWERS, ids=["lesson", "second"])
N, T, D, H = 2, 4, 3, 5


def drawn(seed=0):
    """x, h0, c0, W_xh, W_hh, b_h for a sequence."""
    rng = np.random.default_rng(seed)
    x, h0, c0 = rng.normal(size=(N, T, D)), rng.normal(size=(N, H)), rng.normal(size=(N, H))
    return x, h0, c0, rng.normal(size=(D, 4 * H)), 0.5 * rng.normal(size=(H, 4 * H)), rng.normal(size=4 * H)


def biased(b_h, **gates):
    """b_h with whole gates' biases set, by name."""
    b = b_h.copy()
    for name, value in gates.items():
        start = "ifgo".index(name) * H
        b[start : start + H] = value
    return b


@both
def test_step_gradients_match_finite_differences(answers):
    x, h_prev, c_prev, *weights = drawn()
    rng = np.random.default_rng(1)
    dh, dc = rng.normal(size=(2, N, H))
    arguments = dict(
        zip(
            ("x", "h_prev", "c_prev", "W_xh", "W_hh", "b_h"), (x[:, 0], h_prev, c_prev, *weights), strict=True
        )
    )
    made = answers["lstm_step_backward"](dh, dc, **arguments)

    def both_results(**named):
        return np.stack(answers["lstm_step"](**named))

    assert_gradients(both_results, np.stack([dh, dc]), arguments, dict(zip(arguments, made, strict=True)))


@both
def test_sequence_gradients_match_finite_differences(answers):
    arguments = dict(zip(("x", "h0", "c0", "W_xh", "W_hh", "b_h"), drawn(), strict=True))
    dh = np.random.default_rng(2).normal(size=(N, T, H))
    made = answers["lstm_backward"](dh, **arguments)

    def states(**named):
        return answers["lstm_forward"](**named)[0]

    assert_gradients(states, dh, arguments, dict(zip(arguments, made, strict=True)))


@both
def test_step_by_hand(answers):
    # All sums zero but the candidate's: gates 0.5, g = tanh(1).
    b_h = np.array([0.0, 0.0, 1.0, 0.0])
    h, c = answers["lstm_step"](
        np.zeros((1, 1)), np.zeros((1, 1)), np.full((1, 1), 2.0), *np.zeros((2, 1, 4)), b_h
    )
    assert c[0, 0] == pytest.approx(0.5 * 2 + 0.5 * np.tanh(1))
    assert h[0, 0] == pytest.approx(0.5 * np.tanh(c[0, 0]))


@both
def test_each_gate_at_zero_and_one(answers):
    x, h0, c0, W_xh, W_hh, b_h = drawn()
    step = answers["lstm_step"]
    arguments = x[:, 0], h0, c0, W_xh, W_hh
    assert np.allclose(step(*arguments, biased(b_h, f=1e3, i=-1e3))[1], c0)  # keep
    assert np.allclose(step(*arguments, biased(b_h, f=-1e3, i=-1e3))[1], 0)  # erase
    g = answers["lstm_gates"](x[:, 0], h0, W_xh, W_hh, b_h)[2]
    assert np.allclose(step(*arguments, biased(b_h, f=-1e3, i=1e3))[1], g)  # overwrite
    assert np.allclose(step(*arguments, biased(b_h, f=1e3, i=1e3))[1], c0 + g)  # add up
    assert np.allclose(step(*arguments, biased(b_h, o=-1e3))[0], 0)  # show nothing


@both
def test_retention_is_the_gradient_of_the_memory(answers):
    rng = np.random.default_rng(3)
    f, i, g = rng.random((3, 1, T, H))
    retention = answers["memory_retention"](f[0])
    for t in range(T):
        nudged = g.copy()
        nudged[:, t] += 1e-3 / i[:, t]
        change = answers["carry_memory"](f, i, nudged, np.zeros((1, H))) - answers["carry_memory"](
            f, i, g, np.zeros((1, H))
        )
        assert np.allclose(change[0, -1] / 1e-3, retention[t])


def test_the_memory_alone_is_the_cells_memory():
    answers = solution_functions()
    x, h0, c0, *weights = drawn()
    h, c = answers["lstm_forward"](x, h0, c0, *weights)
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    i, f, g, _ = answers["lstm_gates"](x, before, *weights)
    assert np.allclose(answers["carry_memory"](f, i, g, c0), c)


def test_pytorch_stores_one_bias_too_many():
    from torch import nn

    assert sum(p.numel() for p in nn.LSTM(10, 3).parameters()) == 180 == 168 + 12


def test_chrono_bias_spreads_time_constants():
    from coursekit.lstm import SequenceModel

    model = SequenceModel("lstm", 3, 8, 2, seed=0)
    model.set_chrono_bias(100)
    b = model.layer.bias_ih_l0.detach().numpy()
    assert np.all((b[8:16] >= 0) & (b[8:16] <= np.log(99)))
    assert np.array_equal(b[:8], -b[8:16])
    assert np.all(model.layer.bias_hh_l0.detach().numpy()[:16] == 0)
