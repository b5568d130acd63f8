"""Lesson 07, jacobian_product: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import tanh_slope
from autograder.exercises.gradient_flow import PASCANU
from autograder.exercises.gradient_flow.draws import states
from autograder.exercises.gradient_flow.parts import jacobians, product


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("J",),
    hints=(
        "The chain rule multiplies the Jacobians of the T steps. How many are there from h_0 to h_T?",
        "With row vectors the earliest step stands on the left: J_1 J_2 ... J_T. Start from the identity.",
        "J = np.eye(H); for step in step_jacobian(h, W_hh): J = J @ step. (The T states play the batch.)",
    ),
    source=f"{PASCANU}, equation 5",
)
def jacobian_product(h, W_hh): ...


@jacobian_product.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield states(rng, 5, 3), rng.normal(size=(3, 3))
    yield states(rng, 4, 7), rng.normal(size=(7, 7)) * 0.5
    yield states(rng, 2, 2), rng.normal(size=(2, 2))
    yield states(rng, 1, 3), rng.normal(size=(3, 3))
    yield states(rng, 11, 2) * 0.3, rng.normal(size=(2, 2))


tanh_slope(jacobian_product, lambda slope: lambda h, W_hh: product(W_hh * slope(h)[:, None, :]))


@jacobian_product.mistake(
    "You multiplied in the wrong order: from h_T back to h_0. Matrices do not commute; with row vectors the "
    "first step stands on the left, J_1 J_2 ... J_T."
)
def product_reversed(h, W_hh):
    return product(jacobians(h, W_hh)[::-1])


@jacobian_product.mistake(
    "The first factor is missing: from h_0 to h_T there are T Jacobians, one for every state in h.",
    credit=0.5,
)
def first_factor_missing(h, W_hh):
    return product(jacobians(h, W_hh)[1:])


@jacobian_product.mistake(
    "The last factor is missing: from h_0 to h_T there are T Jacobians, one for every state in h.", credit=0.5
)
def last_factor_missing(h, W_hh):
    return product(jacobians(h, W_hh)[:-1])


@jacobian_product.mistake(
    "You multiplied the Jacobians entry by entry with *. The chain rule asks for the matrix product, @."
)
def entrywise_product(h, W_hh):
    return np.prod(jacobians(h, W_hh), axis=0)


@jacobian_product.mistake(
    "You added the Jacobians of the steps. A change passes through one step after the other, so they are "
    "multiplied."
)
def jacobians_added(h, W_hh):
    return jacobians(h, W_hh).sum(axis=0)


@jacobian_product.mistake(
    "Your result is transposed: J[i, j] is dh_T[j] / dh_0[i], the earlier unit in the row.", credit=0.5
)
def product_transposed(h, W_hh):
    return product(jacobians(h, W_hh)).T


@jacobian_product.mistake(
    "You scaled the rows of W_hh in every factor. The slopes belong to the columns: W_hh * (1 - h[t]**2), "
    "or step_jacobian.",
    credit=0.25,
)
def product_with_slopes_on_rows(h, W_hh):
    return product(W_hh * (1 - h**2)[:, :, None])


@jacobian_product.mistake(
    "You took a power of the last step's Jacobian. Every step has slopes of its own: multiply the T "
    "different Jacobians."
)
def power_of_last_jacobian(h, W_hh):
    return np.linalg.matrix_power(jacobians(h, W_hh)[-1], len(h))
