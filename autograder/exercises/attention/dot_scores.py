"""Lesson 15, dot_scores: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.attention.parts import np_dot
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("scores",),
    hints=(
        "For each sentence n and each of its states t, one number: the dot product of s[n] with states[n, "
        "t].",
        "Sum over the last axis, H, and keep N and T apart. s needs a time axis to be multiplied with "
        "states: s[:, None].",
        "One line: return (states * s[:, None]).sum(axis=-1), or as a matrix product: return (states @ s[:, "
        ":, None])[:, :, 0]",
    ),
    source=(
        "Luong, Pham and Manning (2015), Effective Approaches to Attention-based Neural Machine Translation"
    ),
)
def dot_scores(s, states): ...


@dot_scores.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((2, 5, 3), (3, 2, 7), (1, 1, 2), (5, 5, 5)):
        yield rng.normal(size=(N, H)), rng.normal(size=(N, T, H))


@dot_scores.mistake(
    "The products are not summed: a dot product adds up over H, and leaves one number per state."
)
def products_not_summed(s, states):
    return states * s[:, None]


@dot_scores.mistake("You summed over time (axis 1). The dot product sums over H, the last axis.")
def summed_over_time(s, states):
    return (states * s[:, None]).sum(axis=1)


@dot_scores.mistake(
    "Every sentence is scored with the first sentence's query. Sentence n has its own query, s[n]."
)
def first_query_for_all(s, states):
    return states @ s[0]


@dot_scores.mistake(
    "You divided by the square root of H. That belongs to lesson 16; the plain dot product has scale 1.",
    credit=0.5,
)
def scaled_scores(s, states):
    return np_dot(s, states) / np.sqrt(s.shape[1])


@dot_scores.mistake(
    "You divided by the lengths of both vectors: that is the cosine. The plain dot product keeps the lengths."
)
def cosine_scores(s, states):
    norms = np.linalg.norm(s, axis=-1)[:, None] * np.linalg.norm(states, axis=-1)
    return np_dot(s, states) / norms


@dot_scores.mistake("You took the softmax already. Return the scores themselves; the softmax comes next.")
def softmax_already(s, states):
    return np_softmax(np_dot(s, states))


@dot_scores.mistake(
    "Plain squeeze() drops every axis of length 1, so a batch of one sentence, or a sentence of one word, "
    "loses an axis too. Name the one to drop: squeeze(2), or [:, :, 0]."
)
def squeezed_everything(s, states):
    return (states @ s[:, :, None]).squeeze()


@dot_scores.mistake(
    "The product with s[:, :, None] is (N, T, 1). Drop its last axis, [:, :, 0]: a score is one number."
)
def last_axis_kept(s, states):
    return states @ s[:, :, None]
