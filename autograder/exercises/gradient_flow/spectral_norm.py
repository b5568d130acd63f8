"""Lesson 07, spectral_norm: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("norm",),
    hints=(
        "W stretches some direction most. Which matrix has that direction as its eigenvector of largest "
        "eigenvalue?",
        "Repeat v <- W^T W v and scale v back to length 1 each time. How long is W v in the end?",
        "Inside the loop: v = W.T @ (W @ v); v = v / np.linalg.norm(v). After it: np.linalg.norm(W @ v).",
    ),
    source="von Mises and Pollaczek-Geiringer (1929), the power method; Golub and Van Loan, Matrix "
    "Computations, chapter 8",
)
def spectral_norm(W, v0, iterations): ...


def _stretching(rng: np.random.Generator, H: int, largest: float) -> np.ndarray:
    """A matrix with a clear gap below its largest singular value, so that the iteration is done in time."""
    left, right = (np.linalg.qr(rng.normal(size=(H, H)))[0] for _ in range(2))
    return left * (largest * 0.5 ** np.arange(H)) @ right


def _direction(rng: np.random.Generator, H: int) -> np.ndarray:
    """A start with a share of every direction, and not of length 1."""
    return rng.uniform(0.5, 2.0, size=H) * np.where(np.arange(H) % 2, -1.0, 1.0)


@spectral_norm.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _stretching(rng, 5, 2.0), _direction(rng, 5), 53
    yield _stretching(rng, 3, 1000.0), _direction(rng, 3), 113
    yield np.array([[0.5, 10.0], [0.0, 0.5]]), _direction(rng, 2), 31
    yield np.array([[0.0, -2.0], [0.5, 0.0]]), _direction(rng, 2), 47
    yield -rng.uniform(2, 4, size=(1, 1)), rng.uniform(0.5, 0.9, size=1), 3
    yield np.diag([1.0, 0.97, 0.5]), _direction(rng, 3), 601  # the two largest are close: many rounds
    yield np.array([[2.0, -1.0], [-1.0, 2.0]]), _direction(rng, 2), 29  # (1, 1) is not stretched at all
    yield 1e-4 * _stretching(rng, 3, 2.0), _direction(rng, 3), 61  # tiny: nothing may be added to a divisor


def _power_iteration(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return np.linalg.norm(W @ v)


@spectral_norm.mistake(
    "You returned the spectral radius, the largest |eigenvalue|. The norm is the largest *singular* value: "
    "the most that one multiplication can stretch a vector. Iterate with W^T W."
)
def largest_eigenvalue(W, v0, iterations):
    return np.abs(np.linalg.eigvals(W)).max()


@spectral_norm.mistake(
    "You iterated with W alone, which looks for its largest eigenvalue (and never settles where that is "
    "complex). Multiply by W and then by its transpose: v <- W^T W v."
)
def iterates_without_transpose(W, v0, iterations):
    v = v0 / np.linalg.norm(v0)
    for _ in range(iterations):
        v = W @ v
        v = v / np.linalg.norm(v)
    return np.linalg.norm(W @ v)


@spectral_norm.mistake(
    "That is the square of the norm: an eigenvalue of W^T W is a singular value squared. Take the root, or "
    "return the length of W v.",
    credit=0.5,
)
def norm_squared(W, v0, iterations):
    return np.linalg.norm(W, 2) ** 2


@spectral_norm.mistake(
    "That is the Frobenius norm, the root of the sum of all squared entries. It is never smaller than the "
    "spectral norm, and usually larger."
)
def frobenius_norm(W, v0, iterations):
    return np.linalg.norm(W)


@spectral_norm.mistake(
    "You stopped after a single iteration: repeat it as often as `iterations` says.", credit=0.25
)
def one_iteration(W, v0, iterations):
    v = W.T @ (W @ v0)
    return np.linalg.norm(W @ (v / np.linalg.norm(v)))


@spectral_norm.mistake(
    "You returned v W v, how much of W v points along v. The norm is the whole length of W v, wherever it "
    "points.",
    credit=0.25,
)
def share_along_v(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return v @ W @ v


@spectral_norm.mistake(
    "You never scale v back to length 1, so it grows until it overflows. Divide by its norm in every round.",
    credit=0.25,
)
def never_normalised(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
    return np.linalg.norm(W @ v) / np.linalg.norm(v)


@spectral_norm.mistake(
    "You never scale v back to length 1, and at the end |W v| is not compared with |v|: it holds every "
    "stretch of every round. Divide v by its norm in every round.",
    credit=0.25,
)
def length_of_all_rounds(W, v0, iterations):
    v = v0
    with np.errstate(all="ignore"):
        for _ in range(iterations):
            v = W.T @ (W @ v)
        return np.linalg.norm(W @ v)


@spectral_norm.mistake(
    "You measure the length of v itself, and that is 1. The norm is the length of W v: how far W stretches "
    "it."
)
def length_of_v(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return np.linalg.norm(v)


@spectral_norm.mistake(
    "You always stop after twenty rounds. How many are needed depends on the matrix: repeat as often as "
    "`iterations` says.",
    credit=0.5,
)
def always_twenty_iterations(W, v0, iterations):
    return _power_iteration(W, v0, 20)


@spectral_norm.mistake(
    "You start from ones, not from v0. A start without a share of the most stretched direction never finds "
    "it: use v0.",
    credit=0.5,
)
def starts_from_ones(W, v0, iterations):
    return _power_iteration(W, np.ones(len(W)), iterations)


@spectral_norm.mistake(
    "That is the largest sum of |entries| in a column, np.linalg.norm(W, 1). The spectral norm is the "
    "largest singular value."
)
def largest_column_sum(W, v0, iterations):
    return np.linalg.norm(W, 1)


@spectral_norm.mistake(
    "That is the largest sum of |entries| in a row, np.linalg.norm(W, np.inf). The spectral norm is the "
    "largest singular value."
)
def largest_row_sum(W, v0, iterations):
    return np.linalg.norm(W, np.inf)


@spectral_norm.mistake(
    "You multiplied W.T and W entry by entry (*). One round is two matrix products: W.T @ (W @ v)."
)
def entrywise_square(W, v0, iterations):
    with np.errstate(all="ignore"):
        v = v0
        for _ in range(iterations):
            v = (W.T * W) @ v
            v = v / np.linalg.norm(v)
        return np.linalg.norm(W @ v)


@spectral_norm.mistake(
    "You divided v by the sum of its entries, which may even be negative. Divide by its length, "
    "np.linalg.norm(v).",
    credit=0.25,
)
def normalised_by_sum(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / v.sum()
    return np.linalg.norm(W @ v)
