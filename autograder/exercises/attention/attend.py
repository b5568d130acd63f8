"""Lesson 15, attend: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.attention.draws import far_below, masks, query_and_states
from autograder.exercises.attention.parts import np_attend, np_dot, np_masked_softmax
from autograder.exercises.families import inverted_mask, own_softmax
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("context", "weights"),
    hints=(
        "Three steps: score every state, turn the scores into weights, add the states up with these weights.",
        "weights (N, T) needs a last axis to be multiplied with states (N, T, H); then sum over time.",
        "weights = masked_softmax(dot_scores(s, states), mask); return (weights[:, :, None] * "
        "states).sum(axis=1), weights",
    ),
    source="Luong, Pham and Manning (2015), section 3.1",
)
def attend(s, states, mask): ...


@attend.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((3, 5, 2), (2, 7, 3), (5, 3, 7), (1, 3, 2), (1, 1, 11)):
        yield *query_and_states(rng, N, T, H), masks(rng, N, T)
    nothing = masks(rng, 2, 3)
    nothing[1] = False
    yield *query_and_states(rng, 2, 3, 5), nothing
    yield *far_below(rng, 3, 5, 2), masks(rng, 3, 5)
    s, states = query_and_states(rng, 3, 3, 2)
    s[:, 0], states[:, :, 0] = 1, [[0], [1000], [-1000]]  # scores far apart from row to row
    yield s, states, np.tile([True, True, False], (3, 1))


inverted_mask(attend, np_attend, "mask")
own_softmax(attend, lambda softmax: lambda *given: np_attend(*given, softmax=softmax))


@attend.mistake("You took the average of the states, not their sum: the weights add up to 1 already.")
def average_instead_of_sum(s, states, mask):
    context, weights = np_attend(s, states, mask)
    return context / states.shape[1], weights


@attend.mistake(
    "You picked the one state with the largest weight. The context is the weighted sum of all of them; "
    "picking has no gradient to learn from."
)
def picks_the_strongest(s, states, mask):
    _, weights = np_attend(s, states, mask)
    return states[np.arange(len(s)), weights.argmax(axis=1)], weights


@attend.mistake(
    "You divided the scores by the square root of H. Here the scale is 1; lesson 16 says why it changes."
)
def attends_with_scale(s, states, mask):
    return np_attend(s, states, mask, scale=1 / np.sqrt(s.shape[1]))


@attend.mistake("The mask is not used: the context mixes in states that stand at padding.")
def attends_to_padding(s, states, mask):
    return np_attend(s, states, np.ones_like(mask))


@attend.mistake("The scores are used as weights as they are. They need the masked softmax first.")
def scores_as_weights(s, states, mask):
    scores = np_dot(s, states) * mask
    return np.einsum("nt,nth->nh", scores, states), scores


@attend.mistake("The weighted states are not added up: the sum over time is missing.")
def weighted_but_not_summed(s, states, mask):
    _, weights = np_attend(s, states, mask)
    return weights[:, :, None] * states, weights


@attend.mistake(
    "Your weights are 1 for the strongest state and 0 for all others. Keep the softmax's weights: the "
    "context is a mixture, and picking has no gradient to learn from."
)
def weights_of_one_and_zero(s, states, mask):
    _, weights = np_attend(s, states, mask)
    weights = np.eye(states.shape[1])[weights.argmax(axis=1)]
    return np.einsum("nt,nth->nh", weights, states), weights


@attend.mistake(
    "The scores are used as weights, and the mask not at all: masked_softmax(scores, mask) is missing."
)
def softmax_and_mask_missing(s, states, mask):
    scores = np_dot(s, states)
    return np.einsum("nt,nth->nh", scores, states), scores


@attend.mistake(
    "The second result should be the weights, after the softmax. You return the scores.", credit=0.5
)
def scores_returned(s, states, mask):
    context, _ = np_attend(s, states, mask)
    return context, np_dot(s, states)


@attend.mistake("A masked score of 0 still gets exp(0) = 1 as its share. Use masked_softmax, which hides it.")
def masked_scores_of_zero(s, states, mask):
    weights = np_softmax(np_dot(s, states) * mask)
    return np.einsum("nt,nth->nh", weights, states), weights


@attend.mistake(
    "You zeroed the masked weights after the softmax, so the rows no longer add up to 1. "
    "masked_softmax(scores, mask) shares the whole among the allowed."
)
def masked_weights_of_zero(s, states, mask):
    weights = np_softmax(np_dot(s, states)) * mask
    return np.einsum("nt,nth->nh", weights, states), weights


@attend.mistake(
    "The softmax runs over the batch. The weights of each sentence add up to 1 over its states, axis 1."
)
def weights_over_the_batch(s, states, mask):
    return np_attend(s, states, mask, softmax=lambda scores, mask: np_masked_softmax(scores.T, mask.T).T)


@attend.mistake(
    "The weights are right, but your context mixes the states with the scores. Mix them with the weights.",
    credit=0.5,
)
def context_of_scores(s, states, mask):
    _, weights = np_attend(s, states, mask)
    return np.einsum("nt,nth->nh", np.where(mask, np_dot(s, states), 0), states), weights
