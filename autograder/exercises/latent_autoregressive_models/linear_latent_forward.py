"""Lesson 03, linear_latent_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import starts_from_zeros
from autograder.exercises.loops import loops


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("y",),
    hints=(
        "Two equations per step: first the state moves on and takes in the input, then the output is read "
        "from the new state.",
        "Start with h = h0 (N, H). In round t: h = h @ A + x[:, t] @ B, and the output of that step is h @ "
        "C, of shape (N, M).",
        "outputs, h = [], h0; for t in range(x.shape[1]): h = h @ A + x[:, t] @ B; outputs.append(h @ C); "
        "return np.stack(outputs, axis=1)",
    ),
    source="Kalman (1960), A New Approach to Linear Filtering and Prediction Problems",
)
def linear_latent_forward(x, h0, A, B, C): ...


@linear_latent_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    sizes = ((2, 5, 3, 7, 11), (3, 7, 2, 5, 1), (1, 3, 5, 2, 3), (5, 1, 2, 3, 7), (2, 13, 1, 3, 2))
    for N, T, D, H, M in sizes:
        A = rng.normal(size=(H, H)) / np.sqrt(H)
        weights = (A, rng.normal(size=(D, H)), rng.normal(size=(H, M)))
        yield (rng.normal(size=(N, T, D)), rng.normal(size=(N, H)), *weights)
    shift = np.eye(3, k=1)  # a memory of the last three inputs: its matrix has a single eigenvector
    whole = rng.integers(-3, 3, size=(2, 7, 3))
    yield (whole, rng.normal(size=(2, 3)), shift, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)))


def _linear_states(x, h, A, B):
    """The states as a list of T arrays (N, H)."""
    states = []
    for t in range(x.shape[1]):
        h = h @ A + x[:, t] @ B
        states.append(h)
    return states


def _np_forward(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, A, B), axis=1) @ C


starts_from_zeros(linear_latent_forward, _np_forward, "h0")
loops(linear_latent_forward, _np_forward, ("x",), ("h0",), "stores_before_step", "keeps_start")


@linear_latent_forward.mistake(
    "The old state stays beside what A makes of it: `h += h @ A + ...` adds. The new state replaces the old "
    "one, h = h @ A + x[:, t] @ B."
)
def linear_adds_up(x, h0, A, B, C):
    return _np_forward(x, h0, A + np.eye(len(A)), B, C)


@linear_latent_forward.mistake(
    "You used A transposed. A state is a row here, so it stands on the left: h @ A, no transpose."
)
def linear_transposed(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, A.T, B), axis=1) @ C


@linear_latent_forward.mistake(
    "The output is read before the state has taken in the input: y_t = h_t C with the *new* state h_t.",
    credit=0.5,
)
def reads_old_state(x, h0, A, B, C):
    return np.stack([h0, *_linear_states(x, h0, A, B)[:-1]], axis=1) @ C


@linear_latent_forward.mistake("These are the states. The outputs are read from them: multiply by C.")
def returns_states(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, A, B), axis=1)


@linear_latent_forward.mistake("There is no memory: the old state, times A, must enter each step.")
def linear_without_memory(x, h0, A, B, C):
    return x @ B @ C


@linear_latent_forward.mistake(
    "A is missing: the old state enters unchanged. It moves on by itself first: h @ A + x[:, t] @ B."
)
def linear_without_transition(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, np.eye(len(A)), B), axis=1) @ C


@linear_latent_forward.mistake(
    "The state runs on from one sequence into the next. The sequences of a batch have nothing to do with "
    "each other: each starts from its own row, h0[n]."
)
def linear_runs_on(x, h0, A, B, C):
    y, h = np.empty((*x.shape[:2], C.shape[1])), h0[0]
    for n in range(len(x)):
        for t in range(x.shape[1]):
            h = h @ A + x[n, t] @ B
            y[n, t] = h @ C
    return y


@linear_latent_forward.mistake(
    "All sequences start from h0[0]. Each has a start of its own: h0 is (N, H), one row per sequence."
)
def linear_one_start(x, h0, A, B, C):
    return np.stack(_linear_states(x, np.broadcast_to(h0[0], h0.shape), A, B), axis=1) @ C


@linear_latent_forward.mistake(
    "Your loop counts sequences: len(x) is N. Steps lie along axis 1, so it is for t in range(x.shape[1])."
)
def linear_counts_sequences(x, h0, A, B, C):
    outputs, h = [], h0
    for t in range(len(x)):
        h = h @ A + x[:, t] @ B
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)


@linear_latent_forward.mistake(
    "You squashed the state with tanh. This model is linear: that is the next lesson's step, not this one's."
)
def squashes_state(x, h0, A, B, C):
    outputs, h = [], h0
    for t in range(x.shape[1]):
        h = np.tanh(h @ A + x[:, t] @ B)
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)


@linear_latent_forward.mistake(
    "The input goes through A as well: A moves the old state only, h_t = h_{t-1} A + x_t B."
)
def input_through_transition(x, h0, A, B, C):
    outputs, h = [], h0
    for t in range(x.shape[1]):
        h = (h + x[:, t] @ B) @ A
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)
