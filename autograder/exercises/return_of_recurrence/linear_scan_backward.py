"""Lesson 19, linear_scan_backward: its cases, hints and mistakes."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Function, exercise
from autograder.exercises.families import changed, starts_from_zeros
from autograder.exercises.return_of_recurrence.draws import scan_cases
from autograder.exercises.return_of_recurrence.parts import np_before, np_scan
from autograder.exercises.way_back import LOOP, Parts, walk


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("da", "db", "dh0"),
    hints=(
        "Let g_t be the whole gradient that reaches h_t: dh[:, t], and what step t+1 sends back. Each of "
        "the three results is g_t times one thing.",
        "g_t = dh_t + a_{t+1} g_{t+1} is the same recurrence, run from the end, with the factors shifted by "
        "one. b_t is added to h_t, a_t multiplies h_{t-1}, and step 1 multiplied h0 by a_1.",
        "after = np.concatenate([a[:, 1:], np.zeros_like(a[:, :1])], axis=1); g = linear_scan(after[:, "
        "::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]; before = np.concatenate([h0[:, None], h[:, :-1]], "
        "axis=1); return g * before, g, a[:, 0] * g[:, 0]",
    ),
    source="Martin and Cundy (2018), Parallelizing Linear Recurrent Neural Nets Over Sequence Length",
)
def linear_scan_backward(dh, a, h, h0): ...


@linear_scan_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for a, b, h0 in scan_cases(rng):
        yield (rng.normal(size=a.shape), a, np_scan(a, b, h0), h0)


def _parts(dh, a, h, h0):
    def step(t, arrives, before):
        g = arrives[0]
        return np.stack([g * before[0], g]), (a[:, t] * g,), []

    return Parts(dh, (h0,), (h,), step)


def _walk(dh, a, h, h0, **told):
    both, dh0 = walk(_parts(dh, a, h, h0), **told)
    da, db = both.swapaxes(1, 2)  # (2, T, N, H) -> (2, N, T, H)
    return da, db, dh0


def _told(told: dict[str, Any]) -> Function:
    return lambda *given: _walk(*given, **told)


for _name, (_change, _message) in LOOP.items():
    if _name != "weights_overwritten":
        linear_scan_backward.add_mistake(_name, _told(_change), _message)

starts_from_zeros(linear_scan_backward, _walk, "h0")

linear_scan_backward.add_mistake(
    "dh0_dropped",
    changed(linear_scan_backward, _walk, ["dh0"], lambda d, *_: np.zeros_like(d)),
    "Your dh0 is zero everywhere. The first step multiplied h0 by a_1, so that a_1 g_1 goes back to it.",
    0.5,
)


def _results(g, before, a):
    return g * before, g, a[:, 0] * g[:, 0]


def _back(dh, factors):
    return np_scan(factors[:, ::-1], dh[:, ::-1], np.zeros_like(dh[:, 0]))[:, ::-1]


@linear_scan_backward.mistake(
    "The factors are those of the same step: what comes back to h_t went through step t+1, whose factor is "
    "a_{t+1}. Shift a by one."
)
def factor_of_the_same_step(dh, a, h, h0):
    return _results(_back(dh, a), np_before(h, h0), a)


@linear_scan_backward.mistake(
    "The factors are shifted the wrong way: what comes back to h_t went through step t+1, whose factor is "
    "a_{t+1}, not a_{t-1}."
)
def factor_of_the_step_before(dh, a, h, h0):
    shifted = np.concatenate([np.zeros_like(a[:, :1]), a[:, :-1]], axis=1)
    return _results(_back(dh, shifted), np_before(h, h0), a)


@linear_scan_backward.mistake(
    "Your scan runs forwards: it carries gradients from early steps to late ones. The last step knows its "
    "whole gradient first: turn both arrays round, [:, ::-1], and the result back."
)
def scan_not_turned_round(dh, a, h, h0):
    after = np.concatenate([a[:, 1:], np.zeros_like(a[:, :1])], axis=1)
    return _results(np_scan(after, dh, 0 * h0), np_before(h, h0), a)


@linear_scan_backward.mistake(
    "Your result is turned round: the scan over the reversed arrays begins with the last step. Turn it back "
    "with [:, ::-1]."
)
def result_not_turned_back(dh, a, h, h0):
    after = np.concatenate([a[:, 1:], np.zeros_like(a[:, :1])], axis=1)
    return _results(_back(dh, after)[:, ::-1], np_before(h, h0), a)


@linear_scan_backward.mistake(
    "The factors are missing on the way back: what step t+1 sends back is a_{t+1} times its gradient."
)
def factors_missing(dh, a, h, h0):
    return _results(_back(dh, np.ones_like(a)), np_before(h, h0), a)


@linear_scan_backward.mistake(
    "In da stands the new state: a_t multiplied the state *before* its step, h_{t-1}, which is h0 in the "
    "first one.",
    credit=0.5,
)
def new_h_for_old(dh, a, h, h0):
    return _walk(dh, a, h, h0, before=lambda parts: [h])


@linear_scan_backward.mistake(
    "In the first step your da takes the *last* state for the one before it: the end of h comes round to its "
    "beginning (np.roll, or the index -1). Before the first step comes h0.",
    credit=0.5,
)
def last_state_wraps_round(dh, a, h, h0):
    return _walk(dh, a, h, h0, before=lambda parts: [np.roll(h, 1, axis=1)])


@linear_scan_backward.mistake(
    "Your dh0 lacks the factor of the first step: h_1 = a_1 * h0 + b_1, so dh0 = a_1 * g_1.", credit=0.5
)
def dh0_without_factor(dh, a, h, h0):
    da, db, _ = _walk(dh, a, h, h0)
    return da, db, db[:, 0]


@linear_scan_backward.mistake(
    "Your da has the factor a_t in it: a_t itself is not in its own derivative. da_t = g_t * h_{t-1}.",
    credit=0.5,
)
def da_times_a(dh, a, h, h0):
    da, db, dh0 = _walk(dh, a, h, h0)
    return a * da, db, dh0


@linear_scan_backward.mistake(
    "Your db has the factor a_t in it. b_t is added to h_t as it is: db_t = g_t, all that arrives at h_t.",
    credit=0.5,
)
def db_times_a(dh, a, h, h0):
    da, db, dh0 = _walk(dh, a, h, h0)
    return da, a * db, dh0


@linear_scan_backward.mistake(
    "Your db is dh as it came. b_t acts on all later states through h_t: db_t is the whole gradient g_t.",
    credit=0.25,
)
def db_is_dh(dh, a, h, h0):
    da, _, dh0 = _walk(dh, a, h, h0)
    return da, dh.copy(), dh0


@linear_scan_backward.mistake(
    "In da stands dh as it came. It takes the whole gradient g_t, what later steps send back included.",
    credit=0.5,
)
def da_from_dh(dh, a, h, h0):
    _, db, dh0 = _walk(dh, a, h, h0)
    return dh * np_before(h, h0), db, dh0


@linear_scan_backward.mistake(
    "Only one step comes back: you add a_{t+1} times dh_{t+1}. Step t+1 sends back its *whole* gradient, "
    "a_{t+1} g_{t+1}, in which all later steps are: begin at the end and go back."
)
def only_one_step_back(dh, a, h, h0):
    g = dh.copy()
    g[:, :-1] += a[:, 1:] * dh[:, 1:]
    return _results(g, np_before(h, h0), a)


@linear_scan_backward.mistake(
    "You ran the scan forwards over dh, as in linear_scan itself: it carries gradients from early steps to "
    "late ones. Run it from the end, on arrays turned round with [:, ::-1], each step with the factor of the "
    "step after it, a_{t+1}."
)
def scan_runs_forwards(dh, a, h, h0):
    return _results(np_scan(a, dh, 0 * h0), np_before(h, h0), a)


@linear_scan_backward.mistake(
    "In your dh0 stands the first dh as it came. h0 acts on all later states through h_1: dh0 = a_1 * g_1, "
    "with the whole gradient g_1.",
    credit=0.5,
)
def dh0_from_dh(dh, a, h, h0):
    da, db, _ = _walk(dh, a, h, h0)
    return da, db, a[:, 0] * dh[:, 0]


@linear_scan_backward.mistake(
    "Your dh0 is multiplied by h0, which belongs into da. In h_1 = a_1 * h0 + b_1 it is a_1 that multiplies "
    "h0: dh0 = a_1 * g_1.",
    credit=0.5,
)
def dh0_times_h0(dh, a, h, h0):
    da, db, _ = _walk(dh, a, h, h0)
    return da, db, db[:, 0] * h0
