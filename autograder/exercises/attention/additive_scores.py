"""Lesson 15, additive_scores: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=2,
    difficulty=2,
    minutes=12,
    returns=("scores",),
    hints=(
        "A tiny network with one hidden layer looks at a pair (query, state) and says one number.",
        "s @ W_s is (N, A), states @ W_m is (N, T, A): give the first a time axis, add, squash, and "
        "multiply by v.",
        "One line: return np.tanh((s @ W_s)[:, None] + states @ W_m) @ v",
    ),
    source="Bahdanau, Cho and Bengio (2015), appendix A.1.2",
)
def additive_scores(s, states, W_s, W_m, v): ...


@additive_scores.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H, A in ((2, 5, 3, 7), (3, 2, 5, 2), (1, 3, 2, 2), (1, 1, 5, 3), (5, 3, 2, 1)):
        yield (
            rng.normal(size=(N, H)),
            rng.normal(size=(N, T, H)),
            rng.normal(size=(H, A)),
            rng.normal(size=(H, A)),
            rng.normal(size=A),
        )


@additive_scores.mistake(
    "The tanh is missing. Without it the query adds the same number to every score, and the softmax ignores "
    "it."
)
def additive_without_tanh(s, states, W_s, W_m, v):
    return ((s @ W_s)[:, None] + states @ W_m) @ v


@additive_scores.mistake(
    "W_s and W_m are swapped: W_s belongs to the query s, W_m to the memory, the states."
)
def matrices_swapped(s, states, W_s, W_m, v):
    return np.tanh((s @ W_m)[:, None] + states @ W_s) @ v


@additive_scores.mistake("You squash each part by itself. Add the two first, then take one tanh of the sum.")
def tanh_of_each_part(s, states, W_s, W_m, v):
    return (np.tanh(s @ W_s)[:, None] + np.tanh(states @ W_m)) @ v


@additive_scores.mistake("The vector v is missing: you added up the hidden units with equal weights.")
def sum_instead_of_v(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m).sum(axis=-1)


@additive_scores.mistake("The tanh comes too late: it squashes the hidden layer, not the score.")
def tanh_of_the_score(s, states, W_s, W_m, v):
    return np.tanh(((s @ W_s)[:, None] + states @ W_m) @ v)


@additive_scores.mistake(
    "The query is missing: the scores depend on the states alone, so every query would look alike."
)
def query_missing(s, states, W_s, W_m, v):
    return np.tanh(states @ W_m) @ v


@additive_scores.mistake(
    "The two parts are multiplied. In additive attention they are added, hence the name."
)
def parts_multiplied(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] * (states @ W_m)) @ v


@additive_scores.mistake(
    "The product with v is missing: you return the hidden layer (N, T, A). hidden @ v makes one number of it."
)
def hidden_layer_returned(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m)


@additive_scores.mistake(
    "You multiplied by v, but did not add up: a score is a dot product with v, one number per state. With @ "
    "v the sum over A comes by itself."
)
def additive_products_not_summed(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m) * v


@additive_scores.mistake("You use W_s for both. The states have a matrix of their own, W_m.")
def query_matrix_for_both(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_s) @ v


@additive_scores.mistake("You took the softmax already. The scores alone are asked for.")
def additive_softmax_already(s, states, W_s, W_m, v):
    return np_softmax(np.tanh((s @ W_s)[:, None] + states @ W_m) @ v)


@additive_scores.mistake("You divided by the square root of A. Additive scores are not scaled.", credit=0.5)
def additive_scaled(s, states, W_s, W_m, v):
    return np.tanh((s @ W_s)[:, None] + states @ W_m) @ v / np.sqrt(len(v))


@additive_scores.mistake(
    "Every sentence is scored with the first sentence's query. Sentence n has its own, s[n]."
)
def additive_first_query_for_all(s, states, W_s, W_m, v):
    return np.tanh(s[0] @ W_s + states @ W_m) @ v
