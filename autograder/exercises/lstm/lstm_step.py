"""Lesson 09, lstm_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import gate_order
from autograder.exercises.lstm.draws import STEP_SIZES, step_case
from autograder.exercises.lstm.parts import np_gates, np_parts, np_sigmoid, np_step


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h", "c"),
    hints=(
        "First the memory, then what is shown of it.",
        "c = f * c_prev + i * g; the output gate then decides how much of tanh(c), the *new* memory, is "
        "shown.",
        "i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h); c = f * c_prev + i * g; return o * "
        "np.tanh(c), c",
    ),
    source="Gers, Schmidhuber and Cummins (2000), Learning to Forget",
)
def lstm_step(x, h_prev, c_prev, W_xh, W_hh, b_h): ...


@lstm_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in STEP_SIZES:
        yield step_case(rng, *sizes)
    yield step_case(rng, 3, 2, 5, scale=900.0)


gate_order(lstm_step, np_step, "ifgo", "ifog")


@lstm_step.mistake("The candidate g went through a sigmoid. It is content and may be negative: tanh.")
def step_sigmoid_on_candidate(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = map(np_sigmoid, np_parts(x, h_prev, W_xh, W_hh, b_h))
    c = f * c_prev + i * g
    return o * np.tanh(c), c


@lstm_step.mistake("The tanh on c is missing in h: h = o * tanh(c).", credit=0.5)
def step_without_tanh(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + i * g
    return o * c, c


@lstm_step.mistake(
    "Input and forget gate are swapped: f scales the old memory c_prev, i scales the candidate g."
)
def step_swaps_gates(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = i * c_prev + f * g
    return o * np.tanh(c), c


@lstm_step.mistake("You wrote i + g. The input gate scales the candidate: i * g.")
def step_adds_gate(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (i + g)
    return o * np.tanh(c), c


@lstm_step.mistake("You added the gates themselves, f + i. Each scales its own content: f * c_prev + i * g.")
def step_adds_gates(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, _, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f + i
    return o * np.tanh(c), c


@lstm_step.mistake("Your h shows the *old* memory: h = o * tanh(c) with the c that you have just made.")
def step_shows_old_memory(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    return o * np.tanh(c_prev), f * c_prev + i * g


@lstm_step.mistake("The output gate is missing: h = o * tanh(c), not tanh(c).")
def step_without_output_gate(x, h_prev, c_prev, W_xh, W_hh, b_h):
    _, c = np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)
    return np.tanh(c), c


@lstm_step.mistake("The results are in the wrong order: return h first, then c.", credit=0.5)
def step_returns_memory_first(x, h_prev, c_prev, W_xh, W_hh, b_h):
    return np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)[::-1]


@lstm_step.mistake(
    "Your memory forgets the previous *state*, f * h_prev. What the forget gate scales is the memory c_prev."
)
def step_forgets_state(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * h_prev + i * g
    return o * np.tanh(c), c


@lstm_step.mistake(
    "You returned tanh(c) as the memory. The tanh is for h alone: c goes on as it is, f * c_prev + i * g."
)
def squashes_memory(x, h_prev, c_prev, W_xh, W_hh, b_h):
    h, c = np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)
    return h, np.tanh(c)


@lstm_step.mistake(
    "Your gates look at the memory: c_prev stands where h_prev belongs. The gates see the state, h_prev @ "
    "W_hh."
)
def gates_see_memory(x, h_prev, c_prev, W_xh, W_hh, b_h):
    return np_step(x, c_prev, c_prev, W_xh, W_hh, b_h)


@lstm_step.mistake(
    "You wrote 1 - f in place of i. That is another cell; here the input gate is its own: f * c_prev + i * g."
)
def couples_gates(x, h_prev, c_prev, W_xh, W_hh, b_h):
    _, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c


@lstm_step.mistake(
    "The output gate stands inside the tanh. It scales what is shown: h = o * tanh(c).", credit=0.5
)
def gates_inside_tanh(x, h_prev, c_prev, W_xh, W_hh, b_h):
    o = np_gates(x, h_prev, W_xh, W_hh, b_h)[3]
    _, c = np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)
    return np.tanh(o * c), c


@lstm_step.mistake("The input gate is missing: i * g is written, not all of g.")
def writes_all(x, h_prev, c_prev, W_xh, W_hh, b_h):
    _, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + g
    return o * np.tanh(c), c
