"""Lesson 08, identity_init: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("W_hh",),
    hints=(
        "Ones on the diagonal, zeros elsewhere: NumPy has a function for that matrix.",
        "Multiply the identity by scale.",
        "return scale * np.eye(H)",
    ),
    source="Le, Jaitly and Hinton (2015), A simple way to initialize recurrent networks of rectified linear "
    "units",
)
def identity_init(H, scale): ...


@identity_init.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield 5, 1.0
    for H, least, most in ((7, 0.5, 0.95), (3, 1.05, 1.5), (1, 0.3, 0.7)):
        yield H, round(rng.uniform(least, most), 4)


@identity_init.mistake("You left out scale: multiply the identity by it.", credit=0.5)
def ignores_scale(H, scale):
    return np.eye(H)


@identity_init.mistake(
    "You filled the whole matrix. Only the diagonal is scale; everything beside it is 0, so that units do "
    "not mix."
)
def full_of_scale(H, scale):
    return np.full((H, H), scale)


@identity_init.mistake(
    "You returned the diagonal alone, as a vector. W_hh is a matrix (H, H): np.eye makes it."
)
def only_the_diagonal(H, scale):
    return np.full(H, scale)


@identity_init.mistake("You added scale to every entry; it multiplies the identity.")
def adds_scale(H, scale):
    return np.eye(H) + scale


@identity_init.mistake(
    "You divided by the root of H, as for random weights. The identity is not random: only scale."
)
def scaled_like_random(H, scale):
    return np.eye(H) * scale / np.sqrt(H)
