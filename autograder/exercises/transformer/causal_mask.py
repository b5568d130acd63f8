"""Lesson 16, causal_mask: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("mask",),
    hints=(
        "Row t is the query at step t, column s the key at step s. Step t may look at itself and at what "
        "lies before it.",
        "So mask[t, s] is s <= t: the lower triangle with its diagonal.",
        "One line: return np.tril(np.ones((T, T), dtype=bool))",
    ),
    source="Vaswani et al. (2017), section 3.2.3",
)
def causal_mask(T): ...


@causal_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from ((5,), (1,), (2,), *((int(T),) for T in rng.integers(7, 97, size=5)))


@causal_mask.mistake(
    "The mask is inverted: True means *may attend*. You allow the future and forbid the past."
)
def causal_mask_inverted(T):
    return np.triu(np.ones((T, T), dtype=bool), 1)


@causal_mask.mistake(
    "Rows and columns are swapped: row t is the query. As it stands, step t sees itself and the future."
)
def causal_mask_transposed(T):
    return np.triu(np.ones((T, T), dtype=bool))


@causal_mask.mistake(
    "The diagonal is missing: a step may look at itself. As it stands, step 0 has nothing to attend to."
)
def causal_mask_without_itself(T):
    return np.tril(np.ones((T, T), dtype=bool), -1)


@causal_mask.mistake("The diagonal is off by one: step t also sees step t + 1, the token it has to predict.")
def causal_mask_sees_next(T):
    return np.tril(np.ones((T, T), dtype=bool), 1)


@causal_mask.mistake("These are numbers. A mask is boolean here: compare, or give dtype=bool.", credit=0.5)
def causal_mask_of_numbers(T):
    return np.tril(np.ones((T, T)))


@causal_mask.mistake(
    "This is the additive kind of mask (0 and -inf). Ours is boolean, True = may attend.", credit=0.25
)
def causal_mask_additive(T):
    return np.where(np.tril(np.ones((T, T), dtype=bool)), 0.0, -np.inf)
