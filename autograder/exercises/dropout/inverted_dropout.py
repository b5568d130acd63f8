"""Lesson 11, inverted_dropout: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import keeps_below

SRIVASTAVA = "Srivastava et al. (2014), Dropout: A Simple Way to Prevent Neural Networks from Overfitting"


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("y",),
    hints=(
        "Three things happen in training: decide what is kept, set the rest to zero, scale what is kept.",
        "keep = uniforms >= p is a boolean array with P(keep) = 1 - p. What factor restores the mean?",
        "The body: return np.where(uniforms >= p, x / (1 - p), 0.0) if training else x.copy()",
    ),
    source=SRIVASTAVA,
)
def inverted_dropout(x, uniforms, p, training): ...


@inverted_dropout.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(3, 5)), rng.uniform(size=(3, 5)), 0.3, True
    yield rng.normal(size=(2, 7, 5)), rng.uniform(size=(2, 7, 5)), 0.7, True
    yield rng.normal(size=(3, 7)), rng.uniform(size=(3, 7)), 0.4, False
    # Uniforms that hit p exactly: the boundary belongs to the kept ones.
    yield 1 + rng.uniform(size=(2, 4)), np.array([[0.0, 0.25, 0.5, 0.75], [0.75, 0.5, 0.25, 0.0]]), 0.25, True
    yield rng.normal(size=(1, 3)), rng.uniform(size=(1, 3)), 0.0, True


def _np_dropout(x, uniforms, p, training):
    return x * (uniforms >= p) / (1 - p) if training else x.copy()


keeps_below(inverted_dropout, _np_dropout, "Here a unit is kept where uniforms >= p.")


@inverted_dropout.mistake(
    "You set the dropped units to zero, but did not scale the kept ones up by 1 / (1 - p): the mean shrinks.",
    credit=0.25,
)
def no_scale(x, uniforms, p, training):
    return x * (uniforms >= p) if training else x.copy()


@inverted_dropout.mistake(
    "You divided the kept units by p, which is how likely a unit is to be dropped; divide by 1 - p, how "
    "likely it is to be kept."
)
def scaled_by_p(x, uniforms, p, training):
    return x * (uniforms >= p) / p if training else x.copy()


@inverted_dropout.mistake(
    "You multiplied the kept units by 1 - p; they must grow to make up for the missing ones: divide by 1 - p."
)
def scaled_down(x, uniforms, p, training):
    return x * (uniforms >= p) * (1 - p) if training else x.copy()


@inverted_dropout.mistake(
    "Keep and drop are confused: you kept the units whose uniform is below p. Here p is the chance to be "
    "dropped, so keep where uniforms >= p."
)
def keeps_what_should_drop(x, uniforms, p, training):
    return x * (uniforms < p) / (1 - p) if training else x.copy()


@inverted_dropout.mistake("A uniform equal to p counts as kept: compare with >=, not with >.", credit=0.75)
def strict_comparison(x, uniforms, p, training):
    return x * (uniforms > p) / (1 - p) if training else x.copy()


@inverted_dropout.mistake(
    "Your dropout is active at evaluation too: with training False, x comes back unchanged."
)
def active_at_evaluation(x, uniforms, p, training):
    return x * (uniforms >= p) / (1 - p)


@inverted_dropout.mistake(
    "You scaled at evaluation (the older, not inverted form): inverted dropout divides by 1 - p in training "
    "and leaves evaluation alone.",
    credit=0.25,
)
def scales_at_evaluation(x, uniforms, p, training):
    return x * (uniforms >= p) if training else x * (1 - p)


@inverted_dropout.mistake(
    "You used one sequence's uniforms for the whole batch; every row of x has uniforms of its own."
)
def shared_across_batch(x, uniforms, p, training):
    return x * (uniforms[:1] >= p) / (1 - p) if training else x.copy()


@inverted_dropout.mistake(
    "You divided by the share of units that happened to be kept; divide by the chance to be kept, 1 - p, "
    "which does not depend on the draw.",
    credit=0.25,
)
def scaled_by_the_kept_share(x, uniforms, p, training):
    keep = uniforms >= p
    return x * keep / keep.mean() if training else x.copy()


@inverted_dropout.mistake(
    "You divided the kept units by p, where it is not 0. Divide by 1 - p, how likely a unit is to be kept."
)
def scaled_by_p_where_there_is_one(x, uniforms, p, training):
    return _np_dropout(x, uniforms, p, training) * ((1 - p) / p if training and p else 1)
