"""Lesson 13, sparse_embedding_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=8,
    returns=("E",),
    hints=(
        "Only the rows named in ids change, and a row named twice changes twice.",
        "E[ids] -= ... forgets repetitions: NumPy reads all rows first and writes the last value. np.add.at "
        "does not.",
        "The body: E = E.copy(); np.add.at(E, ids, -lr * dx); return E",
    ),
    source="Mikolov et al. (2013), Distributed Representations of Words and Phrases",
)
def sparse_embedding_step(E, ids, dx, lr): ...


@sparse_embedding_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(11, 3)), np.array([4, 1, 4, 7, 4]), rng.normal(size=(5, 3)), 0.3
    yield rng.normal(size=(7, 2)), np.array([0, 6, 0]), rng.normal(size=(3, 2)), 0.05
    yield rng.normal(size=(5, 3)), np.array([2, 2]), rng.normal(size=(2, 3)), 1.5
    yield rng.normal(size=(2, 3)), np.array([1]), rng.normal(size=(1, 3)), 0.1


@sparse_embedding_step.mistake(
    "Duplicates overwrite each other: E[ids] -= lr * dx moves a row once, however often it occurs. Use "
    "np.add.at.",
    credit=0.5,
)
def repeated_rows_overwrite(E, ids, dx, lr):
    E = E.copy()
    E[ids] -= lr * dx
    return E


@sparse_embedding_step.mistake(
    "The sign is flipped: step against the gradient, E - lr * gradient.", credit=0.25
)
def steps_uphill(E, ids, dx, lr):
    E = E.copy()
    np.add.at(E, ids, lr * dx)
    return E


@sparse_embedding_step.mistake(
    "You averaged a row's gradients over its occurrences; they add up.", credit=0.25
)
def averages_duplicates(E, ids, dx, lr):
    E, counts = E.copy(), np.bincount(ids, minlength=len(E))
    np.add.at(E, ids, -lr * dx / counts[ids][:, None])
    return E


@sparse_embedding_step.mistake("The learning rate is missing: move by lr times the gradient.", credit=0.25)
def no_learning_rate(E, ids, dx, lr):
    E = E.copy()
    np.add.at(E, ids, -dx)
    return E


@sparse_embedding_step.mistake(
    "You added the whole batch's gradient to every row named in ids; row ids[n] gets dx[n] alone."
)
def whole_batch_to_each(E, ids, dx, lr):
    E = E.copy()
    E[ids] -= lr * dx.sum(axis=0)
    return E


@sparse_embedding_step.mistake("Every row of E moved; only the rows named in ids do, each by its own dx.")
def moves_all_rows(E, ids, dx, lr):
    return E - lr * dx.sum(axis=0)


@sparse_embedding_step.mistake(
    "You divided by the number of words in the batch; the gradients dx are summed as they are.", credit=0.25
)
def divides_by_the_batch(E, ids, dx, lr):
    E = E.copy()
    np.add.at(E, ids, -lr * dx / len(ids))
    return E


@sparse_embedding_step.mistake(
    "That is the movement alone; return the new table, the old one plus its movement.", credit=0.25
)
def returns_the_movement(E, ids, dx, lr):
    moved = np.zeros_like(E)
    np.add.at(moved, ids, -lr * dx)
    return moved
