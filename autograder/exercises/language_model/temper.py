"""Lesson 18, temper: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_largest
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("p",),
    hints=(
        "One division before the softmax, and one case by itself: temperature 0.",
        "np.eye(V)[logits.argmax(axis=1)] has a 1 at each row's first largest logit. For tiny temperatures "
        "subtract each row's largest logit before you divide.",
        "if temperature == 0: return np.eye(logits.shape[1])[logits.argmax(axis=1)]; return "
        "softmax((logits - "
        "logits.max(axis=1, keepdims=True)) / temperature)",
    ),
    source="Ackley, Hinton and Sejnowski (1985), A Learning Algorithm for Boltzmann Machines",
)
def temper(logits, temperature): ...


@temper.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(3, 5)), 0.7
    yield 2 * rng.normal(size=(2, 7)), 1.9
    yield rng.normal(size=(5, 3)), 0
    yield rng.normal(size=(2, 3)), 1.0
    level = float(rng.integers(997))
    yield level + np.array([[2.0, 5.0, 5.0, 1.0], [7.0, 0.0, 7.0, 7.0]]), 0  # of equals the first
    yield level + np.array([[2.0, 5.0, 5.0, 1.0]]), 0.5
    yield 900 + rng.normal(size=(2, 5)), 0.9  # too large for an exponential
    yield rng.normal(size=(2, 5)) + np.array([[0], [-900]]), 1e-3
    yield rng.normal(size=(1, 1)), 3.0


def _np_temper(logits, temperature, at_zero=np_largest, scale=lambda t: 1 / t, softmax=np_softmax):
    return at_zero(logits) if temperature == 0 else softmax(logits * scale(temperature))


@temper.mistake("You multiplied by the temperature. Divide: a low one makes the differences larger.")
def multiplied_by_temperature(*given):
    return _np_temper(*given, scale=lambda t: t)


@temper.mistake("The temperature is not used: divide the logits by it.")
def temperature_not_used(*given):
    return _np_temper(*given, scale=lambda t: 1)


@temper.mistake("You divided by the square of the temperature. Divide by it once.")
def temperature_squared(*given):
    return _np_temper(*given, scale=lambda t: 1 / t**2)


@temper.mistake(
    "At temperature 0 you divide by zero. Treat it by itself: all probability on the largest logit.",
    credit=0.5,
)
def divided_by_zero(*given):
    return _np_temper(*given, at_zero=lambda logits: np.full(logits.shape, np.nan))


@temper.mistake(
    "At temperature 0 the probabilities are shared by several largest logits. The first of them has it all.",
    credit=0.5,
)
def shared_by_equals(*given):
    def shared(logits):
        top = logits == logits.max(axis=1, keepdims=True)
        return top / top.sum(axis=1, keepdims=True)

    return _np_temper(*given, at_zero=shared)


@temper.mistake(
    "At temperature 0 every largest logit gets probability 1. The first of them has it all, the rest 0.",
    credit=0.5,
)
def all_equals_get_one(*given):
    return _np_temper(*given, at_zero=lambda logits: 1.0 * (logits == logits.max(axis=1, keepdims=True)))


@temper.mistake("At temperature 0 you take the last of several largest logits. It is the first.", credit=0.5)
def last_of_equals(*given):
    return _np_temper(*given, at_zero=lambda logits: np_largest(logits[:, ::-1])[:, ::-1])


@temper.mistake(
    "At temperature 0 the symbol's number comes back. Probabilities are asked for, (N, V): 1 at that symbol.",
    credit=0.5,
)
def number_of_the_largest(*given):
    return _np_temper(*given, at_zero=lambda logits: logits.argmax(axis=1))


@temper.mistake(
    "Temperature 0 gives the plain softmax. All probability belongs on the largest logit.", credit=0.5
)
def zero_taken_for_one(*given):
    return _np_temper(*given, at_zero=np_softmax)


@temper.mistake(
    "At temperature 0 all logits became equal. All probability belongs on the largest logit.", credit=0.5
)
def uniform_at_zero(*given):
    return _np_temper(*given, at_zero=lambda logits: np.full(logits.shape, 1 / logits.shape[1]))


@temper.mistake(
    "You divided the probabilities, after the softmax: they no longer add up to 1. Divide the logits."
)
def probabilities_divided(*given):
    return np_largest(given[0]) if given[1] == 0 else np_softmax(given[0]) / given[1]


@temper.mistake(
    "Large logits, or a tiny temperature, overflow: subtract each row's largest logit before "
    "the exponential.",
    credit=0.5,
)
def tempered_overflow(*given):
    return _np_temper(*given, softmax=lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))


@temper.mistake("The softmax runs over the batch. Each row's probabilities add up to 1: axis 1.")
def softmax_over_the_batch(*given):
    return _np_temper(*given, softmax=lambda z: np_softmax(z, axis=0))


@temper.mistake("One softmax runs over all rows together. Each row's probabilities add up to 1: axis=1.")
def softmax_over_everything(*given):
    return _np_temper(*given, softmax=lambda z: np_softmax(z, axis=None))


@temper.mistake("Those are tempered logits. Probabilities are asked for: take the softmax.", credit=0.25)
def softmax_missing(*given):
    return _np_temper(*given, softmax=lambda z: z)
