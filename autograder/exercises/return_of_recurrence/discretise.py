"""Lesson 19, discretise: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.return_of_recurrence.draws import decays
from autograder.exercises.return_of_recurrence.parts import np_decay


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("a",),
    hints=(
        "Every channel has its own delta at every step, and its own row of A. Each delta meets all S entries "
        "of its channel's row.",
        "Give delta an axis for S at its end, (N, T, D, 1); A (D, S) then fits from the right. exp comes "
        "last.",
        "return np.exp(delta[..., None] * A)",
    ),
    source="Gu and Dao (2023), Mamba, section 2; Gupta, Gu and Berant (2022) for a diagonal A",
)
def discretise(A, delta): ...


@discretise.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, S in ((2, 5, 3, 7), (3, 2, 5, 2), (1, 1, 2, 3), (2, 3, 1, 5), (2, 7, 3, 3)):
        yield (decays(rng, D, S), rng.uniform(0.05, 2, size=(N, T, D)))
    delta = rng.uniform(0.05, 2, size=(2, 3, 5))
    delta[0, 1], delta[1, :, 2] = 0, 1e3  # nothing passes, and all fades away
    yield (decays(rng, 5, 2), delta)
    yield (rng.normal(size=(3, 2)), rng.uniform(0.05, 1, size=(1, 5, 3)))


@discretise.mistake(
    "The exponential is missing: a = exp(delta A). delta A itself is the rate times the time."
)
def exp_missing(A, delta):
    return delta[..., None] * A


@discretise.mistake(
    "This is Euler's step, 1 + delta A, which is right for small delta only. Whoever fades at the rate A for "
    "the time delta keeps exp(delta A)."
)
def eulers_step(A, delta):
    return 1 + delta[..., None] * A


@discretise.mistake(
    "This is the bilinear rule of the first S4. Here it is the exponential itself, exp(delta A)."
)
def bilinear(A, delta):
    half = delta[..., None] * A / 2
    return (1 + half) / (1 - half)


@discretise.mistake("The sign is flipped: A holds the minus already. exp(delta A), not exp(-delta A).")
def sign_flipped(A, delta):
    return np.exp(-delta[..., None] * A)


@discretise.mistake("Your delta stands outside the exponential. It multiplies A inside it: exp(delta A).")
def delta_outside(A, delta):
    return delta[..., None] * np.exp(A)


@discretise.mistake("Nothing of delta is in it: exp(delta A), so that every step has its own length.")
def delta_missing(A, delta):
    return np.broadcast_to(np.exp(A), (*delta.shape, A.shape[1])).copy()


@discretise.mistake("You added delta and A. Rate times time: exp(delta A).")
def delta_added(A, delta):
    return np.exp(delta[..., None] + A)


@discretise.mistake("All channels share one delta, their mean. Each channel has its own, delta[n, t, d].")
def one_delta(A, delta):
    return np_decay(A, np.broadcast_to(delta.mean(axis=-1, keepdims=True), delta.shape))


@discretise.mistake("All channels use the first row of A. Each has a row of its own, A[d].")
def one_row(A, delta):
    return np_decay(np.broadcast_to(A[0], A.shape), delta)


@discretise.mistake("Every step uses the first delta, delta[:, 0]. Each step has a length of its own.")
def first_delta(A, delta):
    return np_decay(A, np.broadcast_to(delta[:, :1], delta.shape))


@discretise.mistake(
    "D and S are exchanged in your result. Channels come before the entries of a state: (N, T, D, S).", 0.5
)
def axes_exchanged(A, delta):
    return np_decay(A, delta).swapaxes(2, 3)
