"""Lesson 03, predict_next: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.latent_autoregressive_models.draws import _rows


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("probabilities",),
    hints=(
        "Where will the hidden state be one step from now? And what would it emit from there?",
        "belief (S,) @ A (S, S) is the belief about the next state, (S,). Each next state j emits symbol v "
        "with probability B[j, v]: average over j.",
        "The whole body: return belief @ A @ B",
    ),
    source="Rabiner (1989), A Tutorial on Hidden Markov Models",
)
def predict_next(belief, A, B): ...


@predict_next.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for S, V in ((3, 5), (2, 7), (5, 2)):
        yield (_rows(rng, S), _rows(rng, S, S), _rows(rng, S, V))
    yield (np.array([0.0, 1.0, 0.0]), _rows(rng, 3, 3), _rows(rng, 3, 2))


@predict_next.mistake(
    "You forgot that time passes: this is what the *current* state would emit. Move the belief first: "
    "belief @ A."
)
def emits_from_now(belief, A, B):
    return belief @ B


@predict_next.mistake(
    "You used A transposed: A[i, j] goes from i to j, so the belief stands on the left, belief @ A."
)
def next_transposed(belief, A, B):
    return A @ belief @ B


@predict_next.mistake(
    "You committed to the likeliest state and dropped the doubt. Average the rows of B over the whole belief."
)
def likeliest_state_only(belief, A, B):
    return B[np.argmax(belief @ A)]


@predict_next.mistake(
    "You committed to the likeliest state *before* moving it. Move the whole belief, then average the rows "
    "of B."
)
def commits_before_move(belief, A, B):
    return A[np.argmax(belief)] @ B


@predict_next.mistake(
    "This is the belief about the next *state*, (S,). The answer is about the next symbol, (V,): go on with "
    "@ B."
)
def next_state_only(belief, A, B):
    return belief @ A


@predict_next.mistake("You moved two steps ahead: one transition lies between this symbol and the next.")
def two_steps_ahead(belief, A, B):
    return belief @ A @ A @ B


@predict_next.mistake("This is the likeliest symbol. All V probabilities are asked for.")
def likeliest_symbol(belief, A, B):
    return int(np.argmax(belief @ A @ B))
