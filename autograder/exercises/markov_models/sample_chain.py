"""Lesson 02, sample_chain: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.markov_models.draws import chain, distribution


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("ids",),
    hints=(
        "Lay the probabilities side by side as pieces of the line from 0 to 1. Onto whose piece does u fall?",
        "The running sums np.cumsum(p) are the right ends of the pieces. The symbol is the first k with u < "
        "cumsum[k]: np.searchsorted(cumsum, u, side='right'). Start with initial, then use row P[last].",
        "p = initial; in the loop: ids[t] = min(np.searchsorted(np.cumsum(p), u, side='right'), V - 1); p = "
        "P[ids[t]]",
    ),
    source="Shannon (1948), section 3; Devroye (1986), Non-Uniform Random Variate Generation",
)
def sample_chain(initial, P, uniforms): ...


@sample_chain.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, T in ((3, 41), (5, 23), (2, 31)):
        yield distribution(rng, V), chain(rng, V), rng.random(T)
    # Impossible symbols, with uniforms that fall exactly onto the ends of the pieces.
    P = np.array([[0.0, 0.0, 1.0], [0.25, 0.75, 0.0], [0.0, 0.5, 0.5]])
    yield np.array([0.0, 0.5, 0.5]), P, np.array([0.0, *rng.integers(4, size=10) / 4])
    yield np.array([0.2, 0.8]), chain(rng, 2), rng.uniform(0.3, 0.9, size=1)
    yield np.array([0.3, 0.7]), chain(rng, 2), np.array([rng.uniform(0.0, 0.3), rng.random()])
    # Rounding leaves the last running sum below u, at the start and in the middle.
    short = np.array([0.5, 0.25, 0.25 - 1e-12])
    yield (
        short,
        np.stack([short, np.roll(short, 1), short]),
        np.array([1 - 1e-13, rng.random(), 1 - 1e-13, rng.random()]),
    )


def _np_pick(p, u):
    return min(int(np.searchsorted(np.cumsum(p), u, side="right")), len(p) - 1)


def _np_sample(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(_np_pick(p, u))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "You never use initial. Nothing comes before the first symbol, so it is drawn from initial, not from a "
    "row of P."
)
def initial_not_used(initial, P, uniforms):
    return _np_sample(P[0], P, uniforms)


@sample_chain.mistake("You draw from columns. What may follow symbol i stands in row i: P[i], not P[:, i].")
def columns_instead_of_rows(initial, P, uniforms):
    return _np_sample(initial, P.T, uniforms)


@sample_chain.mistake(
    "You always take the most likely symbol, which needs no uniforms and runs into a loop. Sampling takes "
    "symbol k with probability p[k]."
)
def most_likely_symbol(initial, P, uniforms):
    ids, p = [], initial
    for _ in uniforms:
        ids.append(int(p.argmax()))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "Every symbol is drawn from initial, so the sequence has no memory. From the second on, draw from the "
    "row of the symbol before."
)
def no_memory(initial, P, uniforms):
    return np.array([_np_pick(initial, u) for u in uniforms])


@sample_chain.mistake(
    "Your chain stays in the row of its first symbol. Move on: after each draw, the row is that of the "
    "symbol just drawn."
)
def row_never_moves(initial, P, uniforms):
    first = _np_pick(initial, uniforms[0])
    return np.array([first] + [_np_pick(P[first], u) for u in uniforms[1:]])


@sample_chain.mistake(
    "Where u falls exactly onto the end of a piece, you take the symbol on its left. The rule is u < p_0 + "
    ".. + p_k, strictly, so that u = 0 never picks a symbol of probability 0: side='right'.",
    credit=0.75,
)
def left_side(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(min(int(np.searchsorted(np.cumsum(p), u)), len(p) - 1))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "You compare u with single probabilities, not with their running sum. The pieces lie side by side: "
    "np.cumsum(p)."
)
def not_cumulated(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(int(np.argmax(u < p)))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake("You use the first uniform for every draw. Each draw needs a fresh one: uniforms[t].")
def one_uniform(initial, P, uniforms):
    return _np_sample(initial, P, np.full(len(uniforms), uniforms[0]))


@sample_chain.mistake(
    "You return one symbol too many: the first uniform draws the first symbol (from initial), the second "
    "one the second. T uniforms give T symbols.",
    credit=0.25,
)
def one_symbol_too_many(initial, P, uniforms):
    return _np_sample(initial, P, np.append(uniforms[0], uniforms))


@sample_chain.mistake(
    "Where no running sum exceeds u, argmax of all False is 0; the rule says V - 1. Take the number of "
    "running sums that are at most u, and no more than V - 1.",
    credit=0.75,
)
def argmax_of_nothing(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(int(np.argmax(u < np.cumsum(p))))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "Rounding can leave the last running sum below u. Then no piece is hit, and you go on to symbol V, "
    "which does not exist. Keep to V - 1 at most: min(.., V - 1).",
    credit=0.75,
)
def symbol_beyond_the_last(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        ids.append(np.searchsorted(np.cumsum(p), u, side="right"))
        p = P[ids[-1]]
    return np.array(ids)


@sample_chain.mistake(
    "Your first symbol is the likeliest one. It is drawn like the others: uniforms[0] decides, with initial.",
    credit=0.25,
)
def first_is_the_likeliest(initial, P, uniforms):
    ids = [int(initial.argmax())]
    for u in uniforms[1:]:
        ids.append(_np_pick(P[ids[-1]], u))
    return np.array(ids)


@sample_chain.mistake(
    "You compared u with single probabilities. Symbol k owns the piece that ends at the *running* sum of "
    "the first k + 1: np.cumsum(p)."
)
def compares_single_probabilities(initial, P, uniforms):
    ids, p = [], initial
    for u in uniforms:
        k = 0
        while k < len(p) - 1 and u >= p[k]:
            k += 1
        ids.append(k)
        p = P[k]
    return np.array(ids)


@sample_chain.mistake(
    "You drew every symbol alike, floor(u V). The probabilities decide how long each symbol's piece is: "
    "np.cumsum(p)."
)
def all_symbols_alike(initial, P, uniforms):
    return (uniforms * len(initial)).astype(int)
