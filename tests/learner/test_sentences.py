"""An exception in an answer, as its learner hears it."""

import pytest

from autograder.exercise import EXERCISES
from autograder.judging import judge_source
from autograder.judging.outcome import Raised
from autograder.learner import make_report
from autograder.learner.sentences import error_sentence

PRODUCT = "def rnn_step(x, h, W_xh, W_hh, b_h):\n    return np.tanh(x @ W_xh + h.T @ W_hh + b_h)\n"
THREE_AXES = """def scaled_dot_product_attention(q, k, v, mask):
    w = masked_softmax(q @ k.T / np.sqrt(q.shape[-1]), mask)
    return w @ v, w
"""
BROADCAST = "def length_mask(lengths, T):\n    return np.arange(T) < lengths\n"


@pytest.mark.parametrize(
    ("exercise", "source", "told"),
    [
        (
            "rnn_step",
            PRODUCT,
            ": a matrix product needs as many columns on its left as rows on its right, and here are 3 and "
            "2. There: x (3, 1), W_xh (1, 2), h (3, 2), W_hh (2, 2), b_h (2,).",
        ),
        (
            "scaled_dot_product_attention",
            THREE_AXES,
            " There: q (1, 1, 2), k (1, 1, 2), mask (1, 1). `k.T` turns round all its axes",
        ),
        ("length_mask", BROADCAST, "together with shapes (7,) (3,). There: lengths (3,)."),
    ],
)
def test_shapes_of_the_line_explain_a_mismatch(exercise, source, told):
    first, *_ = make_report(judge_source(exercise, source)).diagnosis
    assert told in first
    assert first.count(".T` turns") == (exercise == "scaled_dot_product_attention")


@pytest.mark.parametrize(
    ("name", "told"),
    [("np", "Run all cells above"), ("rnn_step", "Run all cells above"), ("T", "as in x.shape")],
)
def test_what_another_cell_holds_is_to_be_run(name, told):
    error = Raised("NameError", f"name '{name}' is not defined", 2, f"return {name}")
    sentence = error_sentence(EXERCISES["rnn_forward"], error)
    assert f" {name}, which" in sentence
    assert told in sentence


def test_a_turned_array_of_three_axes_is_found():
    report = str(make_report(judge_source("scaled_dot_product_attention", THREE_AXES)))
    assert "which way round `k` stands" in report
    assert "The mask may be None" in report  # which explains what came in the one case that came back
    assert "zero everywhere" not in report


def test_an_array_that_refuses_to_tell_its_shape_is_left_out():
    source = """def time_average(x):
    class Odd(np.ndarray):
        @property
        def shape(self):
            raise SystemExit
    odd = np.zeros(3).view(Odd)
    return odd.reshape(7, 7)
"""
    report = make_report(judge_source("time_average", source))
    assert report.diagnosis[0].startswith("Your function raised ValueError in line 7")
