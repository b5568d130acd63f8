"""Lesson 07, step_jacobian: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import tanh_slope
from autograder.exercises.gradient_flow import PASCANU
from autograder.exercises.gradient_flow.draws import states


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("J",),
    hints=(
        "h_t[j] = tanh(... + sum_i h_{t-1}[i] W_hh[i, j]): differentiate with respect to h_{t-1}[i].",
        "J[n, i, j] = W_hh[i, j] times the slope of unit j, and that slope is 1 - h[n, j]^2.",
        "The whole body: return W_hh * (1 - h**2)[:, None, :]",
    ),
    source=f"{PASCANU}, section 2",
)
def step_jacobian(h, W_hh): ...


@step_jacobian.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield states(rng, 2, 5), rng.normal(size=(5, 5))
    yield states(rng, 7, 3), rng.normal(size=(3, 3)) * 2
    yield states(rng, 1, 2), rng.normal(size=(2, 2))
    yield np.array([[0.0, 1.0, -1.0, 0.5]]), rng.normal(size=(4, 4))
    yield states(rng, 3, 1), rng.normal(size=(1, 1))


tanh_slope(step_jacobian, lambda slope: lambda h, W_hh: W_hh * slope(h)[:, None, :])


@step_jacobian.mistake(
    "Your slope is the mean over the batch. Each sequence has its own state, and so a Jacobian of its own: "
    "1 - h[n]**2.",
    credit=0.25,
)
def one_slope_for_the_batch(h, W_hh):
    return np.repeat((W_hh * (1 - h**2).mean(axis=0))[None], len(h), axis=0)


@step_jacobian.mistake(
    "Your Jacobian is transposed: you have [n, j, i]. Here the row i is the earlier unit and the column j "
    "the later one, so that a row vector moves through J from the left."
)
def jacobian_transposed(h, W_hh):
    return (W_hh * (1 - h**2)[:, None, :]).swapaxes(1, 2)


@step_jacobian.mistake(
    "You scaled the rows of W_hh by the slopes; they belong to its columns, for column j feeds unit j of "
    "h_t. For column vectors diag(1 - h^2) W is right; for our row vectors it is W diag(1 - h^2).",
    credit=0.25,
)
def slope_on_rows(h, W_hh):
    return W_hh * (1 - h**2)[:, :, None]


@step_jacobian.mistake(
    "You multiplied the slopes into W_hh by a matrix product. Each column j of W_hh is *scaled* by its own "
    "slope, which gives a matrix per sequence: (N, H, H)."
)
def slope_by_matrix_product(h, W_hh):
    return (1 - h**2) @ W_hh


@step_jacobian.mistake(
    "You transposed W_hh and then scaled its columns. With row vectors it is W_hh as it is: J[n, i, j] = "
    "W_hh[i, j] times the slope of unit j.",
    credit=0.25,
)
def weights_transposed_in_jacobian(h, W_hh):
    return W_hh.T * (1 - h**2)[:, None, :]


@step_jacobian.mistake("You scaled W_hh by h itself. The slope of tanh is 1 - h^2.")
def scaled_by_state(h, W_hh):
    return W_hh * h[:, None, :]
