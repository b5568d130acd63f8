"""Lesson 17: gradients by finite differences, and what its text promises."""

import numpy as np
import pytest

from tests.gradients import assert_gradients
from tests.solved import solution_functions

N, T, E, F, HEADS = 2, 3, 4, 5, 2
WEIGHTS = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")


@pytest.fixture(scope="module")
def lesson():
    return solution_functions()


@pytest.fixture
def rng():
    return np.random.default_rng(17)


def test_gradients_of_attention(lesson, rng):
    q, k, v = rng.normal(size=(N, 3, 2)), rng.normal(size=(N, 5, 2)), rng.normal(size=(N, 5, 3))
    mask = rng.uniform(size=(N, 3, 5)) < 0.6
    mask[1, 2] = False  # nothing to attend to
    dout = rng.normal(size=(N, 3, 3))
    made = dict(zip("qkv", lesson["attention_backward"](dout, q, k, v, mask), strict=True))
    assert not made["q"][1, 2].any()
    assert_gradients(
        lambda q, k, v: lesson["scaled_dot_product_attention"](q, k, v, mask)[0],
        dout,
        {"q": q, "k": k, "v": v},
        made,
    )


def test_scores_of_a_row_move_against_each_other(lesson, rng):
    """With unit vectors for keys, dq is dscores / sqrt(d)."""
    dout, q, v = rng.normal(size=(4, 3)), rng.normal(size=(4, 5)), rng.normal(size=(5, 3))
    dq, _, _ = lesson["attention_backward"](dout, q, np.eye(5), v, None)
    assert np.allclose(dq.sum(axis=1), 0)
    assert np.abs(dq).max() > 0.01


def test_gradients_of_the_norm(lesson, rng):
    x, gain, bias = rng.normal(size=(N, T, E)), rng.normal(size=E), rng.normal(size=E)
    dy = rng.normal(size=x.shape)
    made = dict(zip(("x", "gain", "bias"), lesson["layer_norm_backward"](dy, x, gain, 1e-3), strict=True))
    assert_gradients(
        lambda **given: lesson["layer_norm"](**given, eps=1e-3),
        dy,
        {"x": x, "gain": gain, "bias": bias},
        made,
    )


def test_a_norm_sends_back_neither_a_shift_nor_a_stretch(lesson, rng):
    x, gain, dy = rng.normal(size=(N, T, E)), rng.normal(size=E), rng.normal(size=(N, T, E))
    dx, _, _ = lesson["layer_norm_backward"](dy, x, gain, 0.0)
    assert np.allclose(dx.sum(axis=-1), 0)
    assert np.allclose((dx * lesson["layer_norm"](x, 1, 0, 0.0)).sum(axis=-1), 0)


def test_gradients_of_the_inner_network(lesson, rng):
    given = {"x": (N, T, E), "W_1": (E, F), "b_1": (F,), "W_2": (F, E), "b_2": (E,)}
    arrays = {name: rng.normal(size=shape) for name, shape in given.items()}
    dy = rng.normal(size=(N, T, E))
    made = dict(zip(given, lesson["feed_forward_backward"](dy, **arrays), strict=True))
    assert_gradients(lesson["feed_forward"], dy, arrays, made)


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_of_all_heads(lesson, rng, masked):
    mask = np.tril(np.ones((T, T), dtype=bool)) if masked else None
    arrays = {"x": rng.normal(size=(N, T, E))}
    arrays |= {name: rng.normal(size=(E, E) if name[0] == "W" else E) for name in WEIGHTS}
    dout = rng.normal(size=(N, T, E))
    back = lesson["multi_head_backward"](dout, **arrays, heads=HEADS, mask=mask)
    made = dict(zip(arrays, back, strict=True))
    assert np.allclose(made["b_k"], 0)  # a softmax does not notice a constant
    assert_gradients(
        lambda x, **weights: lesson["multi_head_attention"](x, x, **weights, heads=HEADS, mask=mask),
        dout,
        arrays,
        made,
    )


def test_first_step_is_as_long_for_small_gradients_as_for_large(lesson):
    g, zero = np.array([1e-3, 1.0, -1e3]), np.zeros(3)
    p, m, v = lesson["adamw_step"](np.ones(3), g, zero, zero, 1, 0.01, 0.9, 0.999, 1e-12, 0.0)
    assert np.allclose(p, [0.99, 0.99, 1.01])
    assert np.allclose(m, 0.1 * g)
    assert np.allclose(v, 0.001 * g**2)


def test_decay_alone_shrinks_by_rate_times_decay(lesson):
    p, zero = np.array([2.0, -3.0]), np.zeros(2)
    for t in (1, 7):
        assert np.allclose(
            lesson["adamw_step"](p, zero, zero, zero, t, 0.1, 0.9, 0.99, 1e-8, 0.5)[0], 0.95 * p
        )


def test_the_rate_rises_in_a_line_and_falls_in_half_a_wave(lesson):
    rates = [lesson["warmup_cosine"](step, 4, 12, 2.0) for step in range(15)]
    assert np.allclose(rates[:5], [0, 0.5, 1, 1.5, 2])
    assert rates[8] == pytest.approx(1)  # half-way down
    assert np.allclose(rates[12:], 0)
    assert np.allclose(np.array(rates[4:13]) + rates[12:3:-1], 2)  # the fall is its own mirror image
    assert lesson["warmup_cosine"](0, 0, 5, 2.0) == 2
