"""Lesson 10, cifg_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import gate_order
from autograder.exercises.gru.draws import STEP_SIZES, step_case
from autograder.exercises.lstm.parts import np_sigmoid


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h", "c"),
    hints=(
        "An LSTM that writes exactly as much as it forgets: one gate instead of two.",
        "Three blocks, f, g, o. Wherever the LSTM has i, put 1 - f. There is still a memory c and a state h.",
        "c = f * c_prev + (1 - f) * g; return o * np.tanh(c), c",
    ),
    source="Greff et al. (2017), LSTM: A Search Space Odyssey: coupled input and forget gate (CIFG)",
)
def cifg_step(x, h_prev, c_prev, W_xh, W_hh, b_h): ...


@cifg_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in STEP_SIZES:
        x, h_prev, *weights = step_case(rng, N, D, H)[:5]
        yield (x, h_prev, 1.5 * rng.normal(size=(N, H)), *weights)
    x, h_prev, *weights = step_case(rng, 3, 2, 5, scale=900.0)[:5]
    yield (x, h_prev, rng.normal(size=(3, 5)), *weights)


def _np_coupled(x, h_prev, W_xh, W_hh, b_h):
    f, g, o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 3, axis=-1)
    return np_sigmoid(f), np.tanh(g), np_sigmoid(o)


def _np_right(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c


gate_order(cifg_step, _np_right, "fgo", "fog")


@cifg_step.mistake("The candidate g went through a sigmoid. It is content and may be negative: tanh.")
def cifg_candidate_sigmoid(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = map(np_sigmoid, np.split(x @ W_xh + h_prev @ W_hh + b_h, 3, axis=-1))
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c


@cifg_step.mistake(
    "The candidate is scaled by 1 - f twice. Once is enough, so that memory and candidate have weights that "
    "add up to 1."
)
def cifg_gated_twice_by_the_rest(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) ** 2 * g
    return o * np.tanh(c), c


@cifg_step.mistake(
    "You gated twice: (1 - f) * (f * g) or the like. The candidate is scaled by 1 - f alone, so that memory "
    "and candidate have weights that add up to 1."
)
def gated_twice(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * f * g
    return o * np.tanh(c), c


@cifg_step.mistake("You wrote all of g. It is scaled by 1 - f: as much room as was made by forgetting.")
def cifg_writes_all(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + g
    return o * np.tanh(c), c


@cifg_step.mistake(
    "Your f is the other way round: f keeps the memory, 1 - f lets the candidate in.", credit=0.5
)
def cifg_swapped(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = (1 - f) * c_prev + f * g
    return o * np.tanh(c), c


@cifg_step.mistake("Old and new get the same weight f in your answer; the candidate's weight is 1 - f.")
def cifg_same_weight(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + f * g
    return o * np.tanh(c), c


@cifg_step.mistake(
    "You mixed h_prev with the candidate, as a GRU does. This cell is an LSTM: f * c_prev + (1 - f) * g."
)
def cifg_mixes_state(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * h_prev + (1 - f) * g
    return o * np.tanh(c), c


@cifg_step.mistake("The tanh on c is missing in h: h = o * tanh(c).", credit=0.5)
def cifg_without_tanh(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * g
    return o * c, c


@cifg_step.mistake("The output gate is missing: h = o * tanh(c), not tanh(c).")
def cifg_shows_all(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, _ = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * g
    return np.tanh(c), c
