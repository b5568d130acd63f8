"""Lesson 19, state_space_kernel: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.return_of_recurrence.draws import decays


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("kernel",),
    hints=(
        "Send in a single 1 at the first step, and zeros after it: the outputs are the kernel. What is left "
        "of it after j steps?",
        "After j steps each entry has been multiplied j times by exp(delta A): exp(j delta A). Before that "
        "it came in as delta B, and C reads it. Sum over the S entries; j runs from 0 to T-1.",
        "fades = np.exp(delta[:, None, None] * A[:, :, None] * np.arange(T)); return delta[:, None] * "
        "np.einsum('s,s,dsj->dj', C, B, fades)",
    ),
    source="Gu, Goel and Ré (2022), Efficiently Modeling Long Sequences with Structured State Spaces",
)
def state_space_kernel(A, B, C, delta, T): ...


@state_space_kernel.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for D, S, T in ((3, 7, 5), (2, 3, 11), (5, 2, 1), (1, 5, 7), (3, 3, 13), (3, 5, 3)):
        B, C = rng.normal(size=(2, S))
        yield (decays(rng, D, S), B, C, rng.uniform(0.1, 1.5, size=D), T)
    A, (B, C) = decays(rng, 3, 2), rng.normal(size=(2, 2))
    A[0], delta = 0, rng.uniform(0.1, 1.5, size=3)  # a channel that never forgets
    delta[1], delta[2] = 0, 30  # one that takes in nothing, and one that forgets at once
    yield (A, B, C, delta, 7)


def _np_kernel(A, B, C, delta, T, *, start=0, a=None, enter=None):
    a = np.exp(delta[:, None] * A) if a is None else a
    enter = delta[:, None] * B if enter is None else enter
    return np.stack([(a**j * enter * C).sum(axis=1) for j in range(start, start + T)], axis=1)


@state_space_kernel.mistake(
    "Your kernel comes too late: its lags begin with 1. What has just come in has not faded yet; j runs from "
    "0 to T-1.",
    credit=0.5,
)
def begins_with_lag_one(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T, start=1)


@state_space_kernel.mistake(
    "The kernel is reversed. Entry j belongs to the input j steps ago, so that the newest comes first.",
    credit=0.5,
)
def reversed_kernel(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T)[:, ::-1]


@state_space_kernel.mistake("The kernel is one entry short: lags run from 0 to T-1, which are T.", credit=0.5)
def one_short(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T)[:, : T - 1]


@state_space_kernel.mistake("The kernel has one entry too many: lags run from 0 to T-1, which are T.", 0.5)
def one_too_many(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T + 1)


@state_space_kernel.mistake("Rows and columns are exchanged: a row per channel, (D, T).", credit=0.5)
def kernel_transposed(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T).T


@state_space_kernel.mistake("C is missing: the output weighs the entries of the state by C.")
def c_missing_in_kernel(A, B, C, delta, T):
    return _np_kernel(A, B, np.ones_like(C), delta, T)


@state_space_kernel.mistake("B is missing: the input enters the entries of the state as delta B.")
def b_missing_in_kernel(A, B, C, delta, T):
    return _np_kernel(A, np.ones_like(B), C, delta, T)


@state_space_kernel.mistake(
    "Your delta stands in the exponent alone. The input is scaled by it too: it enters as delta B.",
    credit=0.25,
)
def b_without_delta(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T, enter=B)


@state_space_kernel.mistake(
    "Your delta stands before B alone. It is in the exponent too: a step multiplies by exp(delta A)."
)
def factor_without_delta_in_kernel(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T, a=np.exp(A))


@state_space_kernel.mistake(
    "The exponential is missing: a step multiplies by exp(delta A), so that j steps give exp(j delta A)."
)
def exp_missing_in_kernel(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T, a=delta[:, None] * A)


@state_space_kernel.mistake("A step multiplies by exp(delta A), and not by 1 + delta A.")
def eulers_step_in_kernel(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T, a=1 + delta[:, None] * A)


@state_space_kernel.mistake(
    "The entries add up: this is the answer to a 1 at every step. The kernel is the answer to a single 1, at "
    "the first step, and zeros after it."
)
def adds_up(A, B, C, delta, T):
    return np.cumsum(_np_kernel(A, B, C, delta, T), axis=1)


@state_space_kernel.mistake("All channels use the first row of A. Each has a row of its own, A[d].")
def one_row_in_kernel(A, B, C, delta, T):
    return _np_kernel(np.broadcast_to(A[0], A.shape), B, C, delta, T)


@state_space_kernel.mistake(
    "The exact step for B, (exp(delta A) - 1) / A, is not asked for: as in state_space, the input enters as "
    "delta B.",
    credit=0.5,
)
def exact_hold_in_kernel(A, B, C, delta, T):
    rate = np.where(A == 0, 1, A)
    enter = np.where(A == 0, delta[:, None], (np.exp(delta[:, None] * A) - 1) / rate) * B
    return _np_kernel(A, B, C, delta, T, enter=enter)


@state_space_kernel.mistake(
    "B is taken to the power as well. It enters once; only exp(delta A) is multiplied j times.", credit=0.25
)
def b_to_the_power(A, B, C, delta, T):
    return _np_kernel(A, B, C, delta, T, a=np.exp(delta[:, None] * A) * delta[:, None] * B, enter=1.0)
