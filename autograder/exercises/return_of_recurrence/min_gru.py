"""Lesson 19, min_gru: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import starts_from_zeros
from autograder.exercises.loops import loops
from autograder.exercises.lstm.parts import np_sigmoid
from autograder.exercises.return_of_recurrence.parts import np_scan


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "Gate and candidate see the input alone: both can be made for all steps at once, before anything "
        "runs along the sequence.",
        "h_t = z_t h_{t-1} + (1 - z_t) n_t has the form of linear_scan. Which part is a, which is b?",
        "z = sigmoid(x @ W_z + b_z); n = x @ W_n + b_n; return linear_scan(z, (1 - z) * n, h0)",
    ),
    source="Feng, Tung, Ahmed, Bengio and Hajimirsadeghi (2024), Were RNNs All We Needed?",
)
def min_gru(x, h0, W_z, b_z, W_n, b_n): ...


def _case(rng, N, T, D, H, first=1.0):
    x = rng.normal(size=(N, T, D))
    x[0, 0] *= first
    matrices = rng.normal(size=(2, D, H))
    biases = rng.normal(size=(2, H))
    return (x, rng.normal(size=(N, H)), matrices[0], biases[0], matrices[1], biases[1])


@min_gru.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 2, 3, 5), (5, 1, 2, 3), (2, 11, 3, 3)):
        yield _case(rng, N, T, D, H)
    yield _case(rng, 2, 3, 5, 7, first=900.0)  # gates that are wide open or shut


def _np_min_gru(
    x, h0, W_z, b_z, W_n, b_n, *, gate=np_sigmoid, bend=lambda n: n, keep=lambda z: z, write=lambda z: 1 - z
):
    z, n = gate(x @ W_z + b_z), bend(x @ W_n + b_n)
    return np_scan(keep(z), write(z) * n, h0)


starts_from_zeros(min_gru, _np_min_gru, "h0")
loops(min_gru, _np_min_gru, ("x",), ("h0",))


@min_gru.mistake(
    "Your z is the other way round. In this course z *keeps*, as in lesson 10: h_t = z_t h_{t-1} + (1 - z_t) "
    "n_t. The paper of minGRU swaps the two.",
    credit=0.5,
)
def keeps_with_one_minus_z(*given):
    return _np_min_gru(*given, keep=lambda z: 1 - z, write=lambda z: z)


@min_gru.mistake(
    "There is a tanh on the candidate. Here n = x W_n + b_n as it stands: the state is a weighted mean of h0 "
    "and candidates, and cannot become larger than these.",
    credit=0.5,
)
def squashes_candidate(*given):
    return _np_min_gru(*given, bend=np.tanh)


@min_gru.mistake(
    "There is a tanh on the candidate, which has none here; and your z is the other way round: z *keeps*, "
    "h_t = z_t h_{t-1} + (1 - z_t) n_t.",
    credit=0.25,
)
def squashes_candidate_and_swaps_z(*given):
    return _np_min_gru(*given, bend=np.tanh, keep=lambda z: 1 - z, write=lambda z: z)


@min_gru.mistake(
    "The candidate goes through a sigmoid. Only the gate does: n = x W_n + b_n may be any number."
)
def candidate_through_sigmoid(*given):
    return _np_min_gru(*given, bend=np_sigmoid)


@min_gru.mistake("The gate lacks its sigmoid: z = sigmoid(x W_z + b_z) lies between 0 and 1.")
def gate_without_sigmoid(*given):
    return _np_min_gru(*given, gate=lambda s: s)


@min_gru.mistake("The gate goes through tanh. A gate is a share between 0 and 1: sigmoid.")
def gate_through_tanh(*given):
    return _np_min_gru(*given, gate=np.tanh)


@min_gru.mistake(
    "The candidate enters in full. What is kept and what is written add up to one: (1 - z_t) n_t."
)
def writes_in_full(*given):
    return _np_min_gru(*given, write=np.ones_like)


@min_gru.mistake(
    "The old state stays in full. It is scaled by its gate, z_t h_{t-1} + (1 - z_t) n_t, and the candidate "
    "n_t does not see it."
)
def keeps_in_full(*given):
    return _np_min_gru(*given, keep=np.ones_like)


@min_gru.mistake("Both are scaled by z: what is written is scaled by 1 - z_t.")
def writes_with_z(*given):
    return _np_min_gru(*given, write=lambda z: z)


@min_gru.mistake(
    "Weights of gate and candidate are exchanged: W_z and b_z make the gate z, W_n and b_n make n."
)
def weights_exchanged(x, h0, W_z, b_z, W_n, b_n):
    return _np_min_gru(x, h0, W_n, b_n, W_z, b_z)


@min_gru.mistake("The gate's bias b_z is missing: z = sigmoid(x W_z + b_z).", credit=0.5)
def gate_bias_missing(x, h0, W_z, b_z, W_n, b_n):
    return _np_min_gru(x, h0, W_z, 0 * b_z, W_n, b_n)


@min_gru.mistake("The candidate's bias b_n is missing: n = x W_n + b_n.", credit=0.5)
def candidate_bias_missing(x, h0, W_z, b_z, W_n, b_n):
    return _np_min_gru(x, h0, W_z, b_z, W_n, 0 * b_n)


@min_gru.mistake(
    "Your sigmoid overflows: exp of a large number is infinite, and inf / inf is nan. Use the sigmoid of "
    "lesson 09.",
    credit=0.5,
)
def gate_overflows(*given):
    return _np_min_gru(*given, gate=lambda s: np.exp(s) / (1 + np.exp(s)))


def _seeing(x, h0, W_z, b_z, W_n, b_n, *, candidate):
    h, states = h0, []
    for t in range(x.shape[1]):
        z = np_sigmoid(x[:, t] @ W_z + b_z + h)
        h = z * h + (1 - z) * (x[:, t] @ W_n + b_n + candidate * h)
        states.append(h)
    return np.stack(states, axis=1)


@min_gru.mistake(
    "Your gate sees the state. It is made from the input alone, sigmoid(x W_z + b_z): else no step could be "
    "prepared before the one before it is done."
)
def gate_sees_state(*given):
    return _seeing(*given, candidate=0)


@min_gru.mistake(
    "Gate and candidate see the state. Both are made from the input alone: that is what minGRU leaves out of "
    "a GRU."
)
def both_see_state(*given):
    return _seeing(*given, candidate=1)


@min_gru.mistake(
    "There is no memory: (1 - z_t) n_t is only what comes in. The old state is kept beside it, h_t = z_t "
    "h_{t-1} + (1 - z_t) n_t, from h0 on."
)
def no_memory(*given):
    return _np_min_gru(*given, keep=np.zeros_like)
