"""Lesson 19, linear_scan: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import starts_from_zeros
from autograder.exercises.loops import loops
from autograder.exercises.return_of_recurrence.draws import scan_cases
from autograder.exercises.return_of_recurrence.parts import np_scan


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("h",),
    hints=(
        "Begin with the pair a, b of every step by itself. In each round, combine every pair with the one "
        "`reach` places before it; then `reach` doubles. The first `reach` pairs are finished and stay.",
        "The earlier places are a[:, :-reach], the later ones a[:, reach:]; the earlier ones are step 1 of "
        "combine. Make new arrays with np.concatenate([a[:, :reach], ...], axis=1), so that no round reads "
        "what it has just written. At the end place t stands for steps 1 to t: apply its pair to h0.",
        "reach = 1; while reach < T: new_a, new_b = combine(a[:, :-reach], b[:, :-reach], a[:, reach:], "
        "b[:, reach:]); a = np.concatenate([a[:, :reach], new_a], axis=1); the same for b; reach *= 2. Then "
        "return a * h0[:, None] + b",
    ),
    source="Hillis and Steele (1986), Data Parallel Algorithms",
)
def linear_scan(a, b, h0): ...


@linear_scan.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from scan_cases(rng)


starts_from_zeros(linear_scan, np_scan, "h0")
loops(linear_scan, np_scan, ("a", "b"), ("h0",))


def _doubling(a, b, h0, *, pair, rounds=None, grow=lambda reach: 2 * reach):
    """The rounds; `pair(a_1, b_1, a_2, b_2)` combines an earlier pair with a later one."""
    a, b = a.copy(), b.copy()
    reach, left = 1, np.inf if rounds is None else rounds
    while reach < a.shape[1] and left > 0:
        a[:, reach:], b[:, reach:] = pair(a[:, :-reach], b[:, :-reach], a[:, reach:], b[:, reach:])
        reach, left = grow(reach), left - 1
    return a * h0[:, None] + b


def _pair(a_1, b_1, a_2, b_2):
    return a_1 * a_2, a_2 * b_1 + b_2


@linear_scan.mistake(
    "You combine in the wrong order: the earlier pair is step 1, the later one step 2. "
    "combine(a[:, :-reach], b[:, :-reach], a[:, reach:], b[:, reach:])."
)
def later_first(a, b, h0):
    return _doubling(a, b, h0, pair=lambda a_1, b_1, a_2, b_2: _pair(a_2, b_2, a_1, b_1))


@linear_scan.mistake(
    "A round is missing where T is no power of two: int(log2 T) rounds down. Double the reach as long as it "
    "is below T."
)
def rounds_down(a, b, h0):
    return _doubling(a, b, h0, pair=_pair, rounds=int(np.log2(a.shape[1])))


@linear_scan.mistake(
    "This is one round alone: each state knows the step before it and no further. Repeat with twice the "
    "reach while reach < T."
)
def one_round(a, b, h0):
    return _doubling(a, b, h0, pair=_pair, rounds=1)


@linear_scan.mistake(
    "Your reach grows by one. After a round a pair stands for twice as many steps, so that the next one "
    "must look twice as far back: reach *= 2. Else steps are counted twice."
)
def reach_grows_by_one(a, b, h0):
    return _doubling(a, b, h0, pair=_pair, grow=lambda reach: reach + 1)


@linear_scan.mistake(
    "The factors are not combined: from the second round on a pair stands for several steps, and its "
    "factor is the product of theirs, a_1 * a_2."
)
def factors_not_combined(a, b, h0):
    first = np.concatenate([(b[:, 0] + a[:, 0] * h0)[:, None], b[:, 1:]], axis=1)
    return _doubling(a, first, 0 * h0, pair=lambda a_1, b_1, a_2, b_2: (a_2, a_2 * b_1 + b_2))


@linear_scan.mistake(
    "The new factor is used in b: you overwrote a before b was made. Keep the old a until both are there, "
    "b = a_2 * b_1 + b_2."
)
def new_factor_for_old(a, b, h0):
    return _doubling(a, b, h0, pair=lambda a_1, b_1, a_2, b_2: (a_1 * a_2, a_1 * a_2 * b_1 + b_2))


@linear_scan.mistake(
    "You put h0 into the first b, which is right; but then the new factor is used in b: a was overwritten "
    "before b was made. Keep the old a until both are there."
)
def new_factor_for_old_after_h0(a, b, h0):
    first = np.concatenate([(b[:, 0] + a[:, 0] * h0)[:, None], b[:, 1:]], axis=1)
    return _doubling(a, first, 0 * h0, pair=lambda a_1, b_1, a_2, b_2: (a_1 * a_2, a_1 * a_2 * b_1 + b_2))


@linear_scan.mistake(
    "You added h0 as it stands. It went through every step up to t as well, and is multiplied by all their "
    "factors: a * h0[:, None] + b, with the combined a."
)
def h0_without_factors(a, b, h0):
    return np_scan(a, b, 0 * h0) + h0[:, None]


@linear_scan.mistake("The first step does not multiply h0: h_1 = a_1 * h0 + b_1.")
def h0_without_first_factor(a, b, h0):
    return np_scan(np.concatenate([np.ones_like(a[:, :1]), a[:, 1:]], axis=1), b, h0)


@linear_scan.mistake(
    "Your h0 enters every step anew. It is handed in once, before the first step; what later steps know of "
    "it comes with the state."
)
def h0_at_every_step(a, b, h0):
    return np_scan(a, b + a * h0[:, None], 0 * h0)


@linear_scan.mistake(
    "Each b is added up unchanged. What was added at step s is multiplied by all later factors, from s+1 "
    "to t."
)
def inputs_not_carried(a, b, h0):
    return np.cumprod(a, axis=1) * h0[:, None] + np.cumsum(b, axis=1)


@linear_scan.mistake(
    "You divide by products of a, which may be 0 or too small for a number: nan. A scan never divides; it "
    "combines neighbouring steps.",
    credit=0.25,
)
def divides_by_products(a, b, h0):
    products = np.cumprod(a, axis=1)
    return products * (h0[:, None] + np.cumsum(b / products, axis=1))


@linear_scan.mistake(
    "You divide by products of a, with a small number added against zeros. Where a product is smaller than "
    "that number the result is wrong. A scan never divides; it combines neighbouring steps.",
    credit=0.25,
)
def divides_by_products_and_epsilon(a, b, h0):
    products = np.cumprod(a, axis=1)
    return products * (h0[:, None] + np.cumsum(b / (products + 1e-8), axis=1))


@linear_scan.mistake(
    "You take logarithms of a, which may be negative or 0: nan. Multiply the factors as they are.",
    credit=0.25,
)
def takes_logarithms(a, b, h0):
    total = np.cumsum(np.log(a), axis=1)
    gap = np.where(np.tri(a.shape[1], dtype=bool)[..., None], total[:, :, None] - total[:, None], -np.inf)
    return np.exp(total) * h0[:, None] + (np.exp(gap) * b[:, None]).sum(axis=2)


@linear_scan.mistake("You multiplied b by 1 - a, as a gate would. Here b is added as it is: h = a * h + b.")
def writes_with_one_minus_a(a, b, h0):
    return np_scan(a, (1 - a) * b, h0)


@linear_scan.mistake(
    "At the end you multiply h0 by the factors that came in. It went through all steps up to t, so that it "
    "takes the *combined* factors that the rounds have made: A * h0[:, None] + B, not a * h0[:, None] + B."
)
def first_factors_with_h0(a, b, h0):
    return np_scan(a, b, 0 * h0) + a * h0[:, None]


def _with_shifted(a, b, h0, *, shift_a, shift_b, places=lambda reach: reach):
    """Rounds over all places: each with what `shift_a` and `shift_b` bring from so many places before."""
    reach = 1
    while reach < a.shape[1]:
        a, b = _pair(shift_a(a, places(reach)), shift_b(b, places(reach)), a, b)
        reach *= 2
    return a * h0[:, None] + b


def _rolled(array, places):
    return np.roll(array, places, axis=1)


def _filled(number):
    def shift(array, places):
        first = np.full_like(array[:, :places], number)
        return np.concatenate([first, array[:, :-places]], axis=1)

    return shift


@linear_scan.mistake(
    "Your np.roll brings the end of the sequence round to its beginning, so that the first places are "
    "combined with the last steps. Nothing comes before the first step: shift, and fill a with 1 and b with "
    "0, or leave the first `reach` places as they are."
)
def rolls_round(a, b, h0):
    return _with_shifted(a, b, h0, shift_a=_rolled, shift_b=_rolled)


@linear_scan.mistake(
    "You fill the places before the first step with factors of 0: that wipes out h0. A step that changes "
    "nothing is 1 * h + 0: fill a with 1, and b with 0."
)
def filled_with_zero_factors(a, b, h0):
    return _with_shifted(a, b, h0, shift_a=_filled(0), shift_b=_filled(0))


@linear_scan.mistake(
    "Every round combines with the direct neighbour. After the first round its steps overlap with those of "
    "the place itself and are counted twice: look 1, 2, 4, ... places back, twice as far in each round."
)
def always_the_neighbour(a, b, h0):
    return _with_shifted(a, b, h0, shift_a=_filled(1), shift_b=_filled(0), places=lambda reach: 1)
