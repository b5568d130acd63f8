"""Lesson 08, orthogonal_init: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("W_hh",),
    hints=(
        "np.linalg.qr splits a matrix into Q, which is orthogonal, and R, upper triangular: gaussian = Q R.",
        "Q and R are only unique up to signs. Multiply column j of Q by the sign of R[j, j].",
        "Q, R = np.linalg.qr(gaussian); return Q * np.sign(np.diag(R))",
    ),
    source="Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning; "
    "Mezzadri (2007)",
)
def orthogonal_init(gaussian): ...


@orthogonal_init.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(5, 5)),)
    yield (rng.normal(size=(7, 7)) * 3,)
    yield (np.abs(rng.normal(size=(3, 3))),)
    yield (rng.normal(size=(2, 2)),)
    yield (np.array([[-0.7]]),)
    yield (1e-4 * rng.normal(size=(3, 3)),)  # tiny: nothing may be added to a divisor


def _orthogonal(gaussian):
    Q, R = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(R))


@orthogonal_init.mistake(
    "You return Q as np.linalg.qr gives it, with signs that depend on the algorithm inside. Multiply each "
    "column of Q by the sign of R's diagonal entry.",
    credit=0.5,
)
def signs_left_open(gaussian):
    return np.linalg.qr(gaussian)[0]


@orthogonal_init.mistake(
    "You multiplied the rows of Q by the signs. They belong to the columns, because gaussian = Q R: column "
    "j of Q meets row j of R.",
    credit=0.5,
)
def signs_on_rows(gaussian):
    Q, R = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(R))[:, None]


@orthogonal_init.mistake(
    "You multiplied Q by the diagonal of R itself, so that it is no longer orthogonal. Take only the signs: "
    "np.sign."
)
def scaled_by_diagonal(gaussian):
    Q, R = np.linalg.qr(gaussian)
    return Q * np.diag(R)


@orthogonal_init.mistake("You returned R, the triangular factor. The orthogonal one is Q.")
def returns_triangle(gaussian):
    R = np.linalg.qr(gaussian).R
    return R * np.sign(np.diag(R))[:, None]


@orthogonal_init.mistake(
    "You made every column one long, but the columns are not perpendicular yet. QR does both.", credit=0.25
)
def only_normalised(gaussian):
    return gaussian / np.linalg.norm(gaussian, axis=0)


@orthogonal_init.mistake(
    "You took the orthogonal matrix nearest to gaussian (from its SVD). It is orthogonal and random too, "
    "but the one asked for is the Q of gaussian = Q R.",
    credit=0.75,
)
def nearest_orthogonal(gaussian):
    U, _, Vt = np.linalg.svd(gaussian)
    return U @ Vt


@orthogonal_init.mistake(
    "Your matrix is transposed: orthogonal as well, but the one asked for is Q, not Q.T.", credit=0.5
)
def orthogonal_transposed(gaussian):
    return _orthogonal(gaussian).T


@orthogonal_init.mistake(
    "You took the signs of Q's diagonal. The ones that make Q unique are those of R's diagonal.",
    credit=0.5,
)
def signs_of_q(gaussian):
    Q = np.linalg.qr(gaussian).Q
    return Q * np.sign(np.diag(Q))


@orthogonal_init.mistake(
    "You turned all of Q round. Each column has a sign of its own, that of R's diagonal entry.",
    credit=0.5,
)
def all_signs_turned(gaussian):
    return -np.linalg.qr(gaussian).Q


@orthogonal_init.mistake(
    "You split the transpose of gaussian. Orthogonal as well, but asked is the Q of gaussian = Q R.",
    credit=0.5,
)
def splits_transpose(gaussian):
    return _orthogonal(gaussian.T)


@orthogonal_init.mistake(
    "You returned R as np.linalg.qr gives it, the triangular factor. The orthogonal one is Q, with the "
    "signs of R's diagonal."
)
def returns_raw_triangle(gaussian):
    return np.linalg.qr(gaussian).R


@orthogonal_init.mistake(
    "You scaled gaussian by the root of H. Its lengths are right on average only; QR makes it exactly "
    "orthogonal."
)
def only_scaled(gaussian):
    return gaussian / np.sqrt(len(gaussian))


@orthogonal_init.mistake(
    "You made the determinant 1. What makes Q unique is a positive diagonal of R: multiply each column by "
    "the sign of its entry there.",
    credit=0.5,
)
def sign_of_determinant(gaussian):
    Q = np.linalg.qr(gaussian)[0]
    return Q * np.sign(np.linalg.det(Q))


@orthogonal_init.mistake(
    "You took absolute values of Q, which then is orthogonal no more. Turn whole columns: Q * "
    "np.sign(np.diag(R))."
)
def absolute_values(gaussian):
    return np.abs(np.linalg.qr(gaussian)[0])
