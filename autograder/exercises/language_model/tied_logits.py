"""Lesson 18, tied_logits: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=1,
    difficulty=1,
    minutes=4,
    returns=("logits",),
    hints=(
        "A symbol's logit is the dot product of the state with that symbol's row of E.",
        "For all symbols at once: a matrix product, with E transposed so that the widths D meet.",
        "One line: return h @ E.T",
    ),
    source="Press and Wolf (2017), Using the Output Embedding to Improve Language Models",
)
def tied_logits(h, E): ...


@tied_logits.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, V in ((2, 3, 5, 7), (3, 2, 7, 5), (2, 3, 5, 5), (1, 1, 2, 3)):
        yield rng.normal(size=(N, T, D)), rng.normal(size=(V, D))
    yield 30 * rng.normal(size=(1, 2, 3)), 30 * rng.normal(size=(5, 3))


@tied_logits.mistake(
    "E is not transposed: a state of width D meets rows of width D in h @ E.T, whereas h @ E runs "
    "only where V is "
    "D."
)
def embedding_not_transposed(h, E):
    return h @ E


@tied_logits.mistake("Those are probabilities. Logits are asked for: no softmax.", credit=0.5)
def softmax_of_the_logits(h, E):
    return np_softmax(h @ E.T)


@tied_logits.mistake("Those are log-probabilities. Logits are asked for: the bare dot products.", credit=0.5)
def log_softmax_of_the_logits(h, E):
    return np.log(np_softmax(h @ E.T) + 1e-300)


@tied_logits.mistake("You divided by the root of the width. That belongs to attention's scores.", credit=0.5)
def logits_divided_by_root(h, E):
    return h @ E.T / np.sqrt(E.shape[1])


@tied_logits.mistake(
    "Only the last step comes back. Logits of all steps are asked for, (N, T, V).", credit=0.5
)
def last_step_only(h, E):
    return h[:, -1] @ E.T


@tied_logits.mistake("You brought the rows of E to length 1. The dot product takes them as they are.")
def rows_of_length_one(h, E):
    return h @ (E / np.linalg.norm(E, axis=1, keepdims=True)).T


@tied_logits.mistake("You compared directions (cosines). The dot product takes vectors as they are.")
def cosines(h, E):
    return (h / np.linalg.norm(h, axis=2, keepdims=True)) @ (E / np.linalg.norm(E, axis=1, keepdims=True)).T


@tied_logits.mistake("The last two axes are exchanged: (N, T, V), the symbols last.", credit=0.5)
def symbols_before_steps(h, E):
    return (h @ E.T).swapaxes(1, 2)


@tied_logits.mistake("The symbol with the largest logit is chosen. All V logits are asked for.")
def largest_only(h, E):
    return (h @ E.T).argmax(axis=2)
