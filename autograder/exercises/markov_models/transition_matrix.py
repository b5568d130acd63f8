"""Lesson 02, transition_matrix: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("P",),
    hints=(
        "Row i answers one question: after symbol i, what comes next? What must its entries add up to?",
        "Add alpha to every count first, then divide each row by its own new sum: counts + alpha, and a sum "
        "over axis 1 with keepdims=True.",
        "smoothed = counts + alpha; return smoothed / smoothed.sum(axis=1, keepdims=True)",
    ),
    source="Lidstone (1920); Jurafsky and Martin (2009), Speech and Language Processing, section 4.5",
)
def transition_matrix(counts, alpha): ...


@transition_matrix.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.integers(0, 9, size=(3, 3)), 0.5
    yield rng.integers(0, 30, size=(7, 7)).astype(float), 2.0
    yield rng.integers(1, 9, size=(2, 2)) + np.array([[0, 2], [5, 0]]), 0.0
    yield np.array([[0, 0, 0, 0, 0], [3, 1, 0, 0, 2], [0, 0, 7, 0, 0], [1, 2, 3, 4, 5], [0, 2, 0, 9, 0]]), 0.1
    yield np.array([[0, 0], [0, 4]]), 1.0
    counts = rng.integers(1, 30, size=(5, 5))
    counts[[0, 1, 3], [2, 1, 0]] = 0
    yield counts, 0.0  # what never occurred stays impossible
    yield counts * (np.arange(5) != 2)[:, None], 1e-7  # a row of next to nothing is a row like any other


@transition_matrix.mistake(
    "Your columns add up to one. A row holds what may follow one symbol, so each row is divided by its own "
    "sum: sum(axis=1, keepdims=True)."
)
def columns_normalised(counts, alpha):
    smoothed = counts + alpha
    return smoothed / smoothed.sum(axis=0)


@transition_matrix.mistake(
    "Your row sums lie along the wrong axis: without keepdims=True, sum(axis=1) has shape (V,) and "
    "broadcasts over the columns, so that column j is divided by the sum of row j."
)
def keepdims_missing(counts, alpha):
    smoothed = counts + alpha
    return smoothed / smoothed.sum(axis=1)


@transition_matrix.mistake(
    "You divided by the sum of the whole table, which gives the probability of a pair. For what follows a "
    "symbol, divide each row by its own sum."
)
def whole_table_normalised(counts, alpha):
    smoothed = counts + alpha
    return smoothed / smoothed.sum()


def _shares(counts):
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)


@transition_matrix.mistake(
    "You added alpha after normalising: the rows no longer add up to one. Add it to the counts, then divide "
    "by the new row sums."
)
def smoothed_after_normalising(counts, alpha):
    return _shares(counts) + alpha


@transition_matrix.mistake(
    "You divided first and added alpha to the shares: the rows no longer add up to one, and a symbol "
    "without any successor gives 0/0. Add alpha to every count, then divide by the new row sums."
)
def alpha_added_to_the_shares(counts, alpha):
    with np.errstate(all="ignore"):
        return counts / counts.sum(axis=1, keepdims=True) + alpha


@transition_matrix.mistake(
    "You gave alpha only to the pairs that never occurred. Every count gets it, or a pair seen once is less "
    "likely than one never seen as soon as alpha is above 1.",
    credit=0.25,
)
def only_zeros_smoothed(counts, alpha):
    smoothed = np.where(counts == 0, alpha, counts)
    return smoothed / smoothed.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You normalised, added alpha, and normalised again: alpha then weighs as much against one count as "
    "against a thousand. Add alpha to the counts themselves, so that evidence outweighs it.",
    credit=0.25,
)
def normalised_twice(counts, alpha):
    P = _shares(counts) + alpha
    return _shares(P)


@transition_matrix.mistake(
    "The denominator lacks alpha: a row has grown by alpha * V in all. Divide by the sum of the smoothed "
    "counts.",
    credit=0.25,
)
def denominator_unsmoothed(counts, alpha):
    with np.errstate(all="ignore"):
        return (counts + alpha) / counts.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You added alpha to the row sum only once. Each of the V entries of a row grew by alpha, so its sum "
    "grew by alpha * V.",
    credit=0.25,
)
def denominator_smoothed_once(counts, alpha):
    with np.errstate(all="ignore"):
        return (counts + alpha) / (counts.sum(axis=1, keepdims=True) + alpha)


@transition_matrix.mistake(
    "You did not use alpha: pairs that never occurred keep probability zero, and a symbol without any "
    "successor gives 0/0. Add alpha to every count first."
)
def no_smoothing(counts, alpha):
    with np.errstate(all="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You wrote the probabilities into an array of integers (np.zeros_like of the counts), which cuts them "
    "off to 0. Make a float array: np.zeros(counts.shape).",
    credit=0.25,
)
def cut_to_integers(counts, alpha):
    P = np.zeros_like(counts)
    for i, row in enumerate(counts):
        P[i] = (row + alpha) / (row + alpha).sum()
    return P


@transition_matrix.mistake(
    "You add alpha to the caller's counts in place, `counts += alpha`: that changes them for everybody, and "
    "cannot be done to integers at all. Write smoothed = counts + alpha.",
    credit=0.25,
)
def counts_changed_in_place(counts, alpha):
    counts += alpha
    return counts / counts.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You took a softmax of the counts. Shares are counts divided by their row's sum; nothing is "
    "exponentiated."
)
def softmax_of_counts(counts, alpha):
    grown = np.exp(counts + alpha - counts.max())
    return grown / grown.sum(axis=1, keepdims=True)


@transition_matrix.mistake(
    "You smoothed the empty rows alone. Add alpha to every count, in every row.", credit=0.25
)
def smooths_only_empty_rows(counts, alpha):
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), 1 / len(counts))


@transition_matrix.mistake(
    "Two slips: you divided each column by its sum, where a row is one distribution, and you added alpha to "
    "the shares, where it belongs to the counts."
)
def columns_and_alpha_afterwards(counts, alpha):
    with np.errstate(all="ignore"):
        return counts / counts.sum(axis=0) + alpha
