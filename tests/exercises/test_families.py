"""Families of mistakes: each says what it does, and every exercise in which a slip can happen knows it."""

from copy import deepcopy
from functools import partial

import numpy as np
import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Exercise, Function
from autograder.exercises import families, loops, way_back
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from tests.solved import solution_functions


def made_up(arguments: tuple[str, ...], returns: tuple[str, ...]) -> Exercise:
    """An exercise that is not the course's."""
    return Exercise("made_up", "made.up", arguments, returns, 1, ("a",), "b", 1, 1, 1e-7)


def wrong_answers(exercise: Exercise) -> dict[str, Function]:
    return {mistake.name: mistake.function for mistake in exercise.mistakes}


def running_sum(x, h0):
    """A loop over axis 1 that hands on a sum."""
    return h0[:, None] + np.cumsum(x, axis=1)


X, H0 = np.arange(1.0, 7.0).reshape(1, 3, 2), np.full((1, 2), 10.0)


def test_starts_from_zeros():
    exercise = made_up(("x", "h0", "c0"), ("s",))
    families.starts_from_zeros(exercise, lambda x, h0, c0: (x, h0, c0), "h0", "c0")
    made = {
        name: [a.tolist() for a in wrong(X, H0, H0)[1:]] for name, wrong in wrong_answers(exercise).items()
    }
    ten, zero = [[10.0, 10.0]], [[0.0, 0.0]]
    assert made == {
        "zeros_for_h0": [zero, ten],
        "zeros_for_c0": [ten, zero],
        "zeros_for_h0_and_c0": [zero, zero],
    }


def test_gate_order_turns_weights_there_and_gradients_back():
    exercise = made_up(("x", "W_xh"), ("y", "dW_xh"))
    families.gate_order(exercise, lambda x, W_xh: (W_xh, 10 * W_xh), "ifgo", "fgoi")
    y, dW_xh = wrong_answers(exercise)["gates_fgoi"](None, np.array([1, 2, 3, 4]))
    assert y.tolist() == [4, 1, 2, 3]  # theirs are f g o i: what they hold for i comes last
    assert dW_xh.tolist() == [10, 20, 30, 40]


def test_averaged_divides_by_the_batch():
    exercise = made_up(("dh",), ("dx", "dW", "db"))
    families.averaged(exercise, lambda dh: (dh, 4.0, 6.0), ("dW", "db"))
    made = {name: wrong(np.ones(2))[1:] for name, wrong in wrong_answers(exercise).items()}
    assert made == {"averaged_over_batch": (2.0, 3.0), "biases_averaged": (4.0, 3.0)}


def test_inverted_mask_leaves_none_alone():
    exercise = made_up(("mask",), ("y",))
    families.inverted_mask(exercise, lambda mask: mask, "mask")
    (wrong,) = wrong_answers(exercise).values()
    assert wrong(np.array([True, False])).tolist() == [False, True]
    assert wrong(None) is None


def test_keeps_below_takes_the_other_end_and_its_border():
    exercise = made_up(("uniforms", "p"), ("kept",))
    families.keeps_below(exercise, lambda uniforms, p: uniforms >= p, "Here at least p is kept.")
    (wrong,) = wrong_answers(exercise).values()
    uniforms = np.array([0.0, 0.25, 0.5, 0.75, 0.9])
    assert wrong(uniforms, 0.25).tolist() == (uniforms < 1 - 0.25).tolist()


def test_own_softmax_misses_its_edge():
    exercise = made_up(("scores", "mask"), ("weights",))
    families.own_softmax(exercise, lambda softmax: softmax)
    mask = np.array([[True, False], [False, False]])
    with np.errstate(all="ignore"):
        made = {n: wrong(np.zeros((2, 2)), mask).tolist() for n, wrong in wrong_answers(exercise).items()}
    assert np.isnan(made["hides_with_minus_infinity"][1]).all()
    assert made["hides_with_large_number"] == [[1, 0], [0.5, 0.5]]
    assert made["hides_the_rest_with_large_number"] == [[0, 1], [0.5, 0.5]]


def test_loops():
    exercise = made_up(("x", "h0"), ("s",))
    loops.loops(exercise, running_sum, ("x",), ("h0",), "time_first")
    made = {name: wrong(X, H0)[0, ..., 0].tolist() for name, wrong in wrong_answers(exercise).items()}
    made["last_step_only"] = wrong_answers(exercise)["last_step_only"](X, H0)[0, 0].tolist()
    assert running_sum(X, H0)[0, :, 0].tolist() == [11, 14, 19]
    assert made == {
        "last_step_only": 19,
        "repeats_last_step": [19, 19, 19],
        "runs_backwards": [19, 18, 15],
        "never_updated": [11, 13, 15],
        "stores_before_step": [10, 11, 14],
        "keeps_start": [10, 11, 14, 19],
    }


def sum_parts(dh, x, h0, w):
    """A sum over time of w * x: every step passes on what arrives, and w hears of each."""

    def step(t, arrives, before):
        return w * arrives[0], (arrives[0],), [(x[:, t] * arrives[0]).sum(), before[0].sum()]

    return way_back.Parts(dh, (h0,), (running_sum(x, h0),), step)


def test_way_back():
    exercise = made_up(("dh", "x", "h0", "w"), ("dx", "dh0", "dw", "du"))
    right = way_back.way_back(exercise, sum_parts, ("h0",))
    given = np.ones((1, 3, 1)), X[..., :1], H0[:, :1], 1.0

    def numbers(answer):
        dx, dh0, dw, du = answer(*given)
        return dx[0, :, 0].tolist(), dh0.item(), float(dw), float(du)

    assert numbers(right) == ([3, 2, 1], 3, 3 + 6 + 5, 10 + 11 + 14)
    assert {name: numbers(wrong) for name, wrong in wrong_answers(exercise).items()} == {
        "later_steps_missing": ([1, 1, 1], 1, 9, 35),
        "only_last_loss": ([1, 1, 1], 1, 9, 35),
        "loop_runs_forwards": ([1, 2, 3], 3, 1 + 6 + 15, 35),
        "loop_starts_late": ([2, 1, 0], 2, 2 + 3, 21),
        "loop_ends_early": ([0, 2, 1], 2, 6 + 5, 25),
        "carry_accumulates": ([4, 2, 1], 7, 4 + 6 + 5, 35),
        "weights_overwritten": ([3, 2, 1], 3, 3, 10),
        "index_wraps_round": ([3, 2, 1], 3, 14, 19 + 11 + 14),
        "zeros_for_h0_on_the_way_back": ([3, 2, 1], 3, 14, 25),
        "new_h_for_old": ([3, 2, 1], 3, 14, 11 + 14 + 19),
        "dw_overwritten": ([3, 2, 1], 3, 3, 35),
        "du_overwritten": ([3, 2, 1], 3, 14, 10),
        "dh0_dropped": ([3, 2, 1], 0, 14, 35),
    }


def test_tanh_slope():
    exercise = made_up(("h",), ("slope",))
    families.tanh_slope(exercise, lambda slope: slope, "a")
    made = {name: float(wrong(np.float64(0.5))) for name, wrong in wrong_answers(exercise).items()}
    assert made == {
        "slope_missing": 1.0,
        "slope_without_square": 0.5,
        "slope_squashed_twice": 1 - np.tanh(0.5) ** 2,
        "slope_of_sigmoid": 0.25,
    }
    assert "1 - a**2" in exercise.mistakes[0].message


# What every exercise must know, whichever names it has for it: its solution, spoilt, is recognised.


def with_argument(*names: str) -> list[tuple[str, str]]:
    """Exercises and their arguments of these names."""
    return [(e.name, n) for e in EXERCISES.values() for n in e.arguments if n in names]


def assert_named(name: str, wrong) -> None:
    verdict = judge(EXERCISES[name], partial(call, wrong))
    assert not verdict.passed
    assert [(found.kind, found.whole) for found in verdict.findings] == [("mistake", True)]


@pytest.mark.parametrize(("name", "start"), with_argument("h0", "c0", "context"))
def test_zeros_in_the_place_of_a_start_have_a_name(name, start):
    zeros = {start: lambda named: 0 * named[start]}
    assert_named(name, families.spoilt(EXERCISES[name], solution_functions()[name], **zeros))


#: Its mask holds factors, which cannot be inverted.
MASKS_OF_FACTORS = {"candidate_dropout_step"}


@pytest.mark.parametrize(
    ("name", "mask"),
    [pair for pair in with_argument("mask", "memory_mask") if pair[0] not in MASKS_OF_FACTORS],
)
def test_a_mask_the_other_way_round_has_a_name(name, mask):
    def inverted(named):
        return None if named[mask] is None else ~named[mask]

    assert_named(name, families.spoilt(EXERCISES[name], solution_functions()[name], **{mask: inverted}))


GATES = {"lstm": ("ifgo", "ifog"), "gru": ("rzn", "zrn")}
STACKED = [name for name, _ in with_argument("W_hh") if EXERCISES[name].lesson in GATES]


@pytest.mark.parametrize("name", STACKED)
def test_the_gates_in_another_order_have_a_name(name):
    exercise = EXERCISES[name]
    ours, theirs = ("fgo", "fog") if name == "cifg_step" else GATES[exercise.lesson]
    copy = made_up(exercise.arguments, exercise.returns)
    families.gate_order(copy, solution_functions()[name], ours, theirs)
    assert_named(name, copy.mistakes[0].function)


@pytest.mark.parametrize(
    "name", [e.name for e in EXERCISES.values() if {"uniforms", "p"} <= set(e.arguments)]
)
def test_the_other_end_of_the_uniforms_has_a_name(name):
    copy = made_up(EXERCISES[name].arguments, EXERCISES[name].returns)
    families.keeps_below(copy, solution_functions()[name], "")
    assert_named(name, copy.mistakes[0].function)


#: dW of the sampled softmax belongs to rows of a table, its mean is taken inside; b of the scan is an input.
NO_AVERAGE = {"sampled_softmax_backward", "linear_scan_backward"}
WEIGHTS = {e.name: [n for n in e.returns if n.startswith(("dW", "db"))] for e in EXERCISES.values()}


@pytest.mark.parametrize(
    "name", [name for name, found in WEIGHTS.items() if found and name not in NO_AVERAGE]
)
def test_an_average_over_the_batch_has_a_name(name):
    exercise = EXERCISES[name]
    divided = families.changed(
        exercise, solution_functions()[name], WEIGHTS[name], lambda d, first, *_: d / len(first)
    )
    assert_named(name, divided)


#: The states of this one come from a text without a batch, and time is its first axis.
NO_BATCH = {"exponential_state"}
LOOPS = [
    name
    for name, start in with_argument("h0", "c0", "context")
    if len(EXERCISES[name].draw_cases(0)[0][0].shape) == 3 and EXERCISES[name].arguments[0] != "dh"
]


@pytest.mark.parametrize("name", sorted({*LOOPS} - NO_BATCH))
@pytest.mark.parametrize(
    "change",
    [lambda r: r.swapaxes(0, 1), lambda r: r[:, -1], lambda r: np.repeat(r[:, -1:], r.shape[1], axis=1)],
    ids=["time_first", "last_step_only", "repeats_last_step"],
)
def test_what_a_loop_makes_of_its_results_has_a_name(name, change):
    exercise = EXERCISES[name]
    right = solution_functions()[name]
    assert_named(name, families.changed(exercise, right, exercise.returns, lambda r, *_: change(r)))


@pytest.mark.parametrize(
    "name", [name for name, _ in with_argument("h0") if EXERCISES[name].arguments[0] == "dh"]
)
def test_the_way_back_without_dh0_has_a_name(name):
    right = solution_functions()[name]
    assert_named(name, families.changed(EXERCISES[name], right, ["dh0"], lambda d, *_: 0 * d))


CHANGEABLE = [
    (e.name, i)
    for e in EXERCISES.values()
    for i, a in enumerate(e.draw_cases(0)[0])
    if isinstance(a, np.ndarray)
]


@pytest.mark.parametrize(("name", "i"), CHANGEABLE)
def test_an_input_changed_on_the_way_earns_half(name, i):
    def wrong(*given):
        made = solution_functions()[name](*deepcopy(given))
        if given[i] is not None:
            given[i][...] = ~given[i] if given[i].dtype == bool else given[i] + 1
        return made

    verdict = judge(EXERCISES[name], partial(call, wrong))
    assert [finding.name for finding in verdict.findings] == ["input_changed"]
    assert verdict.credit == 0.5
