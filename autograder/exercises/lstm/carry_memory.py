"""Lesson 09, carry_memory: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import starts_from_zeros
from autograder.exercises.loops import loops


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("c",),
    hints=(
        "What stays of the old memory? What is written? Add the two, and keep the sum for the next step.",
        "In step t: f[:, t] scales the memory that arrives, i[:, t] scales the candidate g[:, t].",
        "c_t = c0; then for t in range(f.shape[1]): c_t = f[:, t] * c_t + i[:, t] * g[:, t], and store c_t.",
    ),
    source="Gers, Schmidhuber and Cummins (2000), Learning to Forget",
)
def carry_memory(f, i, g, c0): ...


@carry_memory.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((2, 5, 3), (3, 7, 2), (1, 2, 5), (5, 1, 3)):
        f, i = rng.random(size=(2, N, T, H))
        yield f, i, rng.uniform(-1, 1, size=(N, T, H)), rng.normal(size=(N, H))
    gates = (rng.random(size=(2, 2, 11, 3)) < 0.5).astype(float)
    yield gates[0], gates[1], rng.uniform(-1, 1, size=(2, 11, 3)), 3 * rng.normal(size=(2, 3))


def _np_carry(keep, write, c0):
    c, states = c0, []
    for t in range(keep.shape[1]):
        c = keep[:, t] * c + write[:, t]
        states.append(c)
    return np.stack(states, axis=1)


def _np_right(f, i, g, c0):
    return _np_carry(f, i * g, c0)


starts_from_zeros(carry_memory, _np_right, "c0")
loops(carry_memory, _np_right, ("f", "i", "g"), ("c0",))


@carry_memory.mistake(
    "Your forget gate scales what is written as well, f * (c + i * g). It scales the old memory alone: f * c "
    "+ i * g."
)
def forgets_the_new(f, i, g, c0):
    return _np_carry(f, f * i * g, c0)


@carry_memory.mistake(
    "You took the forget gate of the step before, f[:, t - 1], which in step 0 is the last one of all. Step "
    "t has its own: f[:, t]."
)
def gate_of_the_step_before(f, i, g, c0):
    return _np_carry(np.roll(f, 1, axis=1), i * g, c0)


@carry_memory.mistake(
    "You added the gates, f + i. Each gate scales its own content: f * c, and i * g; then add."
)
def adds_gates(f, i, g, c0):
    return _np_carry(f + i, g, c0)


@carry_memory.mistake("You wrote i + g; the input gate *scales* the candidate: i * g.")
def adds_gate_and_candidate(f, i, g, c0):
    return _np_carry(f, i + g, c0)


@carry_memory.mistake(
    "Your two gates are swapped: the forget gate f scales the old memory, the input gate i scales what is "
    "new."
)
def swaps_gates(f, i, g, c0):
    return _np_carry(i, f * g, c0)


@carry_memory.mistake(
    "Your forget gate scales the previous *candidate*. It scales the previous memory c_{t-1}, which holds "
    "all that was ever written."
)
def forgets_previous_candidate(f, i, g, c0):
    before = np.concatenate([c0[:, None], g[:, :-1]], axis=1)
    return f * before + i * g


@carry_memory.mistake("The input gate is missing: i * g is written, not all of g.")
def writes_all(f, i, g, c0):
    return _np_carry(f, g, c0)


@carry_memory.mistake("The forget gate is missing: the old memory is scaled by f before the new is added.")
def forgets_nothing(f, i, g, c0):
    return _np_carry(np.ones_like(f), i * g, c0)


@carry_memory.mistake(
    "You used 1 - f. In this cell f = 1 *keeps* the memory and f = 0 erases it, so f multiplies c directly."
)
def forget_means_erase(f, i, g, c0):
    return _np_carry(1 - f, i * g, c0)


@carry_memory.mistake(
    "Your gate chooses between old and new, f * c + (1 - f) * g. Here the two gates are independent: f * c "
    "+ i * g."
)
def one_gate_for_both(f, i, g, c0):
    return _np_carry(f, (1 - f) * g, c0)
