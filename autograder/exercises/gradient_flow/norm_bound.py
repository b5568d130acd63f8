"""Lesson 07, norm_bound: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.gradient_flow import PASCANU
from autograder.exercises.gradient_flow.draws import states
from autograder.exercises.gradient_flow.parts import jacobians, product


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("bound",),
    hints=(
        "The norm of a product is at most the product of the norms. What are the two factors of one step?",
        "One step: the spectral norm of W_hh times that of diag(1 - h_t^2), which is its largest entry.",
        "np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).max(axis=1))",
    ),
    source=f"{PASCANU}, section 2.1",
)
def norm_bound(h, W_hh): ...


@norm_bound.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield states(rng, 5, 3), rng.normal(size=(3, 3))
    yield states(rng, 3, 7), rng.normal(size=(7, 7)) * 0.3
    yield states(rng, 2, 2), np.array([[0.5, 10.0], [0.0, 0.5]])
    yield states(rng, 1, 2), rng.normal(size=(2, 2))
    yield states(rng, 13, 2) * 0.5, rng.normal(size=(2, 2))


def _largest_slopes(h):
    return (1 - h**2).max(axis=1)


@norm_bound.mistake(
    "You used the largest |eigenvalue| of W_hh. It bounds nothing in a single step: [[.5, 10], [0, .5]] has "
    "radius .5 and stretches 10-fold. Use the largest singular value."
)
def bound_by_eigenvalue(h, W_hh):
    return np.prod(np.abs(np.linalg.eigvals(W_hh)).max() * _largest_slopes(h))


@norm_bound.mistake(
    "You left out the slopes of tanh: each step is also multiplied by its largest 1 - h^2. Yours is a true "
    "bound, only a looser one.",
    credit=0.5,
)
def bound_without_slopes(h, W_hh):
    return np.linalg.norm(W_hh, 2) ** len(h)


@norm_bound.mistake(
    "You took the smallest slope of each step. A bound has to allow for the unit that passes most: the "
    "largest slope."
)
def bound_by_smallest_slope(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).min(axis=1))


@norm_bound.mistake(
    "You averaged the slopes of a step. A bound has to allow for the unit that passes most: the largest "
    "slope."
)
def bound_by_mean_slope(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).mean(axis=1))


@norm_bound.mistake(
    "You took the largest slope over time for each unit. The bound has one factor for each step: the "
    "largest slope over the units, axis 1.",
    credit=0.25,
)
def largest_over_time(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).max(axis=0))


@norm_bound.mistake("You added the bounds of the steps. Norms of a product multiply: np.prod.")
def bounds_added(h, W_hh):
    return np.sum(np.linalg.norm(W_hh, 2) * _largest_slopes(h))


@norm_bound.mistake(
    "You used 1 - tanh(h)^2, but h has been through tanh already: the slopes are 1 - h^2.", credit=0.25
)
def bound_with_tanh_of_h(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * _largest_slopes(np.tanh(h)))


@norm_bound.mistake(
    "You counted the factor of W_hh once; it comes in at every one of the T steps, as the slopes do.",
    credit=0.25,
)
def weights_counted_once(h, W_hh):
    return np.linalg.norm(W_hh, 2) * np.prod(_largest_slopes(h))


@norm_bound.mistake(
    "You used the norm of each whole Jacobian W_hh diag(1 - h^2). That is a valid and even tighter bound, "
    "but here each step contributes the product of the two norms, ||W_hh|| times the largest slope.",
    credit=0.75,
)
def exact_step_norms(h, W_hh):
    return np.prod(np.linalg.norm(jacobians(h, W_hh), 2, axis=(1, 2)))


@norm_bound.mistake(
    "You used the Frobenius norm of W_hh: still a bound, but not the spectral norm that is asked.", credit=0.5
)
def bound_by_frobenius(h, W_hh):
    return np.prod(np.linalg.norm(W_hh) * _largest_slopes(h))


@norm_bound.mistake(
    "You used the largest slope of all steps for every step. Each step has its own largest slope: take the "
    "maximum over units, axis 1.",
    credit=0.5,
)
def one_slope_for_all_steps(h, W_hh):
    return (np.linalg.norm(W_hh, 2) * (1 - h**2).max()) ** len(h)


@norm_bound.mistake(
    "You took the slope at the largest h of each step. A large h has a *small* slope, and negative ones "
    "count as well: compute all slopes 1 - h^2 first, then take their maximum.",
    credit=0.25,
)
def slope_at_largest_state(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h.max(axis=1) ** 2))


@norm_bound.mistake(
    "The square is missing in the slopes: 1 - h^2, not 1 - h.",
    credit=0.25,
)
def bound_without_square(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h).max(axis=1))


@norm_bound.mistake(
    "The first factor is missing: from h_0 to h_T there are T steps, one for every state in h.",
    credit=0.5,
)
def bound_without_first_step(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * _largest_slopes(h[1:]))


@norm_bound.mistake(
    "That is the norm of dh_T / dh_0 itself, not the bound: multiply ||W_hh|| and the largest slope of each "
    "step."
)
def norm_not_bound(h, W_hh):
    return np.linalg.norm(product(jacobians(h, W_hh)), 2)


@norm_bound.mistake(
    "You took the length of each step's slopes as a vector. The norm of a diagonal matrix is its largest "
    "entry: max over the units.",
    credit=0.25,
)
def length_of_slopes(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * np.linalg.norm(1 - h**2, axis=1))
