"""Lesson 13, sample_candidates: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("ids",),
    hints=(
        "Lay the probabilities end to end on the line from 0 to 1. Each uniform falls into one piece.",
        "Class k owns the numbers u with cdf[k-1] <= u < cdf[k], where cdf = np.cumsum(q). np.searchsorted "
        "finds the piece; which side belongs to an exact hit?",
        "The body: return np.minimum(np.searchsorted(np.cumsum(q), uniforms, side='right'), len(q) - 1)",
    ),
    source="Devroye (1986), Non-Uniform Random Variate Generation, section III.2",
)
def sample_candidates(q, uniforms): ...


@sample_candidates.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    q = rng.uniform(0.2, 1, size=7)
    yield q / q.sum(), rng.uniform(size=23)
    q = rng.uniform(0.2, 1, size=5)
    yield q / q.sum(), rng.uniform(size=11)
    # Uniforms on the borders, and classes that can never be drawn.
    q = np.array([0.0, *rng.permutation([0.5, 0.0, 0.25, 0.25])])
    yield q, rng.permutation([0.0, 0.25, 0.5, 0.75, *rng.uniform(size=2)])
    # Ten times 0.1 sums to less than the largest uniform.
    yield np.full(10, 0.1), np.array([np.nextafter(1.0, 0.0), *rng.uniform(size=2)])
    yield np.ones(1), np.array([0.0, 0.5])


def _inverse(q, uniforms):
    return np.minimum(np.searchsorted(np.cumsum(q), uniforms, side="right"), len(q) - 1)


@sample_candidates.mistake(
    "A uniform that hits a border belongs to the class above: use side='right' (yours can draw a class of "
    "probability 0).",
    credit=0.5,
)
def border_to_the_left(q, uniforms):
    return np.minimum(np.searchsorted(np.cumsum(q), uniforms), len(q) - 1)


@sample_candidates.mistake(
    "Rounding can leave the last cumulative sum just below 1, and then your id is V, which does not exist: "
    "clip to V - 1.",
    credit=0.75,
)
def not_clipped(q, uniforms):
    return np.searchsorted(np.cumsum(q), uniforms, side="right")


@sample_candidates.mistake("Your ids are one too large: classes are counted from 0.", credit=0.25)
def counts_from_one(q, uniforms):
    return _inverse(q, uniforms) + 1


@sample_candidates.mistake("You drew every class alike, floor(u V): q must decide how often a class comes.")
def ignores_q(q, uniforms):
    return (uniforms * len(q)).astype(int)


@sample_candidates.mistake(
    "You searched in q itself; lay the probabilities end to end first, with np.cumsum(q).", credit=0.25
)
def searches_q(q, uniforms):
    return np.minimum(np.searchsorted(q, uniforms, side="right"), len(q) - 1)


@sample_candidates.mistake(
    "You removed duplicates: the K draws are independent, and a frequent class may come several times.",
    credit=0.25,
)
def without_duplicates(q, uniforms):
    return np.unique(_inverse(q, uniforms))


@sample_candidates.mistake(
    "You took the most probable class every time; each uniform draws one class.",
)
def always_the_likeliest(q, uniforms):
    return np.full(len(uniforms), q.argmax())


@sample_candidates.mistake(
    "An argmax over `uniforms < cdf` gives class 0 where no entry is True: if rounding leaves the whole sum "
    "below u, take the last class.",
    credit=0.75,
)
def argmax_of_nothing(q, uniforms):
    return (uniforms[:, None] < np.cumsum(q)).argmax(axis=1)


@sample_candidates.mistake(
    "You took the class whose probability is nearest to u. Class k owns the piece of length q[k] that ends "
    "at np.cumsum(q)[k]: find the piece that u falls into."
)
def nearest_probability(q, uniforms):
    return np.abs(q[:, None] - uniforms).argmin(axis=0)


@sample_candidates.mistake(
    "Your ids are one too small. As many running sums as are <= u lie before its class, and that number is "
    "the id: nothing is subtracted.",
    credit=0.25,
)
def one_class_too_low(q, uniforms):
    return np.maximum(_inverse(q, uniforms) - 1, 0)
