"""Lesson 11, dropout_rnn_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.dropout import GAL
from autograder.exercises.dropout.draws import masked_cases
from autograder.exercises.dropout.parts import masked, run
from autograder.exercises.families import starts_from_zeros
from autograder.exercises.loops import loops


@exercise(
    points=3,
    difficulty=2,
    minutes=12,
    returns=("h",),
    hints=(
        "Copy the loop of rnn_forward; only what enters the two matrix products changes.",
        "In step t, x[:, t] meets mask_x[:, t] and the previous state meets mask_h[:, t], both before the "
        "product. The state that you store is not masked.",
        "Inside the loop: state = np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + (state * mask_h[:, t]) @ W_hh + "
        "b_h)",
    ),
    source=GAL,
)
def dropout_rnn_forward(x, h0, W_xh, W_hh, b_h, mask_x, mask_h): ...


@dropout_rnn_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from masked_cases(rng)


starts_from_zeros(dropout_rnn_forward, masked, "h0")
loops(dropout_rnn_forward, masked, ("x", "mask_x", "mask_h"), ("h0",))


@dropout_rnn_forward.mistake(
    "You used the first step's mask of the state at every step. It may be the same at all steps, but need "
    "not: step t has mask_h[:, t]."
)
def first_mask_h_for_all(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    first = np.zeros(x.shape[1], dtype=int)
    return masked(x, h0, W_xh, W_hh, b_h, mask_x, mask_h[:, first])


@dropout_rnn_forward.mistake(
    "You masked the state itself: h_t * mask is stored and returned. Mask only the copy of h_{t-1} that "
    "enters W_hh; the state that is carried on and read out stays whole."
)
def masks_the_carry(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    def step(t, h):
        return np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + h @ W_hh + b_h) * mask_h[:, t]

    return run(x, h0, step)


@dropout_rnn_forward.mistake(
    "You masked after the product, (h W_hh) * mask, which drops columns of W_hh; mask the state before the "
    "product."
)
def masks_after_the_product(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    def step(t, h):
        return np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + (h @ W_hh) * mask_h[:, t] + b_h)

    return run(x, h0, step)


@dropout_rnn_forward.mistake(
    "The previous state enters W_hh without its mask: multiply it by mask_h[:, t] first."
)
def forgets_mask_h(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    return masked(x, h0, W_xh, W_hh, b_h, mask_x, np.ones_like(mask_h))


@dropout_rnn_forward.mistake(
    "The input enters W_xh without its mask: multiply x[:, t] by mask_x[:, t] first."
)
def forgets_mask_x(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    return masked(x, h0, W_xh, W_hh, b_h, np.ones_like(mask_x), mask_h)


@dropout_rnn_forward.mistake(
    "You used the first step's masks at every step; step t has slices of its own, mask_x[:, t] and "
    "mask_h[:, t]."
)
def first_masks_for_all(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    first = np.zeros(x.shape[1], dtype=int)
    return masked(x, h0, W_xh, W_hh, b_h, mask_x[:, first], mask_h[:, first])


@dropout_rnn_forward.mistake(
    "The masks of the state come one step late: mask_h[:, t] multiplies the state that enters step t, h0 "
    "included.",
    credit=0.25,
)
def masks_one_step_late(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    late = np.concatenate([np.ones_like(mask_h[:, :1]), mask_h[:, :-1]], axis=1)
    return masked(x, h0, W_xh, W_hh, b_h, mask_x, late)


@dropout_rnn_forward.mistake(
    "You took mask_h[:, t - 1], which in the first step is the last mask of all; mask_h[:, t] belongs to "
    "the state that enters step t.",
    credit=0.25,
)
def mask_index_of_the_state(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    return masked(x, h0, W_xh, W_hh, b_h, mask_x, np.roll(mask_h, 1, axis=1))


@dropout_rnn_forward.mistake(
    "Every sequence got the masks of the first one; masks have a batch axis, so slice them as you slice x."
)
def masks_shared_across_batch(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    first = np.zeros(len(x), dtype=int)
    return masked(x, h0, W_xh, W_hh, b_h, mask_x[first], mask_h[first])


@dropout_rnn_forward.mistake(
    "In step 0 h0 enters W_hh without a mask: mask_h[:, 0] multiplies it, as mask_h[:, t] multiplies the "
    "state that enters step t.",
    credit=0.5,
)
def h0_not_masked(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    later = mask_h.copy()
    later[:, 0] = 1
    return masked(x, h0, W_xh, W_hh, b_h, mask_x, later)
