"""Lesson 10: gradients by finite differences, the two reset conventions, what the cells have in common."""

import numpy as np
import pytest

from tests.gradients import assert_gradients
from tests.second_solutions import SECOND
from tests.solved import solution_functions

ANSWERS = [solution_functions(), SECOND]
both = pytest.mark.parametrize("answers", ANSWERS, ids=["lesson", "second"])
N, T, D, H = 2, 4, 3, 5


def drawn(seed=0):
    """x, h0, W_xh, W_hh, b_x, b_h for a sequence."""
    rng = np.random.default_rng(seed)
    x, h0 = rng.normal(size=(N, T, D)), rng.normal(size=(N, H))
    W_xh, W_hh = rng.normal(size=(D, 3 * H)), 0.5 * rng.normal(size=(H, 3 * H))
    return x, h0, W_xh, W_hh, rng.normal(size=3 * H), rng.normal(size=3 * H)


@both
def test_step_gradients_match_finite_differences(answers):
    x, h_prev, *weights = drawn()
    dh = np.random.default_rng(1).normal(size=(N, H))
    names = ("x", "h_prev", "W_xh", "W_hh", "b_x", "b_h")
    arguments = dict(zip(names, (x[:, 0], h_prev, *weights), strict=True))
    made = answers["gru_step_backward"](dh, **arguments)
    assert_gradients(answers["gru_step"], dh, arguments, dict(zip(arguments, made, strict=True)))


@both
def test_sequence_gradients_match_finite_differences(answers):
    arguments = dict(zip(("x", "h0", "W_xh", "W_hh", "b_x", "b_h"), drawn(), strict=True))
    dh = np.random.default_rng(2).normal(size=(N, T, H))
    made = answers["gru_backward"](dh, **arguments)
    assert_gradients(answers["gru_forward"], dh, arguments, dict(zip(arguments, made, strict=True)))


@both
def test_update_gate_at_one_keeps_the_state(answers):
    x, h0, W_xh, W_hh, b_x, b_h = drawn()
    b_x[H : 2 * H] = 1e3
    assert np.allclose(answers["gru_forward"](x, h0, W_xh, W_hh, b_x, b_h), h0[:, None])


@both
def test_step_by_hand(answers):
    # r = z = 0.5 and n = tanh(1 + 0.5 * 3): the second bias sits inside the reset.
    b_x, b_h = np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 3.0])
    h = answers["gru_step"](np.zeros((1, 1)), np.full((1, 1), 2.0), *np.zeros((2, 1, 3)), b_x, b_h)
    assert h[0, 0] == pytest.approx(0.5 * np.tanh(2.5) + 0.5 * 2)


@both
def test_reset_conventions_agree_only_where_they_must(answers):
    x, h0, W_xh, W_hh, b, _ = drawn()
    W_hh, none = 4 * W_hh, np.zeros(3 * H)

    def gap(W_hh, b):
        before = answers["gru_step_reset_before"](x[:, 0], h0, W_xh, W_hh, b)
        return np.abs(answers["gru_step"](x[:, 0], h0, W_xh, W_hh, b, none) - before).max()

    diagonal = W_hh.copy()
    diagonal[:, 2 * H :] = np.diag(np.arange(1, H + 1))
    assert gap(W_hh, b) > 0.05
    assert gap(diagonal, b) < 1e-12
    assert gap(W_hh, np.concatenate([np.full(H, 1e3), b[H:]])) < 1e-12  # r = 1


@both
def test_coupled_gates_are_an_lstm_with_i_equal_one_minus_f(answers):
    x, h0, W_xh, W_hh, b, _ = drawn()
    c0 = np.random.default_rng(3).normal(size=(N, H))
    four = [
        np.concatenate([-a[..., :H], a], axis=-1) for a in (W_xh, W_hh, b)
    ]  # 1 - sigmoid(a) = sigmoid(-a)
    for ours, lstm in zip(
        answers["cifg_step"](x[:, 0], h0, c0, W_xh, W_hh, b),
        answers["lstm_step"](x[:, 0], h0, c0, *four),
        strict=True,
    ):
        assert np.allclose(ours, lstm)


@both
def test_parameter_counts(answers):
    count = answers["count_gated_parameters"]
    assert [count(kind, 10, 3) for kind in ("lstm", "gru", "gru_torch", "cifg")] == [168, 126, 135, 126]


def test_reading_stops_where_the_validation_piece_says_so(monkeypatch):
    from coursekit import gru
    from coursekit.data import characters

    said = iter([5.0, 4.5, 4.0, 4.25, 4.02, 4.06])  # validation, and unseen text after each best
    monkeypatch.setattr(gru, "bits_per_character", lambda *given: next(said))
    monkeypatch.setattr(gru, "fit", lambda *given: None)
    found = gru.read_little_text("gru", characters(), 0, H=2, n=500, lr=0.1)
    assert found == (4.0, 4.25, 2, 4)
