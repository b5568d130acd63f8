"""Lesson 19, state_space: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.loops import loops
from autograder.exercises.return_of_recurrence.draws import decays
from autograder.exercises.return_of_recurrence.parts import (
    np_decay,
    np_read,
    np_state_space,
    np_states,
    np_write,
)


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("y",),
    hints=(
        "h = a h + b once more, with states of S entries for each of D channels. What is a, and what is b?",
        "a = discretise(A, delta) and b = delta x B are both (N, T, D, S): (delta * x)[..., None] * B[:, :, "
        "None]. linear_scan wants three axes: reshape the last two into D * S, and back. Then C weighs the S "
        "entries of every channel.",
        "a = discretise(A, delta); b = (delta * x)[..., None] * B[:, :, None]; h = linear_scan(a.reshape(N, "
        "T, -1), b.reshape(N, T, -1), np.zeros((N, D * S))).reshape(a.shape); return np.einsum("
        "'ntds,nts->ntd', h, C)",
    ),
    source="Gu and Dao (2023), Mamba: Linear-Time Sequence Modeling with Selective State Spaces, algorithm 2",
)
def state_space(x, A, B, C, delta): ...


@state_space.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(N, T, D, S):
        B, C = rng.normal(size=(2, N, T, S))
        return rng.normal(size=(N, T, D)), decays(rng, D, S), B, C, rng.uniform(0.1, 1.5, size=(N, T, D))

    for sizes in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 3, 2), (2, 11, 1, 3), (2, 3, 5, 5)):
        yield given(*sizes)
    x, A, B, C, delta = given(2, 5, 3, 2)
    delta[:, 2], delta[0, 3] = 0, 50  # a step that is passed over, and one that forgets what was before
    yield x, A, B, C, delta


loops(
    state_space,
    np_state_space,
    ("x", "B", "C", "delta"),
    (),
    "never_updated",
    "stores_before_step",
    "keeps_start",
)


@state_space.mistake(
    "Nothing is handed on: every step starts from zeros again. The state goes on to the next."
)
def nothing_handed_on(x, A, B, C, delta):
    return np_read(np_write(x, B, delta), C)


@state_space.mistake(
    "The input is not scaled by delta. A long step takes in more than a short one: what enters is delta B x.",
    credit=0.25,
)
def input_without_delta(x, A, B, C, delta):
    return np_state_space(x, A, B, C, delta, write=lambda x, B, delta: np_write(x, B, np.ones_like(delta)))


@state_space.mistake(
    "The exponential is missing: the old state is multiplied by exp(delta A), not by delta A."
)
def exp_missing_in_state(x, A, B, C, delta):
    return np_state_space(x, A, B, C, delta, decay=lambda A, delta: delta[..., None] * A)


@state_space.mistake("The old state is multiplied by 1 + delta A. It is exp(delta A): use discretise.")
def eulers_step_in_state(x, A, B, C, delta):
    return np_state_space(x, A, B, C, delta, decay=lambda A, delta: 1 + delta[..., None] * A)


@state_space.mistake("The sign is flipped: A holds the minus already. exp(delta A), not exp(-delta A).")
def state_grows(x, A, B, C, delta):
    return np_state_space(x, -A, B, C, delta)


@state_space.mistake("The factor lacks delta: the old state is multiplied by exp(delta A).")
def factor_without_delta(x, A, B, C, delta):
    return np_state_space(x, A, B, C, delta, decay=lambda A, delta: np_decay(A, np.ones_like(delta)))


@state_space.mistake(
    "All channels fade alike: you use one row of A, or their mean, for all. Each channel has its own, A[d]."
)
def one_row_for_all(x, A, B, C, delta):
    return np_state_space(x, np.broadcast_to(A[0], A.shape), B, C, delta)


@state_space.mistake("All channels use the mean of A's rows. Each channel has a row of its own, A[d].")
def mean_row_for_all(x, A, B, C, delta):
    return np_state_space(x, np.broadcast_to(A.mean(axis=0), A.shape), B, C, delta)


def _firsts(array):
    return np.broadcast_to(array[:, :1], array.shape)


@state_space.mistake("B stands still: every step uses B[:, 0]. It is selected anew at each step, B[:, t].")
def first_b(x, A, B, C, delta):
    return np_state_space(x, A, _firsts(B), C, delta)


@state_space.mistake("C stands still: every step uses C[:, 0]. It is selected anew at each step, C[:, t].")
def first_c(x, A, B, C, delta):
    return np_state_space(x, A, B, _firsts(C), delta)


@state_space.mistake(
    "Your delta stands still: every step uses delta[:, 0]. Each step has its own, delta[:, t]."
)
def first_delta_for_all(x, A, B, C, delta):
    return np_state_space(x, A, B, C, _firsts(delta))


@state_space.mistake("C is missing: the output is the sum of the state's entries weighted by C.")
def c_missing(x, A, B, C, delta):
    return np_state_space(x, A, B, np.ones_like(C), delta)


@state_space.mistake("B is missing: the input enters the entries of the state as delta B x.")
def b_missing(x, A, B, C, delta):
    return np_state_space(x, A, np.ones_like(B), C, delta)


@state_space.mistake("B and C are exchanged: B says how the input enters, C what is read from the state.")
def b_and_c_exchanged(x, A, B, C, delta):
    return np_state_space(x, A, C, B, delta)


@state_space.mistake(
    "The output is read before the state has taken in the input: y_t is read from the *new* state h_t.",
    credit=0.5,
)
def reads_before(x, A, B, C, delta):
    h = np_states(np_decay(A, delta), np_write(x, B, delta))
    return np_read(np.concatenate([np.zeros_like(h[:, :1]), h[:, :-1]], axis=1), C)


@state_space.mistake(
    "The input fades in the step in which it comes: a (h + b). Only the old state does: a h + b.", credit=0.25
)
def input_fades(x, A, B, C, delta):
    a = np_decay(A, delta)
    return np_read(np_states(a, a * np_write(x, B, delta)), C)


@state_space.mistake(
    "You discretised B exactly, (exp(delta A) - 1) / A. Here, as in Mamba's code, the input enters simply as "
    "delta B x.",
    credit=0.5,
)
def exact_hold(x, A, B, C, delta):
    a = np_decay(A, delta)
    return np_read(np_states(a, (a - 1) / A * B[:, :, None] * x[..., None]), C)


@state_space.mistake(
    "All channels write into one state. Each of the D channels has a state of its own, of S entries."
)
def channels_share(x, A, B, C, delta):
    b = np_write(x, B, delta)
    return np_read(np_states(np_decay(A, delta), np.broadcast_to(b.sum(2, keepdims=True), b.shape)), C)


@state_space.mistake(
    "Your delta multiplies the input twice. It enters once: delta B x, beside the one in exp(delta A).",
    credit=0.25,
)
def delta_twice(x, A, B, C, delta):
    return np_state_space(x, A, B, C, delta, write=lambda x, B, delta: np_write(delta * x, B, delta))


@state_space.mistake("Your x is missing: what enters the state is delta B x, not delta B alone.")
def x_missing(x, A, B, C, delta):
    return np_state_space(np.ones_like(x), A, B, C, delta)
