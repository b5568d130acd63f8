"""Facts of lesson 06: every gradient by finite differences, and what the feedback says to a wrong one."""

from typing import Any

import numpy as np
import pytest

from autograder.exercise import EXERCISES
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.learner.report import make_report
from autograder.references.backpropagation_through_time import _bias
from coursekit.backpropagation_through_time import (
    Adam,
    additive_bits,
    draw_loss_by_copy,
    running_batches,
    witten_bell_bits,
)
from coursekit.diagrams.backpropagation import gradients_cut, gradients_going_back
from tests.gradients import assert_gradients, numeric_gradient
from tests.solved import solution_functions

N, T, D, H, V = 2, 5, 3, 4, 7
NAMES = ("x", "h0", "W_xh", "W_hh", "b_h")


@pytest.fixture
def learner():
    return solution_functions()


@pytest.fixture
def network(learner):
    rng = np.random.default_rng(8)
    made = {
        "x": rng.normal(size=(N, T, D)),
        "h0": 0.5 * rng.normal(size=(N, H)),
        "W_xh": rng.normal(size=(D, H)),
        "W_hh": rng.normal(size=(H, H)) / 2,
        "b_h": rng.normal(size=H) / 2,
    }
    return made, learner["rnn_forward"](**made), rng.normal(size=(N, T, H))


def test_rnn_backward_by_finite_differences(learner, network):
    given, h, dh = network
    found = learner["rnn_backward"](dh, given["x"], given["h0"], h, given["W_xh"], given["W_hh"])
    assert_gradients(learner["rnn_forward"], dh, given, dict(zip(NAMES, found, strict=True)))


def test_rnn_step_backward_by_finite_differences(learner, network):
    given, h, dh = network
    arguments = {**given, "x": given["x"][:, 0]}
    arguments["h_prev"] = arguments.pop("h0")
    found = learner["rnn_step_backward"](
        dh[:, 0], arguments["x"], given["h0"], h[:, 0], given["W_xh"], given["W_hh"]
    )
    names = ("x", "h_prev", "W_xh", "W_hh", "b_h")
    assert_gradients(learner["rnn_step"], dh[:, 0], arguments, dict(zip(names, found, strict=True)))


@pytest.mark.parametrize("k", [1, 2, 3, 5, 9])
def test_truncated_gradients_by_finite_differences(learner, network, k):
    """Cut: the states that chunks start from are held fixed while the weights move."""
    given, h, dh = network
    starts = [given["h0"], *(h[:, s - 1] for s in range(k, T, k))]

    def chunked(x, h0, W_xh, W_hh, b_h):
        first = [h0, *starts[1:]]
        pieces = [
            learner["rnn_forward"](x[:, s : s + k], first[i], W_xh, W_hh, b_h)
            for i, s in enumerate(range(0, T, k))
        ]
        return np.concatenate(pieces, axis=1)

    found = learner["truncated_rnn_backward"](dh, given["x"], given["h0"], h, given["W_xh"], given["W_hh"], k)
    assert_gradients(chunked, dh, given, dict(zip(NAMES, found, strict=True)))


def test_loss_and_readout_by_finite_differences(learner):
    rng = np.random.default_rng(1)
    h, W_hy, b_y = rng.normal(size=(N, T, H)), rng.normal(size=(H, V)), rng.normal(size=V)
    targets, mask = rng.integers(0, V, size=(N, T)), np.arange(T) < np.array([[5], [2]])
    logits = learner["readout"](h, W_hy, b_y)
    dlogits = learner["cross_entropy_backward"](logits, targets, mask)
    numeric = numeric_gradient(lambda z: learner["cross_entropy"](z, targets, mask), logits)
    np.testing.assert_allclose(dlogits, numeric, atol=1e-8)
    assert not dlogits[~mask].any()
    np.testing.assert_allclose(dlogits.sum(axis=-1), 0, atol=1e-15)
    found = dict(zip(("h", "W_hy", "b_y"), learner["readout_backward"](dlogits, h, W_hy), strict=True))
    assert_gradients(learner["readout"], dlogits, {"h": h, "W_hy": W_hy, "b_y": b_y}, found)


def test_embedding_by_finite_differences(learner):
    rng = np.random.default_rng(2)
    ids, dx, E = np.array([[1, 1, 0], [3, 1, 0]]), rng.normal(size=(2, 3, D)), rng.normal(size=(V, D))
    found = learner["embedding_backward"](ids, dx, V)
    assert_gradients(lambda E: E[ids], dx, {"E": E}, {"E": found})


def test_long_chunks_are_the_full_gradient(learner, network):
    given, h, dh = network
    arguments = (dh, given["x"], given["h0"], h, given["W_xh"], given["W_hh"])
    full = learner["rnn_backward"](*arguments)
    for k in (T, T + 3):
        for a, b in zip(full, learner["truncated_rnn_backward"](*arguments, k), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)


def test_gradients_keep_single_precision(learner, network):
    given, h, dh = network
    single = [a.astype(np.float32) for a in (dh, given["x"], given["h0"], h, given["W_xh"], given["W_hh"])]
    assert {g.dtype for g in learner["rnn_backward"](*single)} == {np.dtype(np.float32)}
    ids = np.zeros((N, T), dtype=int)
    assert learner["embedding_backward"](ids, single[1], V).dtype == np.float32
    logits = np.zeros((N, T, V), dtype=np.float32)
    assert learner["cross_entropy_backward"](logits, ids, ids == 0).dtype == np.float32


def test_reference_recovers_the_bias_from_the_states(network):
    import torch

    given, h, _ = network
    x, h0, W_xh, W_hh, b_h = (torch.from_numpy(given[name]) for name in NAMES)
    states = torch.from_numpy(h)
    before = torch.cat([h0[:, None], states[:, :-1]], dim=1)
    torch.testing.assert_close(_bias(x, before, states, W_xh, W_hh), b_h)


def said(name, function):
    """Verdict and diagnosis for an answer."""
    verdict = judge(EXERCISES[name], lambda arguments: call(function, arguments))
    return verdict, " ".join(make_report(verdict).diagnosis)


@pytest.mark.parametrize("wrong", range(5))
def test_feedback_says_which_gradient_is_wrong(learner, wrong):
    names = EXERCISES["rnn_backward"].returns

    def answer(*arguments):
        found = list(learner["rnn_backward"](*arguments))
        found[wrong] = -found[wrong]
        return tuple(found)

    verdict, diagnosis = said("rnn_backward", answer)
    assert verdict.wrong_results == (names[wrong],)
    assert diagnosis == f"The sign of {names[wrong]} is flipped."


def test_feedback_says_by_what_pattern(learner):
    backward = learner["rnn_backward"]

    def changed(change):
        def answer(*arguments):
            return change(arguments, *backward(*arguments))

        return said("rnn_backward", answer)

    verdict, diagnosis = changed(lambda a, x, h, w, u, b: (x, h, w, u.T, b))
    assert verdict.wrong_results == ("dW_hh",) and "dW_hh is transposed" in diagnosis
    verdict, diagnosis = changed(lambda a, x, h, w, u, b: (x, h, 2 * w, u, b))
    assert verdict.wrong_results == ("dW_xh",) and "2 times the right one" in diagnosis
    verdict, diagnosis = changed(lambda a, x, h, w, u, b: (x, h, w, u, b * a[1].shape[1]))
    assert verdict.wrong_results == ("db_h",) and "factor dh.shape[1]" in diagnosis
    verdict, diagnosis = changed(lambda a, x, h, w, u, b: (x, h, u, w, b))
    assert verdict.wrong_results == ("dW_xh", "dW_hh") and "In the place of dW_xh" in diagnosis


def test_two_slips_at_once_get_a_sentence_each(learner):
    """A known mistake in dW_hh and a flipped sign in dx: neither hides the other."""

    def answer(dh, x, h0, h, W_xh, W_hh):
        dx, dh0, dW_xh, _, db_h = learner["rnn_backward"](dh, x, h0, h, W_xh, W_hh)
        slipped = {m.name: m.function for m in EXERCISES["rnn_backward"].mistakes}["new_h_for_old"]
        return -dx, dh0, dW_xh, slipped(dh, x, h0, h, W_xh, W_hh)[3], db_h

    verdict, diagnosis = said("rnn_backward", answer)
    assert verdict.wrong_results == ("dx", "dW_hh")
    assert "The sign of dx is flipped" in diagnosis and "dW_hh: You handed h_t" in diagnosis


CLIPPABLE = (
    "readout_backward",
    "rnn_step_backward",
    "rnn_backward",
    "truncated_rnn_backward",
    "embedding_backward",
)


@pytest.mark.parametrize("name", CLIPPABLE)
def test_clipped_gradients_are_refused(learner, name):
    def answer(*arguments):
        found = learner[name](*arguments)
        return (
            tuple(np.clip(g, -10, 10) for g in found) if isinstance(found, tuple) else np.clip(found, -10, 10)
        )

    assert not said(name, answer)[0].passed


def test_slopes_of_saturated_states_are_not_zero(learner):
    def answer(dh, x, h_prev, h, W_xh, W_hh):
        return learner["rnn_step_backward"](np.where(abs(h) > 0.999, 0, dh), x, h_prev, h, W_xh, W_hh)

    assert not said("rnn_step_backward", answer)[0].passed


def test_counted_models_by_hand():
    ids = np.array([0, 1, 0, 1, 0])
    smoothed = np.array([4 / 7, 3 / 7, 4 / 7, 3 / 7, 4 / 7])
    assert additive_bits(ids, ids, 2, 0, 1.0) == pytest.approx(-np.log2(smoothed).mean())
    assert additive_bits(ids, ids, 2, 1, 1.0) == pytest.approx(-np.log2(3 / 4))
    # Order 0: (3 or 2 + 2 kinds * 1/2) / (5 + 2). Order 1: (2 + 1 kind * that) / (2 + 1) for both contexts.
    p_0, p_1 = 4 / 7, 3 / 7
    by_hand = [p_0, (2 + p_1) / 3, (2 + p_0) / 3, (2 + p_1) / 3, (2 + p_0) / 3]
    assert witten_bell_bits(ids, ids, 2, 1) == pytest.approx(-np.log2(by_hand).mean())


def test_running_batches_carry_on():
    batches = list(running_batches(np.arange(21), 2, 3, 4))
    assert [anew for *_, anew in batches] == [True, False, False, True]
    inputs, targets, _ = batches[1]
    np.testing.assert_array_equal(inputs, [[3, 4, 5], [13, 14, 15]])
    np.testing.assert_array_equal(targets, inputs + 1)


def test_adam_takes_steps_of_its_rate():
    p = {"w": np.ones(3)}
    Adam(p).step({"w": np.array([0.5, -0.1, 0.2])}, lr=0.01)
    np.testing.assert_allclose(p["w"], [0.99, 1.01, 0.99], rtol=1e-6)


def test_the_way_back_is_drawn_at_every_step_and_stops_at_a_border():
    def dashed(made):
        return sum(patch.get_linestyle() == "--" for patch in made.axes[0].patches)

    assert dashed(gradients_going_back(4)) == 4 + 4  # from each loss, and from each state to the one before
    assert dashed(gradients_cut(6, 3)) == 6 + 6 - 1


@pytest.mark.parametrize("k", [1, 3, 5])
def test_a_cut_leaves_the_blocks_of_the_map(k):
    values = np.arange(1.0, 26).reshape(5, 5)
    shown: Any = draw_loss_by_copy(values, k, "a cut").axes[0].images[0].get_array()
    blocks = np.subtract.outer(np.arange(5) // k, np.arange(5) // k) == 0
    blocks &= np.tri(5, dtype=bool)  # a copy after a loss says nothing about it
    np.testing.assert_array_equal(np.ma.getmaskarray(shown), ~blocks)
    np.testing.assert_array_equal(shown[blocks], values[blocks])
