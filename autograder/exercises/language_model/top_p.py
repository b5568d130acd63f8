"""Lesson 18, top_p: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_placed, np_ranked, np_top_p, np_whole


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("p",),
    hints=(
        "Sort each row from the most probable symbol on. A symbol is kept if those ahead of it do not have "
        "the mass yet.",
        "order = np.argsort(-p, axis=1, kind='stable'), ranked = np.take_along_axis(p, order, axis=1). What "
        "those ahead have is ranked.cumsum(axis=1) - ranked. np.put_along_axis writes back to the symbols' "
        "own places. Divide by the row's sum.",
        "kept = np.zeros(p.shape); np.put_along_axis(kept, order, np.where(before < mass, "
        "ranked, 0), axis=1); "
        "return kept / kept.sum(axis=1, keepdims=True)",
    ),
    source="Holtzman et al. (2020), The Curious Case of Neural Text Degeneration, section 3.1",
)
def top_p(p, mass): ...


def _scattered(rng: np.random.Generator, *rows: list) -> np.ndarray:
    """The rows' probabilities (N, 13) at places of their own among symbols that never come."""
    p = np.zeros((len(rows), 13))
    for n, row in enumerate(rows):
        p[n, rng.choice(13, size=len(row), replace=False)] = row
    return p


def _short_of_one(rng: np.random.Generator, V: int) -> np.ndarray:
    """Probabilities (V,) whose sum, from the largest on, ends below 1 by rounding."""
    while np.sort(p := rng.dirichlet(np.ones(V)))[::-1].cumsum()[-1] >= 1:
        pass
    return p


@top_p.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.dirichlet(np.ones(7), size=3), 0.7
    yield rng.dirichlet(np.full(11, 0.7), size=5), 0.9
    yield rng.dirichlet(np.ones(5), size=2), 0.35
    yield _scattered(rng, [0.125, 0.5, 0.25, 0.125], [0.25, 0.125, 0.125, 0.5]), 0.75  # reached exactly
    yield _scattered(rng, [0.125, 0.25, 0.25, 0.25, 0.125]), 0.5  # three are equal, two are enough
    yield _scattered(rng, [0.0625, 0.25, 0.25, 0.25, 0.1875], [0.25, 0.25, 0.25, 0.25, 0.0]), 0.45
    yield _scattered(rng, [0.5, 0.125, 0.0, 0.375], [0.0, 0.0, 1.0, 0.0]), 1.0
    yield _short_of_one(rng, 13)[None], 1.0
    yield _scattered(rng, [0.25, 0.625, 0.125]), 0.01
    yield np.ones((2, 1)), 0.5
    yield rng.permutation(np.append(0.99, np.full(11, 0.01 / 11)))[None], 0.95


def _np_nucleus(p, mass, kept):
    """The symbols for which `kept(ranked, reached)` holds, `reached` being the sum up to and with each."""
    order, ranked = np_ranked(p)
    return np_placed(order, np.where(kept(ranked, ranked.cumsum(axis=1)), ranked, 0))


@top_p.mistake(
    "The symbol that crosses the mass is left out: without it the mass is not reached. Keep it too.",
    credit=0.25,
)
def crossing_symbol_left_out(p, mass):
    first = np.arange(p.shape[1]) == 0
    return np_whole(_np_nucleus(p, mass, lambda ranked, reached: (reached <= mass) | first))


@top_p.mistake(
    "The symbol that crosses the mass is left out, and where it is the first one nothing is left: keep "
    "symbols until the mass is reached.",
    credit=0.25,
)
def nothing_left(p, mass):
    return np_whole(_np_nucleus(p, mass, lambda ranked, reached: reached <= mass))


@top_p.mistake("What is kept does not add up to 1: divide each row by its sum.", credit=0.5)
def not_renormalised(p, mass):
    return _np_nucleus(p, mass, lambda ranked, reached: reached - ranked < mass)


@top_p.mistake(
    "You divided by the mass. What is kept adds up to more than that: divide by its own sum.", credit=0.5
)
def divided_by_the_mass(p, mass):
    return not_renormalised(p, mass) / mass


@top_p.mistake(
    "You renormalised with a softmax, which changes the shares. Divide each row by its sum.", credit=0.25
)
def renormalised_by_softmax(p, mass):
    kept = not_renormalised(p, mass)
    e = np.where(kept > 0, np.exp(kept), 0)
    return np_whole(e)


@top_p.mistake(
    "Where the mass is reached exactly you keep one symbol more. The fewest that reach it are "
    "asked for: stop "
    "when the sum is at least `mass`.",
    credit=0.5,
)
def one_more_at_the_border(p, mass):
    return np_whole(_np_nucleus(p, mass, lambda ranked, reached: reached - ranked <= mass))


@top_p.mistake("You keep one symbol too many: the one that reaches the mass is the last.", credit=0.5)
def one_symbol_too_many(p, mass):
    order, ranked = np_ranked(p)
    keep = ranked.cumsum(axis=1) - ranked < mass
    keep[:, 1:] = keep[:, :-1].copy()
    return np_whole(np_placed(order, ranked * keep))


@top_p.mistake(
    "Of equally probable symbols you keep all as soon as one is kept. The fewest are asked for: "
    "of equals the "
    "smaller symbols first.",
    credit=0.5,
)
def all_equals_kept(p, mass):
    _, ranked = np_ranked(p)
    last = np.where(ranked.cumsum(axis=1) - ranked < mass, ranked, np.inf).min(axis=1, keepdims=True)
    return np_whole(np.where(p >= last, p, 0))


@top_p.mistake(
    "Of equally probable symbols you keep the larger ones (a sort that is turned round). Keep the smaller "
    "first: argsort(-p, kind='stable').",
    credit=0.5,
)
def larger_equals_first(p, mass):
    return np_top_p(p[:, ::-1], mass)[:, ::-1]


@top_p.mistake(
    "You kept the least probable symbols: the sort is ascending. Sort -p, so that the most probable comes "
    "first."
)
def least_probable_kept(p, mass):
    order = np.argsort(p, axis=1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=1)
    return np_whole(np_placed(order, np.where(ranked.cumsum(axis=1) - ranked < mass, ranked, 0)))


@top_p.mistake(
    "The probabilities are left in sorted order. Each belongs to its own symbol: put them back with `order`.",
    credit=0.25,
)
def left_in_sorted_order(p, mass):
    return -np.sort(-np_top_p(p, mass), axis=1)


@top_p.mistake(
    "You did not sort: symbols are kept in the order of the vocabulary. Go from the most probable one on."
)
def not_sorted(p, mass):
    return np_whole(np.where(p.cumsum(axis=1) - p < mass, p, 0))


@top_p.mistake(
    "You compare each probability with a threshold of 1 - mass. It is the sum of the most probable ones that "
    "has to reach the mass."
)
def threshold_for_each(p, mass):
    most = np.arange(p.shape[1]) == p.argmax(axis=1)[:, None]
    return np_whole(np.where((p >= 1 - mass) | most, p, 0))


@top_p.mistake(
    "You keep a share of the vocabulary's size. It is the probability that has to reach the "
    "mass, with however "
    "few symbols."
)
def share_of_the_vocabulary(p, mass):
    order, ranked = np_ranked(p)
    few = max(1, int(np.ceil(mass * p.shape[1])))
    return np_whole(np_placed(order, np.where(np.arange(p.shape[1]) < few, ranked, 0)))


@top_p.mistake(
    "The number of symbols kept is that of the first row. Each row has its own: some are sure, some are not.",
    credit=0.25,
)
def as_many_as_first_row(p, mass):
    order, ranked = np_ranked(p)
    few = (ranked[0].cumsum() - ranked[0] < mass).sum()
    return np_whole(np_placed(order, np.where(np.arange(p.shape[1]) < few, ranked, 0)))


@top_p.mistake(
    "All rows together are divided by one sum. Each row adds up to 1: axis=1, keepdims=True.", credit=0.5
)
def one_sum_for_all_rows(p, mass):
    kept = not_renormalised(p, mass)
    return kept / kept.sum()


@top_p.mistake(
    "You look for the first place at which the sum reaches the mass. Where rounding leaves the sum of all "
    "just below it, there is none, np.argmax says 0, and one symbol is left. Keep a symbol if those ahead of "
    "it do not have the mass yet.",
    credit=0.5,
)
def mass_never_reached(p, mass):
    order, ranked = np_ranked(p)
    count = (ranked.cumsum(axis=1) >= mass).argmax(axis=1) + 1
    return np_whole(np_placed(order, np.where(np.arange(p.shape[1]) < count[:, None], ranked, 0)))
