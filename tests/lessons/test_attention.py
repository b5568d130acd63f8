"""Lesson 15: gradients by finite differences, and what attention must not depend on."""

import math

import numpy as np
import pytest

from tests.gradients import assert_gradients
from tests.solved import solution_functions


@pytest.fixture(scope="module")
def lesson():
    return solution_functions()


@pytest.fixture
def given():
    rng = np.random.default_rng(15)
    mask = np.array([[True, True, False, True, False], [True, False, False, False, False]])
    return {"s": rng.normal(size=(2, 3)), "states": rng.normal(size=(2, 5, 3)), "mask": mask}


def test_gradients(lesson, given):
    dcontext = np.random.default_rng(0).normal(size=(2, 3))
    ds, dstates = lesson["attend_backward"](dcontext, **given)
    assert_gradients(
        lambda **arguments: lesson["attend"](**arguments)[0], dcontext, given, {"s": ds, "states": dstates}
    )


def test_weights_are_a_distribution_over_what_is_allowed(lesson, given):
    _, weights = lesson["attend"](**given)
    assert np.allclose(weights.sum(axis=1), 1)
    assert not weights[~given["mask"]].any()
    assert weights[1, 0] == 1


def test_order_of_the_memory_does_not_matter(lesson, given):
    order = [4, 2, 0, 3, 1]
    context, weights = lesson["attend"](**given)
    again, moved = lesson["attend"](given["s"], given["states"][:, order], given["mask"][:, order])
    assert np.allclose(again, context)
    assert np.allclose(moved, weights[:, order])


def test_softmax_ignores_a_constant_and_survives_large_scores(lesson):
    scores, mask = np.array([[1.0, 2.0, 9e4]]), np.array([[True, True, False]])
    expected = 1 / (1 + np.exp([[1.0, -1.0]]))
    for constant in (0.0, 1e3, -1e3):
        assert np.allclose(lesson["masked_softmax"](scores + constant, mask)[:, :2], expected)


def test_every_row_has_a_level_of_its_own(lesson):
    levels, mask = np.array([[0.0], [1000.0], [-1000.0]]), np.tile([True, True, False], (3, 1))
    weights = lesson["masked_softmax"](levels + np.arange(3), mask)
    assert np.allclose(weights, [1 / (1 + math.e), math.e / (1 + math.e), 0])


def test_slope_of_a_softmax_is_what_the_lesson_says(lesson):
    scores, mask, T = np.array([0.3, -1.2, 0.8, 2.0]), np.array([True, True, False, True]), 4
    weights = lesson["masked_softmax"](scores, mask)
    stated = weights[:, None] * (np.eye(T) - weights)  # d alpha_u / d e_t, rows u, columns t
    step = 1e-6 * np.eye(T)
    numeric = [
        (lesson["masked_softmax"](scores + d, mask) - lesson["masked_softmax"](scores - d, mask)) / 2e-6
        for d in step
    ]
    assert np.allclose(stated, np.transpose(numeric), atol=1e-8)


def test_an_empty_sentence_has_an_empty_context(lesson, given):
    given["mask"][1] = False
    context, weights = lesson["attend"](**given)
    assert not context[1].any()
    assert not weights[1].any()
    assert context[0].any()


def test_shuffling_the_vocabulary_moves_predictions_only(lesson, given):
    rng = np.random.default_rng(2)
    weights = [rng.normal(size=shape) for shape in ((4, 3), (3, 3), (3,), (6, 3), (3,))]
    W_hy, b_y, order = rng.normal(size=(3, 7)), rng.normal(size=7), np.roll(np.arange(7), 1)
    y = rng.normal(size=(2, 4))
    step = lesson["attention_decoder_step"]
    logits, s = step(y, given["s"], given["states"], given["mask"], *weights, W_hy, b_y)
    other, same = step(y, given["s"], given["states"], given["mask"], *weights, W_hy[:, order], b_y[order])
    assert np.array_equal(s, same)
    assert np.allclose(other, logits[:, order])
    assert (other.argmax(axis=1) != logits.argmax(axis=1)).all()
