"""Lesson 02, n_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.markov_models.draws import chain


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("P_n",),
    hints=(
        "Two steps from i to j: through some symbol k in the middle, whichever it is. What does the sum "
        "over k of P[i, k] P[k, j] look like?",
        "It is the matrix product P @ P. n steps are n factors, and no step at all is the identity.",
        "result = np.eye(len(P)); then n times: result = result @ P (or np.linalg.matrix_power(P, n))",
    ),
    source="Kolmogorov (1931), On Analytical Methods in Probability Theory (the Chapman-Kolmogorov equation)",
)
def n_step(P, n): ...


@n_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, n in ((3, 2), (5, 7), (2, 3), (7, 1), (3, 0), (2, 50)):
        yield chain(rng, V), n
    yield _one_way(rng), 5


def _one_way(rng):
    """Steps lead forward only, with one share of staying: an eigenvalue twice, and one eigenvector for it."""
    stay = rng.uniform(0.3, 0.6)
    return np.array([[stay, 1 - stay, 0.0], [0.0, stay, 1 - stay], [0.0, 0.0, 1.0]])


@n_step.mistake(
    "You raised every entry to the power n, `P ** n`. Steps are chained by the matrix product: P @ P @ .. @ "
    "P."
)
def power_of_each_entry(P, n):
    return P**n


@n_step.mistake(
    "You raised every entry to the power n and normalised the rows. They add up to one again, but they "
    "sharpen one step and do not chain n of them: P @ P @ .. @ P."
)
def sharpened(P, n):
    return P**n / (P**n).sum(axis=1, keepdims=True)


@n_step.mistake("You took one step too many: n steps are n factors P.", credit=0.25)
def one_step_too_many(P, n):
    return np.linalg.matrix_power(P, n + 1)


@n_step.mistake("You took one step too few: n steps are n factors P.", credit=0.25)
def one_step_too_few(P, n):
    return np.linalg.matrix_power(P, max(n - 1, 0))


@n_step.mistake(
    "For n = 0 you return P. No step at all leaves every symbol where it is: the identity matrix.",
    credit=0.75,
)
def no_step_is_one_step(P, n):
    return np.linalg.matrix_power(P, max(n, 1))


@n_step.mistake("You multiplied P by n. Steps are chained by the matrix product: P @ P @ .. @ P.")
def times_n(P, n):
    return n * P


@n_step.mistake(
    "You transposed P. Rows are from and columns are to, before and after the power.", credit=0.25
)
def transposed(P, n):
    return np.linalg.matrix_power(P.T, n)


@n_step.mistake(
    "You square the result in each round (P = P @ P), so that the steps double: 2, 4, 8, .. Multiply by the "
    "one-step P each time.",
    credit=0.25,
)
def doubled(P, n):
    result = P
    for _ in range(n - 1):
        result = result @ result
    return result


@n_step.mistake(
    "You took powers of the eigenvalues. Some chains have too few eigenvectors for that, and their matrix "
    "cannot be inverted: multiply P by itself instead.",
    credit=0.5,
)
def by_eigenvectors(P, n):
    values, vectors = np.linalg.eig(P)
    return (vectors @ np.diag(values**n) @ np.linalg.inv(vectors)).real
