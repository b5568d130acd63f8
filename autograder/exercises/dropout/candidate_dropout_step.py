"""Lesson 11, candidate_dropout_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.dropout.draws import untied


@exercise(
    points=2,
    difficulty=2,
    minutes=8,
    returns=("h", "c"),
    hints=(
        "Of the two terms of c, one is memory and one is news. Only the news may be dropped.",
        "The mask multiplies g. The carried f * c_prev is left alone, and so is h = o * tanh(c).",
        "The body: c = f * c_prev + i * (g * mask); return o * np.tanh(c), c",
    ),
    source="Semeniuta, Severyn and Barth (2016), Recurrent Dropout without Memory Loss",
)
def candidate_dropout_step(i, f, g, o, c_prev, mask): ...


@candidate_dropout_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def gates(N, H):
        i, f, o = rng.uniform(size=(3, N, H))
        return i, f, rng.uniform(-1, 1, size=(N, H)), o, 2 * rng.normal(size=(N, H))

    yield *gates(3, 5), untied(rng, 1, 3, 5, 0.4)[0]
    yield *gates(2, 7), untied(rng, 1, 2, 7, 0.5)[0]
    yield *gates(2, 3), np.zeros((2, 3))
    yield *gates(1, 2), np.ones((1, 2))


@candidate_dropout_step.mistake(
    "You masked the carried memory: f * c_prev * mask. Over many steps nothing survives that (or everything "
    "explodes); mask only the candidate g.",
)
def masks_the_memory(i, f, g, o, c_prev, mask):
    c = f * c_prev * mask + i * g
    return o * np.tanh(c), c


@candidate_dropout_step.mistake(
    "You masked the new cell state as a whole, memory included; only the candidate g is masked."
)
def masks_the_sum(i, f, g, o, c_prev, mask):
    c = (f * c_prev + i * g) * mask
    return o * np.tanh(c), c


@candidate_dropout_step.mistake(
    "You masked the output h; here c's candidate is masked, and h = o * tanh(c) follows from c.", credit=0.25
)
def masks_the_output(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g
    return o * np.tanh(c) * mask, c


@candidate_dropout_step.mistake("The mask is not used: the candidate g becomes g * mask.")
def ignores_the_mask(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g
    return o * np.tanh(c), c


@candidate_dropout_step.mistake("The tanh around c is missing: h = o * tanh(c).", credit=0.5)
def no_tanh_on_c(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g * mask
    return o * c, c


@candidate_dropout_step.mistake(
    "The input and the forget gate are swapped: i lets the candidate in, f keeps the old memory."
)
def swaps_i_and_f(i, f, g, o, c_prev, mask):
    c = i * c_prev + f * g * mask
    return o * np.tanh(c), c


@candidate_dropout_step.mistake(
    "The mask multiplies h as well as g; h = o * tanh(c) follows from c and is left alone.", credit=0.25
)
def masks_the_output_too(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g * mask
    return o * np.tanh(c) * mask, c


@candidate_dropout_step.mistake(
    "You took the tanh of g once more: g is the candidate already, after its tanh.", credit=0.25
)
def tanh_of_g_again(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * np.tanh(g) * mask
    return o * np.tanh(c), c
