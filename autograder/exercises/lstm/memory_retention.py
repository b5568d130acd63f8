"""Lesson 09, memory_retention: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("retention",),
    hints=(
        "c_T = f_T c_{T-1} + ...: one factor per step that the memory still has to cross. How many steps "
        "does c_T itself have to cross?",
        "Row t is the product of the rows after it. The last row is 1. Divide nowhere: a gate may be "
        "exactly 0.",
        "One way: r = np.ones_like(f); for t in range(len(f) - 2, -1, -1): r[t] = r[t + 1] * f[t + 1]; "
        "return r",
    ),
    source="Gers, Schmidhuber and Cummins (2000), Learning to Forget",
)
def memory_retention(f): ...


@memory_retention.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for T, H in ((5, 3), (7, 2), (2, 5), (1, 3)):
        yield (rng.uniform(0.2, 1, size=(T, H)),)
    f = rng.uniform(0.5, 1, size=(11, 3))
    f[4, 1] = 0.0
    f[7, 2] = 0.0
    yield (f,)
    yield (np.ones((3, 2)),)


def _np_after(f):
    """Products of the rows t, t+1, ..., T-1."""
    return np.cumprod(f[::-1], axis=0)[::-1]


@memory_retention.mistake(
    "Your product starts one gate too early: going from c_t to c_T crosses f_{t+1}, ..., f_T, and not f_t, "
    "so the last row is 1."
)
def product_includes_own_gate(f):
    return _np_after(f)


@memory_retention.mistake(
    "This is the product from the beginning up to t. Asked is what remains of c_t at the *end*: the product "
    "of the gates after t."
)
def product_from_start(f):
    return np.cumprod(f, axis=0)


@memory_retention.mistake(
    "You divided the whole product by its beginning. A forget gate may be exactly 0, and 0 / 0 is nan: "
    "multiply from the end instead."
)
def divides_products(f):
    with np.errstate(all="ignore"):
        return np.prod(f, axis=0) / np.cumprod(f, axis=0)


@memory_retention.mistake(
    "You returned one gate per step, f_{t+1}. The memory crosses all later gates: multiply."
)
def next_gate_only(f):
    return np.concatenate([f[1:], np.ones_like(f[:1])])


@memory_retention.mistake("You added the gates; one scaling after another is a product.")
def adds_later_gates(f):
    return np.concatenate([np.cumsum(f[::-1], axis=0)[::-1][1:], np.ones_like(f[:1])])


@memory_retention.mistake(
    "You multiplied across the units (axis 1); time is axis 0, and every unit has its own."
)
def product_over_units(f):
    after = np.cumprod(f[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([after[:, 1:], np.ones_like(f[:, :1])], axis=1)


@memory_retention.mistake(
    "The products run in the wrong direction in time: row 0 has the longest way to go, the last row is 1."
)
def retention_reversed(f):
    return np.concatenate([_np_after(f)[1:], np.ones_like(f[:1])])[::-1]


@memory_retention.mistake("You multiplied 1 - f. A forget gate of 1 *keeps*, so f itself is what remains.")
def retention_of_one_minus_f(f):
    return np.concatenate([_np_after(1 - f)[1:], np.ones_like(f[:1])])
