"""Lesson 19, combine: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("a", "b"),
    hints=(
        "Write the first step into the second one, and sort by h.",
        "a_2 * (a_1 * h + b_1) + b_2: what stands before h, and what is left?",
        "return a_1 * a_2, a_2 * b_1 + b_2",
    ),
    source="Blelloch (1990), Prefix Sums and Their Applications, section 1.4",
)
def combine(a_1, b_1, a_2, b_2): ...


@combine.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for shape in ((2, 5, 3), (7,), (3, 3), (2, 3, 1)):
        yield tuple(rng.normal(size=(4, *shape)))
    a_1, a_2 = rng.permutation([0.0, 1.0, 0.0, 1.0, -1.0]), np.array([0.0, 0.0, 1.0, 1.0, 0.5])
    yield (a_1, rng.normal(size=5), a_2, rng.normal(size=5))


@combine.mistake(
    "You took the steps in the other order: step 1 comes first, so step 2 acts on its result, "
    "a_2 * (a_1 * h + b_1) + b_2."
)
def steps_exchanged(a_1, b_1, a_2, b_2):
    return a_1 * a_2, a_1 * b_2 + b_1


@combine.mistake(
    "Your b_1 does not go through step 2: whatever step 1 leaves, b_1 with it, is multiplied by a_2. "
    "b = a_2 * b_1 + b_2."
)
def b_1_not_carried(a_1, b_1, a_2, b_2):
    return a_1 * a_2, b_1 + b_2


@combine.mistake("Your factor lacks a_1: h is multiplied by a_1 first and by a_2 then, a = a_1 * a_2.")
def a_1_left_out(a_1, b_1, a_2, b_2):
    return a_2, a_2 * b_1 + b_2


@combine.mistake("Your factor lacks a_2: h is multiplied by a_1 first and by a_2 then, a = a_1 * a_2.")
def a_2_left_out(a_1, b_1, a_2, b_2):
    return a_1, a_2 * b_1 + b_2


@combine.mistake("The factors are added. One multiplication after the other is a product: a = a_1 * a_2.")
def factors_added(a_1, b_1, a_2, b_2):
    return a_1 + a_2, a_2 * b_1 + b_2


@combine.mistake("Nothing of b_2 is in your b: step 2 adds it at the end, b = a_2 * b_1 + b_2.")
def b_2_missing(a_1, b_1, a_2, b_2):
    return a_1 * a_2, a_2 * b_1


@combine.mistake(
    "Nothing of b_1 is in your b: step 1 adds it, and step 2 multiplies it by a_2, b = a_2 * b_1 + b_2."
)
def b_1_missing(a_1, b_1, a_2, b_2):
    return a_1 * a_2, b_2 + 0


@combine.mistake(
    "You multiplied b_2 by a_2 as well. A step multiplies what it finds and then adds: a_2 * b_1 + b_2."
)
def b_2_multiplied(a_1, b_1, a_2, b_2):
    return a_1 * a_2, a_2 * (b_1 + b_2)


@combine.mistake(
    "You multiplied b_1 by a_1. Step 1 adds it *after* its multiplication; what is still to come is a_2: "
    "b = a_2 * b_1 + b_2."
)
def b_1_through_a_1(a_1, b_1, a_2, b_2):
    return a_1 * a_2, a_1 * b_1 + b_2


@combine.mistake(
    "You multiplied b_1 by both factors, a_1 * a_2. It was added after a_1 had done its work: only a_2 is "
    "still to come."
)
def b_1_through_both(a_1, b_1, a_2, b_2):
    return a_1 * a_2, a_1 * a_2 * b_1 + b_2
