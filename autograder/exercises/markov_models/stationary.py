"""Lesson 02, stationary: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.markov_models.draws import chain


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("pi",),
    hints=(
        "pi is a row that one step leaves as it is, pi @ P = pi. Which word of linear algebra is that?",
        "It is a left eigenvector of P for the eigenvalue 1, or a solution of (P.T - I) pi = 0 together "
        "with sum(pi) = 1. Repeated steps are not enough: a chain may go round in circles for ever.",
        "A = np.vstack([P.T - np.eye(V), np.ones(V)]); b = np.append(np.zeros(V), 1.0); return "
        "np.linalg.lstsq(A, b)[0]",
    ),
    source="Kemeny and Snell (1960), Finite Markov Chains, chapter 4",
    rtol=1e-6,
)
def stationary(P): ...


@stationary.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V in (3, 7, 5):
        yield (chain(rng, V),)
    a, b = rng.uniform(0.2, 0.8, size=2)
    yield (np.array([[0.0, a, 1 - a], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]),)  # goes to and fro for ever
    yield (np.array([[0.0, 1.0, 0.0], [b, 0.0, 1 - b], [0.0, 1.0, 0.0]]),)  # NumPy lists -1 first, 1 last
    yield (_two(*rng.integers(1, 64, size=2) / 64),)
    for V in (7, 11):
        yield (_circle(rng, V),)
    yield (_two(*rng.uniform((4e-4, 1e-3), (6e-4, 2e-3))),)  # hardly ever moves
    yield (np.array([[1.0]]),)


def _circle(rng, V):
    """V steps lead once round, one of them by either of two symbols; the symbols' order is drawn."""
    P, share = np.roll(np.eye(V + 1), 1, axis=1), rng.uniform(0.2, 0.8)
    P[0, 1:3], P[1, 2:4] = (share, 1 - share), (0.0, 1.0)
    order = rng.permutation(V + 1)
    return P[np.ix_(order, order)]


def _two(a, b):
    """Two symbols that are left with the probabilities a and b."""
    return np.array([[1 - a, a], [b, 1 - b]])


def _np_stationary(P):
    V = len(P)
    A = np.vstack([P.T - np.eye(V), np.ones(V)])
    return np.linalg.lstsq(A, np.append(np.zeros(V), 1.0), rcond=None)[0]


def _steps_from_uniform(P, steps):
    return np.full(len(P), 1 / len(P)) @ np.linalg.matrix_power(P, steps)


def _as_shares(vector):
    with np.errstate(all="ignore"):  # the entries of a wrong eigenvector may add up to 0
        return vector / vector.sum()


@stationary.mistake(
    "Your result is uniform: that is the eigenvector of P on the *right*, since rows add up to one. The "
    "long-run distribution is the one on the left, pi @ P = pi: work with P.T."
)
def right_eigenvector(P):
    return np.full(len(P), 1 / len(P))


@stationary.mistake(
    "You have the right eigenvector, but its length is one and not its sum (and its sign is a matter of "
    "luck). Probabilities add up to one: divide by pi.sum().",
    credit=0.5,
)
def length_one(P):
    values, vectors = np.linalg.eig(P.T)
    return vectors[:, values.real.argmax()].real


@stationary.mistake(
    "You took about a hundred steps from the uniform distribution. A chain that goes round in circles never "
    "settles, and a slow one not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def hundred_steps(P):
    return _steps_from_uniform(P, 100)


@stationary.mistake(
    "You took about a thousand steps from the uniform distribution. A chain that goes round in circles "
    "never settles, and a slow one not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def thousand_steps(P):
    return _steps_from_uniform(P, 1000)


@stationary.mistake(
    "You took about ten thousand steps from the uniform distribution. A chain that goes round in circles "
    "never settles, although pi exists: solve pi @ P = pi directly.",
    credit=0.75,
)
def ten_thousand_steps(P):
    return _steps_from_uniform(P, 10000)


@stationary.mistake(
    "You took very many steps from the uniform distribution. That is right for chains that settle, but one "
    "that goes to and fro never does, although pi exists: solve pi @ P = pi.",
    credit=0.75,
)
def very_many_steps(P):
    return _steps_from_uniform(P, 100000)


@stationary.mistake(
    "You took a row of a high power of P. A chain that goes round in circles never settles, and a slow one "
    "not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def row_of_a_power(P):
    return np.linalg.matrix_power(P, 100)[0]


@stationary.mistake(
    "You averaged the rows of P. That is the distribution after one step from a uniform start, not after "
    "infinitely many."
)
def average_of_rows(P):
    return P.mean(axis=0)


@stationary.mistake(
    "You took the eigenvector of the smallest eigenvalue. The one that a step leaves unchanged belongs to "
    "the eigenvalue 1."
)
def wrong_eigenvector(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, np.abs(values).argmin()].real)


@stationary.mistake(
    "You took the eigenvalue of largest size; a chain that steps to and fro has -1 as well. Take the one "
    "nearest to +1: np.abs(values - 1).argmin().",
    credit=0.5,
)
def eigenvalue_of_largest_size(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, np.abs(values).argmax()].real)


@stationary.mistake(
    "You took the first eigenvector, but np.linalg.eig does not sort. Find the eigenvalue nearest to 1: "
    "np.abs(values - 1).argmin().",
    credit=0.25,
)
def first_eigenvector(P):
    return _as_shares(np.linalg.eig(P.T)[1][:, 0].real)


@stationary.mistake(
    "You look for the eigenvalue that equals 1 exactly, and rounding leaves it a hair beside 1. Take the "
    "one nearest to 1: np.abs(values - 1).argmin().",
    credit=0.5,
)
def eigenvalue_exactly_one(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, values == 1].real.ravel())


@stationary.mistake(
    "You kept the columns whose eigenvalue equals 1 exactly: rounding may leave none, and a table (V, k) is "
    "no distribution. Take the one column nearest to 1: vectors[:, np.abs(values - 1).argmin()].",
    credit=0.25,
)
def columns_of_exactly_one(P):
    values, vectors = np.linalg.eig(P.T)
    return _as_shares(vectors[:, values == 1].real)


@stationary.mistake(
    "You started at symbol 0 and took about a thousand steps. A chain that goes round in circles never "
    "settles, and a slow one not in time: solve pi @ P = pi directly.",
    credit=0.5,
)
def row_of_a_high_power(P):
    return np.linalg.matrix_power(P, 1000)[0]


@stationary.mistake(
    "You started at symbol 0 and took very many steps. That is right for chains that settle, but one that "
    "goes to and fro never does, although pi exists: solve pi @ P = pi.",
    credit=0.75,
)
def row_of_a_very_high_power(P):
    return np.linalg.matrix_power(P, 100000)[0]


@stationary.mistake(
    "The direction is right, but the length is one, as np.linalg.eig gives it and np.linalg.norm makes it. "
    "Probabilities add up to one: divide by pi.sum().",
    credit=0.5,
)
def divided_by_the_length(P):
    pi = _np_stationary(P)
    return pi / np.linalg.norm(pi)


@stationary.mistake(
    "Your result is zero everywhere: zero solves pi P = pi as well. Add the equation sum(pi) = 1, a row of "
    "ones with the right-hand side 1."
)
def zero_solves_it_too(P):
    return np.linalg.lstsq(P.T - np.eye(len(P)), np.zeros(len(P)), rcond=None)[0]


@stationary.mistake(
    "P.T - I is singular, and the only solution that np.linalg.solve can find for the right-hand side 0 is "
    "0. Put the equation sum(pi) = 1 in the place of one row."
)
def singular_system(P):
    return np.linalg.solve(P.T - np.eye(len(P)), np.zeros(len(P)))
