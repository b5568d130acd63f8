"""Lesson 08, clip_by_value: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.stabilising_training.parts import global_norm


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("clipped",),
    hints=(
        "Each entry for itself: what is above limit becomes limit, what is below -limit becomes -limit.",
        "NumPy has a function of this name; build a new list with it.",
        "return [np.clip(g, -limit, limit) for g in grads]",
    ),
    source="Mikolov (2012), Statistical language models based on neural networks",
)
def clip_by_value(grads: list, limit): ...


@clip_by_value.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield [rng.normal(size=(3, 5)) * 2, rng.normal(size=7) * 2], 1.0
    yield [rng.normal(size=(2, 3)) * 0.1, rng.normal(size=(5, 2)) * 0.1], 3.0
    yield [np.array([3.0, 4.0]), np.array([-12.0])], 5.0
    yield [rng.normal(size=(2, 2, 3)) * 1000], 0.5


@clip_by_value.mistake(
    "You scaled by the norm. Clipping by value treats each entry for itself and leaves those within the "
    "limit alone."
)
def value_clip_by_norm(grads, limit):
    norm = global_norm(grads)
    return [g * (limit / max(norm, limit)) for g in grads]


@clip_by_value.mistake(
    "You clipped from above only: very negative entries pass. Both sides count, [-limit, limit].", credit=0.5
)
def upper_side_only(grads, limit):
    return [np.minimum(g, limit) for g in grads]


@clip_by_value.mistake(
    "You lost the sign: negative entries come out positive. The range is [-limit, limit].", credit=0.25
)
def sign_lost(grads, limit):
    return [np.minimum(np.abs(g), limit) for g in grads]


@clip_by_value.mistake(
    "You set entries beyond the limit to zero. Clipping moves them to the limit and keeps their sign."
)
def zeroes_the_large(grads, limit):
    return [np.where(np.abs(g) > limit, 0.0, g) for g in grads]


@clip_by_value.mistake(
    "You scaled each array so that its largest entry meets the limit. Here entries within the limit stay as "
    "they are."
)
def scales_by_largest(grads, limit):
    return [g * min(1.0, limit / np.abs(g).max()) for g in grads]


@clip_by_value.mistake(
    "Your lower end is 0, so that every negative entry vanishes. The range is [-limit, limit].", credit=0.25
)
def clips_at_zero(grads, limit):
    return [np.clip(g, 0, limit) for g in grads]


@clip_by_value.mistake(
    "Very negative entries jump to +limit: you compared the absolute value, and then forgot the sign. They "
    "move to -limit.",
    credit=0.25,
)
def negative_to_upper_limit(grads, limit):
    return [np.where(np.abs(g) > limit, limit, g) for g in grads]


@clip_by_value.mistake("You moved every entry to a limit. Those within [-limit, limit] stay as they are.")
def everything_to_the_limit(grads, limit):
    return [np.sign(g) * limit for g in grads]
