"""Lesson 09, lstm_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import gate_order, starts_from_zeros
from autograder.exercises.loops import loops
from autograder.exercises.lstm.draws import sequence_case
from autograder.exercises.lstm.parts import np_gates, np_states, np_step


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("h", "c"),
    hints=(
        "As in lesson 04: one loop over time. Now two arrays travel from step to step: state and memory.",
        "Start with h_t, c_t = h0, c0. In round t your lstm_step turns x[:, t], h_t and c_t into the next "
        "pair; keep both in arrays of shape (N, T, H).",
        "In round t: h_t, c_t = lstm_step(x[:, t], h_t, c_t, W_xh, W_hh, b_h); h[:, t], c[:, t] = h_t, c_t",
    ),
    source="Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000)",
)
def lstm_forward(x, h0, c0, W_xh, W_hh, b_h): ...


@lstm_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield sequence_case(rng, N, T, D, H)
    yield sequence_case(rng, 2, 11, 1, 3, gain=3.0)
    yield sequence_case(rng, 3, 2, 5, 3, first=900.0)


starts_from_zeros(lstm_forward, np_states, "h0", "c0")
loops(lstm_forward, np_states, ("x",), ("h0", "c0"))
gate_order(lstm_forward, np_states, "ifgo", "ifog", "figo")


@lstm_forward.mistake("The memory is never updated: every step starts from c0. Keep c_t for the next round.")
def memory_stuck(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, _, *weights):
        return np_step(x_t, h, c0, *weights)

    return np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake(
    "The state is never updated: the gates of every step see h0. Keep h_t for the next round."
)
def state_stuck(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, _, c, *weights):
        return np_step(x_t, h0, c, *weights)

    return np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake(
    "The gates of your next step read the memory c. Only h leaves the cell: h_t @ W_hh, and c stays inside."
)
def gates_read_memory(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, c, *weights):
        h, c = np_step(x_t, h, c, *weights)
        shown.append(h)
        return c, c

    shown = []
    _, c = np_states(x, h0, c0, W_xh, W_hh, b_h, step)
    return np.stack(shown, axis=1), c


@lstm_forward.mistake("The bias enters only the first step. It belongs into every step's sum.")
def bias_once(x, h0, c0, W_xh, W_hh, b_h):
    first = np_states(x[:, :1], h0, c0, W_xh, W_hh, b_h)
    rest = [first]
    if x.shape[1] > 1:
        rest.append(np_states(x[:, 1:], first[0][:, 0], first[1][:, 0], W_xh, W_hh, np.zeros_like(b_h)))
    return tuple(np.concatenate(part, axis=1) for part in zip(*rest, strict=True))


@lstm_forward.mistake("The bias is missing from the sums.", credit=0.5)
def forward_without_bias(x, h0, c0, W_xh, W_hh, b_h):
    return np_states(x, h0, c0, W_xh, W_hh, np.zeros_like(b_h))


@lstm_forward.mistake(
    "Your h_t shows the memory of the step before. Make c_t first, then h_t = o_t * tanh(c_t)."
)
def shows_old_memory(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, c, *weights):
        i, f, g, o = np_gates(x_t, h, *weights)
        return o * np.tanh(c), f * c + i * g

    return np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake("The tanh on c is missing in h: h_t = o_t * tanh(c_t).", credit=0.5)
def forward_shows_raw_memory(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, c, *weights):
        i, f, g, o = np_gates(x_t, h, *weights)
        c = f * c + i * g
        return o * c, c

    return np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake(
    "In your loop h and c change places: a step returns h first, then c, and takes them in this order, too."
)
def swaps_states_in_loop(x, h0, c0, W_xh, W_hh, b_h):
    h, c, states, memories = h0, c0, [], []
    for t in range(x.shape[1]):
        c, h = np_step(x[:, t], h, c, W_xh, W_hh, b_h)
        states.append(h)
        memories.append(c)
    return np.stack(states, axis=1), np.stack(memories, axis=1)


@lstm_forward.mistake("The bias is added twice, in x @ W_xh + b_h before the loop and again in each step.")
def bias_added_twice(x, h0, c0, W_xh, W_hh, b_h):
    return np_states(x, h0, c0, W_xh, W_hh, 2 * b_h)


@lstm_forward.mistake("You exchanged h0 and c0: h0 enters the first step's gates, c0 is its memory.")
def exchanges_starts(x, h0, c0, W_xh, W_hh, b_h):
    return np_states(x, c0, h0, W_xh, W_hh, b_h)
