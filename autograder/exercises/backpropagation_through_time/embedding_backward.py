"""Lesson 06, embedding_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("dE",),
    hints=(
        "Row v of the table was copied to every place where ids is v. What comes back to a row that was "
        "used three times?",
        "Add dx[n, t] to row ids[n, t], for all n and t. dE[ids] += dx does not do that: a row that occurs "
        "twice is written twice, not added twice.",
        "dE = np.zeros((V, dx.shape[-1])); np.add.at(dE, ids, dx); return dE",
    ),
    source="Bengio et al. (2003), A Neural Probabilistic Language Model",
)
def embedding_backward(ids, dx, V): ...


@embedding_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, V in ((2, 7, 3, 5), (3, 5, 2, 11), (5, 3, 2, 2)):
        ids = rng.integers(0, V, size=(N, T))
        ids[0, :3] = ids[-1, -1]  # one symbol occurs often, within and across sequences
        yield ids, rng.normal(size=(N, T, D)), V
    yield np.array([[3, 3, 1]]), rng.normal(size=(1, 3, 5)), 7
    yield np.array([[0]]), rng.normal(size=(1, 1, 2)), 3
    yield rng.integers(0, 5, size=(3, 2)), 20 * rng.normal(size=(3, 2, 7)), 5  # nothing is clipped here


@embedding_backward.mistake(
    "Writing to dE[ids] (with = or with +=) keeps only one gradient of a symbol that occurs several times: "
    "its row is written again, not added to. np.add.at(dE, ids, dx) adds every time."
)
def duplicates_overwrite(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    dE[ids] += dx
    return dE


@embedding_backward.mistake(
    "You averaged over a symbol's occurrences. Each use adds its gradient: it is a sum.", credit=0.5
)
def embedding_averaged(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids, dx)
    return dE / np.maximum(np.bincount(ids.ravel(), minlength=V), 1)[:, None]


@embedding_backward.mistake(
    "Only the first sequence of the batch reaches your table: add up over all N of them."
)
def embedding_first_sequence(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids[0], dx[0])
    return dE


@embedding_backward.mistake(
    "Only the last step reaches your table: every step looked a row up, so add up over all T of them."
)
def embedding_last_step(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids[:, -1], dx[:, -1])
    return dE


@embedding_backward.mistake(
    "Your table is transposed: the gradient has the shape of the table, one row of D numbers per symbol, "
    "(V, D).",
    credit=0.5,
)
def embedding_transposed(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids, dx)
    return dE.T


@embedding_backward.mistake(
    "Where two sequences have the same symbol at one step, only one gradient is kept: dE[ids[:, t]] += ... "
    "writes such a row twice. np.add.at(dE, ids, dx) adds every time."
)
def duplicates_of_a_step_overwrite(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    for t in range(ids.shape[1]):
        dE[ids[:, t]] += dx[:, t]
    return dE


@embedding_backward.mistake(
    "You averaged over all entries of the batch. The mean is in dx already: each use adds its gradient.",
    credit=0.5,
)
def embedding_divided_by_entries(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids, dx)
    return dE / ids.size


@embedding_backward.mistake(
    "Where a symbol occurs twice in one sequence, only one gradient is kept: dE[ids[n]] += ... writes such "
    "a row twice. np.add.at(dE, ids, dx) adds every time."
)
def duplicates_of_a_sequence_overwrite(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    for row, gradients in zip(ids, dx, strict=True):
        dE[row] += gradients
    return dE
