"""Lesson 08, clip_by_global_norm: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.stabilising_training.parts import global_norm

PASCANU = "Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks"


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("clipped", "norm"),
    hints=(
        "One norm for all arrays together: the length of the vector you would get by laying them end to end.",
        "norm = root of the sum of all squares. Where it exceeds max_norm, scale *every* array by max_norm "
        "/ norm.",
        "scale = max_norm / max(norm, max_norm); return [g * scale for g in grads], norm",
    ),
    source=f"{PASCANU}, section 3.2",
)
def clip_by_global_norm(grads: list, max_norm): ...


@clip_by_global_norm.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield [rng.normal(size=(3, 5)) * 4, rng.normal(size=(5, 5)) * 2, rng.normal(size=7) * 3], 2.0
    yield [rng.normal(size=(2, 3)) * 0.1, rng.normal(size=3) * 0.1], 5.0
    yield [np.array([3.0, 4.0]), np.array([12.0])], 5.0
    yield [rng.normal(size=(2, 2, 3)) * 100], 0.5
    yield [np.zeros((2, 3)), np.zeros(5)], rng.uniform(0.5, 2.0)
    yield [rng.uniform(1, 2, size=(3, 2)), rng.uniform(40, 50, size=2)], 10.0
    yield [1e-4 * rng.normal(size=(5, 3)), 1e-4 * rng.normal(size=7)], 2e-4  # tiny, and yet too long


@clip_by_global_norm.mistake(
    "You clipped every array by its own norm. That changes the direction of the whole step; take one norm "
    "over all arrays together and scale them all by the same number."
)
def clips_each_array(grads, max_norm):
    clipped = [g * (max_norm / max(np.linalg.norm(g), max_norm)) for g in grads]
    return clipped, global_norm(grads)


@clip_by_global_norm.mistake(
    "You clipped entry by entry, to [-max_norm, max_norm]. Clipping by norm keeps the direction: it scales "
    "all entries by the same number."
)
def clips_entries(grads, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in grads], global_norm(grads)


@clip_by_global_norm.mistake(
    "You rescale always, so that small gradients *grow* to max_norm. Leave them as they are while the norm "
    "is below.",
    credit=0.25,
)
def rescales_always(grads, max_norm):
    norm = global_norm(grads)
    return [g * (max_norm / (norm + 1e-300)) for g in grads], norm


@clip_by_global_norm.mistake(
    "Your norm is squared: take the root of the sum of squares before comparing and dividing.", credit=0.25
)
def norm_without_root(grads, max_norm):
    squares = sum((g**2).sum() for g in grads)
    return [g * (max_norm / max(squares, max_norm)) for g in grads], squares


@clip_by_global_norm.mistake(
    "You flipped the sign of the gradients. The popular word 'gradient flipping' is a mishearing of "
    "clipping: only the length changes."
)
def flips_the_sign(grads, max_norm):
    norm = global_norm(grads)
    return [g * (-max_norm / norm) if norm > max_norm else g for g in grads], norm


@clip_by_global_norm.mistake(
    "You returned the norm after clipping. The norm before clipping is asked: it is what one watches during "
    "training.",
    credit=0.5,
)
def returns_clipped_norm(grads, max_norm):
    norm = global_norm(grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], min(norm, max_norm)


@clip_by_global_norm.mistake(
    "You added up the norms of the arrays. The norm of all entries together is the root of the sum of their "
    "squares."
)
def adds_norms(grads, max_norm):
    norm = sum(np.linalg.norm(g) for g in grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], norm


@clip_by_global_norm.mistake(
    "You took the largest entry for the norm. The norm of all entries together is the root of the sum of "
    "their squares."
)
def norm_is_largest_entry(grads, max_norm):
    norm = max(np.abs(g).max() for g in grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], norm


@clip_by_global_norm.mistake(
    "You divided by the norm, but did not multiply by max_norm: the clipped gradient should have length "
    "max_norm, not 1.",
    credit=0.25,
)
def scales_to_length_one(grads, max_norm):
    norm = global_norm(grads)
    return [g / norm if norm > max_norm else g for g in grads], norm


@clip_by_global_norm.mistake(
    "You rescale always: gradients that are short grow to max_norm, and a gradient of zero ends in 0 / 0, "
    "nan. Rescale only where the norm exceeds max_norm.",
    credit=0.25,
)
def rescales_always_even_zero(grads, max_norm):
    norm = global_norm(grads)
    return [g * max_norm / norm for g in grads], norm


@clip_by_global_norm.mistake(
    "Your factor is max(1, max_norm / norm): it lengthens short gradients and leaves long ones alone. The "
    "factor is at most 1: min.",
    credit=0.25,
)
def factor_at_least_one(grads, max_norm):
    norm = global_norm(grads)
    return [g * max(1.0, max_norm / norm) for g in grads], norm


@clip_by_global_norm.mistake(
    "You took the norm of the longest array for the norm of all. Together they are longer: the root of the "
    "sum of *all* squares.",
    credit=0.25,
)
def norm_of_longest_array(grads, max_norm):
    norm = max(np.linalg.norm(g) for g in grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], norm


@clip_by_global_norm.mistake(
    "You set gradients that are too long to zero, and so lose the step. Shorten them to max_norm and keep "
    "their direction."
)
def drops_long_gradients(grads, max_norm):
    norm = global_norm(grads)
    return [g * (norm <= max_norm) for g in grads], norm


@clip_by_global_norm.mistake(
    "Your factor is upside down, norm / max_norm: long gradients stay and short ones shrink. It is max_norm "
    "/ norm, and at most 1.",
    credit=0.25,
)
def factor_upside_down(grads, max_norm):
    norm = global_norm(grads)
    return [g * min(1.0, norm / max_norm) for g in grads], norm


@clip_by_global_norm.mistake(
    "You added 1e-6 to the norm before dividing, as PyTorch does: tiny gradients come out too short. The "
    "norm is above max_norm where you divide, so it cannot be 0: divide by the norm alone.",
    credit=0.75,
)
def epsilon_in_the_divisor(grads, max_norm):
    norm = global_norm(grads)
    return [g * min(1.0, max_norm / (norm + 1e-6)) for g in grads], norm
