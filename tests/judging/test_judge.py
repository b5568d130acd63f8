"""Bad answers of every kind: each ends in its own clear sentence, and none escapes as an exception."""

import contextlib
import re
import sys
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Exercise, ExerciseError
from autograder.exercise import exercise as declare
from autograder.judging.diagnosis import diagnose
from autograder.judging.judge import compare_results, judge
from autograder.judging.outcome import MOST_PRINTED, call
from autograder.judging.source import solution_functions
from autograder.judging.verdict import Trial, Verdict
from autograder.learner.report import Report, make_report
from autograder.learner.sentences import STUB
from autograder.oracle.pytorch import expected_result

TIME_AVERAGE = EXERCISES["time_average"]


@pytest.fixture(scope="module", autouse=True)
def warm():
    """PyTorch's first answers take seconds on a busy machine: no answer's time limit should pay for them."""
    for name in ("rnn_step_backward", "readout_backward", "lstm_step"):
        expected_result(EXERCISES[name], EXERCISES[name].draw_cases(0)[0])


def report_on(function, limit=5.0) -> Report:
    return make_report(judge(TIME_AVERAGE, partial(call, function, limit=limit)), hints_left=2)


def right(x):
    return x.mean(axis=1)


def modifies(x):
    x -= x.mean()
    return x.sum(axis=1) * 0 + 1


def modifies_but_right(x):
    average = x.mean(axis=1)
    x[:] = 0
    return average


def raises(x):
    return x.no_such_thing


def exits(x):
    sys.exit("bye")


def swallows_everything(x):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


def stub(x):
    raise NotImplementedError("Write this function")


def calls_a_stub(x):
    return x.mean(axis=stubs["first"]())


stubs: dict[str, Any] = {}
exec(compile("def first():\n    raise NotImplementedError('…')\n", "<another cell>", "exec"), stubs)


BAD = {
    "stub": (stub, STUB),
    "calls a stub": (
        calls_a_stub,
        "Your function needs first, which is not written yet: write that one first",
    ),
    "exception": (raises, "Your function raised AttributeError in line"),
    "exit": (exits, "Your function raised SystemExit"),
    "arguments": (lambda x, y: x, "Your function must take exactly (x)"),
    "list": (lambda x: list(x.mean(axis=1)), "but is a list of 1. Wrap it in np.array(...)."),
    "tuple": (
        lambda x: (x.mean(axis=1), 1),
        "but is a tuple of 2: array (1,) float64, int. Take out the one that is meant.",
    ),
    "tuple of one": (lambda x: (x.mean(axis=1),), "a comma at the end of a line makes such a tuple."),
    "none": (
        lambda x: None,
        "average should be an array (1,) float64, but is nothing (None). Is a `return` missing?",
    ),
    "text": (lambda x: "much", "average should be an array (1,) float64, but is str."),
    "object": (
        lambda x: object(),
        "Your function returned a object. Return NumPy arrays of real numbers, or numbers.",
    ),
    "strings": (lambda x: np.array(["a"]), "Your function returned an array of dtype <U1."),
    "beyond 256 bits": (lambda x: 2**300, "Your function returned a whole number beyond 256 bits."),
    "beyond 64 bits": (lambda x: 2**80, "average has shape (); it should be (1,)."),
    "complex": (lambda x: x.mean(axis=1) + 0j, "an array of dtype complex128"),
    "axis of one": (lambda x: x.mean(axis=1)[None], "holds the right numbers, but has an axis"),
    "shape": (lambda x: x[:, :1] + 9, "average has shape (1, 1); it should be (1,)."),
    "float32": (lambda x: x.mean(axis=1).astype("f4"), "average should hold float64, but holds float32."),
    "huge": (lambda x: np.zeros(20_000_000), "an array of 20,000,000 numbers (at most 10,000,000)"),
    "deep": (lambda x: [[[[[[[[[[1]]]]]]]]]], "lists nested more than 8 deep"),
    "modified": (
        modifies_but_right,
        "Your numbers are right, but your function changes its input x: work on a copy (x = x.copy())",
    ),
    "unchanged": (lambda x: x, "average is just the argument x, unchanged."),
    "factor": (lambda x: 3 * x.mean(axis=1), "Every entry of average is 3 times the right one."),
    "zero": (lambda x: 0 * x.mean(axis=1), "average is zero everywhere: is it made and never filled"),
    "rounded": (lambda x: x.mean(axis=1).round(6), "average is nearly right: is something"),
    "sign": (lambda x: -x.mean(axis=1), "The sign of average is flipped"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_answer_gets_its_own_sentence(kind):
    function, sentence = BAD[kind]
    made = report_on(function)
    assert not made.passed
    assert any(sentence in line for line in made.diagnosis), made


def test_endless_loop_is_stopped_where_no_timer_rings():
    """In a thread, as in a browser and on Windows, there are no alarms."""

    def endless(x):
        n = 0
        while True:
            n += 1

    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(call, endless, (np.ones((2, 3)),), 0.2).result(timeout=30)
    assert outcome.error is not None
    assert outcome.error.kind == "TimeLimit"
    assert sys.gettrace() is None or "coverage" in sys.modules


def test_endless_loop_is_stopped_even_if_it_swallows_exceptions():
    made = report_on(swallows_everything, limit=0.3)
    assert "still running after 0.3 seconds" in made.diagnosis[0]


def test_an_exception_may_have_no_line():
    def fails(x):
        raise ValueError("somewhere")

    # Each byte of this table stands for eight instructions that have no line.
    fails.__code__ = fails.__code__.replace(co_linetable=b"\xff" * 8)
    assert report_on(fails).diagnosis == ["Your function raised ValueError: somewhere"]


def test_nan_is_shown_where_it_first_stands():
    made = report_on(lambda x: np.where(np.arange(len(x)) == len(x) - 1, np.nan, x.mean(axis=1)))
    assert made.results == [(False, "average[0] is nan; the right value is -0.394712.")]


def test_two_numbers_that_differ_are_shown_with_the_digits_in_which_they_differ():
    made = report_on(lambda x: x.mean(axis=1) * (1 + 1e-6))
    [(right, text)] = made.results
    assert not right
    got, wanted = re.findall(r"-?\d+\.\d+", text)
    assert got != wanted


def test_case_shown_is_the_one_that_the_sentence_speaks_of():
    def fails_on_the_largest(x):
        return -x.mean(axis=1) if x.size < 14 else x.no_such_thing

    verdict = judge(TIME_AVERAGE, partial(call, fails_on_the_largest))
    assert "raised AttributeError" in make_report(verdict).diagnosis[0]
    assert "The sign of average is flipped." in make_report(verdict).diagnosis[1]
    assert verdict.failures[0].outcome.error


def test_result_without_a_known_mistake_is_not_passed_over():
    exercise, solved = EXERCISES["rnn_step_backward"], solution_functions()["rnn_step_backward"]

    def half_known(*arguments):
        first, *others = solved(*arguments)
        return (-first, others[0] ** 3, *others[1:])

    made = make_report(judge(exercise, partial(call, half_known)))
    names = exercise.returns
    assert f"The sign of {names[0]} is flipped" in made.diagnosis[0]
    assert made.diagnosis[1] == f"{names[1]}: wrong as well, by no mistake that we know."


def test_a_mistake_is_not_named_that_would_spoil_what_is_right():
    exercise, solved = EXERCISES["readout_backward"], solution_functions()["readout_backward"]

    def one_sum_forgotten(dlogits, h, W_hy):
        dh, _, db_y = solved(dlogits, h, W_hy)
        return dh, h.swapaxes(1, 2) @ dlogits, db_y

    verdict = judge(exercise, partial(call, one_sum_forgotten))
    said = " ".join(make_report(verdict).diagnosis)
    assert verdict.wrong_results == ("dW_hy",)
    assert "dW_hy" in said
    assert "db_y" not in said


def test_the_same_result_twice_earns_nothing():
    exercise, solved = EXERCISES["lstm_step"], solution_functions()["lstm_step"]
    verdict = judge(exercise, partial(call, lambda *a: (solved(*a)[1],) * 2))
    assert make_report(verdict).diagnosis == ["In the place of h you return c: the order is h, c."]
    assert verdict.credit == 0


def test_rows_of_other_cases_say_so():
    exercise, solved = EXERCISES["lstm_step"], solution_functions()["lstm_step"]

    def one_each(*a):
        h, c = solved(*a)
        return (h**3, c) if len(h) == 1 else (h, c**3 + 1)

    made = make_report(judge(exercise, partial(call, one_each)))
    assert sum(text.endswith("(In another case.)") for _, text in made.results) == 1


def test_changed_arrays_in_a_list_are_copied_one_by_one():
    def scales(grads, max_norm):
        grads[0] *= 0.5
        return grads, 1.0

    said = make_report(judge(EXERCISES["clip_by_global_norm"], partial(call, scales))).diagnosis
    assert any("Work on a copy of each array in it" in line for line in said), said


def test_what_is_put_into_an_input_list_is_a_change():
    def appends(grads, max_norm):
        grads.append(object())
        return grads[:-1], 1.0

    said = make_report(judge(EXERCISES["clip_by_global_norm"], partial(call, appends))).diagnosis
    assert said[-1].startswith("Your function takes items out of the list grads, or puts some in")
    assert call(appends, ([np.zeros(2)], 1.0)).modified == (0,)
    assert call(lambda grads: grads[:], ([np.zeros(2)],)).modified == ()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "It should return 2 results (h, c), and returns nothing (None). Is a `return` missing?"),
        (np.zeros((2, 3)), "It should return 2 results (h, c), and returns one."),
        ((), "It should return 2 results (h, c), and returns 0."),
        ((1, 2, 3), "It should return 2 results (h, c), and returns 3."),
    ],
)
def test_a_wrong_number_of_results_is_counted(value, sentence):
    made = make_report(judge(EXERCISES["lstm_step"], partial(call, lambda *_arguments: value)))
    assert sentence in str(made)
    assert made.results in ([], [(False, sentence)])


def test_results_with_names_of_their_own_are_a_tuple():
    solved, state = solution_functions()["lstm_step"], namedtuple("State", "h c")
    assert judge(EXERCISES["lstm_step"], partial(call, lambda *a: state(*solved(*a)))).passed


def test_no_rows_of_other_cases_stand_beside_an_exception():
    solved = solution_functions()["lstm_step"]

    def raises_once(*arguments):
        h, c = solved(*arguments)
        if len(h) == 1:
            raise ValueError("one alone")
        return h, c**3 + 1

    made = make_report(judge(EXERCISES["lstm_step"], partial(call, raises_once)))
    assert made.results == []
    assert made.diagnosis[0].endswith('`raise ValueError("one alone")`: one alone')


def test_hints_are_offered_only_where_some_are_left():
    verdict = judge(TIME_AVERAGE, partial(call, raises))
    assert make_report(verdict).next_step == ""
    assert make_report(verdict, 1).next_step == 'Next: hint("time_average") shows a hint (1 left).'


def test_case_of_a_stub_is_not_shown():
    assert report_on(stub).case == ""


def test_a_case_is_called_the_smallest_only_where_it_is():
    def endless(x):
        while True:
            pass

    assert report_on(endless, limit=0.2).case.startswith("Failing case: x (3, 5)")


def test_printing_is_capped_and_shown():
    def prints(x):
        print("loud " * 100_000, file=sys.stderr)
        return right(x)

    made = report_on(prints)
    assert made.passed
    assert made.printed.startswith("loud ")
    assert len(made.printed) <= MOST_PRINTED


def test_warnings_do_not_cost_anything():
    def warns(x):
        np.log(np.zeros(1))
        return right(x)

    assert report_on(warns).passed


def test_report_comes_in_reading_order():
    text = str(report_on(TIME_AVERAGE.mistakes[0].function))
    parts = [
        "not right yet",
        TIME_AVERAGE.mistakes[0].message,
        "average has shape",
        "Smallest failing case",
        "Next: hint",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_learner_text_is_escaped_in_html():
    def shouts(x):
        print("<script>alert(1)</script>")
        raise ValueError("<img src=x onerror=alert(1)>")

    html = report_on(shouts).to_html()
    assert "<script>" not in html
    assert "<img" not in html


def test_a_full_pass_says_what_was_verified():
    made = report_on(right)
    assert made.passed
    assert "Verified on 4 cases (x (3, 5); x (2, 7); …) against PyTorch 2." in made.case


def test_credit_is_for_the_named_mistake_alone():
    exercise = EXERCISES["lstm_step"]
    half = next(m.function for m in exercise.mistakes if m.credit == 0.5)

    def raises_too(*arguments):
        if len(arguments[0]) != 1:
            raise ValueError
        return half(*arguments)

    assert judge(exercise, partial(call, half)).credit == 0.5
    assert judge(exercise, partial(call, raises_too)).credit == 0
    assert judge(exercise, partial(call, lambda *a: (half(*a)[0], 7 + 0 * a[2]))).credit == 0


def made_up(name: str) -> Exercise:
    """An exercise that is not the course's."""
    return Exercise(name, "made.up", ("x",), ("y",), 1, ("a",), "b", 1, 1, 1e-7)


def late(x):
    return np.concatenate([0 * x[:, :1], x[:, :-1]], axis=1)


def judged_as_doubling(wrong, sizes):
    """The report on a wrong answer to an exercise that is not the course's."""
    exercise = made_up("doubling")
    exercise.cases(lambda rng: ((rng.normal(size=size),) for size in sizes))
    verdict = Verdict(exercise, [], len(sizes))
    for (x,) in exercise.draw_cases(0):
        trial = Trial((x,), 2 * x, call(wrong, (x,)))
        trial.differences = compare_results(exercise, trial.outcome.value, 2 * x)
        verdict.trials.append(trial)
    verdict.findings = diagnose(verdict)
    return make_report(verdict).diagnosis[0]


SIZES = ((2, 5, 3), (3, 2, 7), (1, 1, 2))


@pytest.mark.parametrize(
    ("wrong", "sizes", "sentence"),
    [
        (lambda x: late(2 * x), SIZES, "comes one step too late"),
        (lambda x: 2 * x + 1, (*SIZES, (1, 1, 1)), "off by one constant"),
        (lambda x: (2 * x).astype(int), SIZES, "its decimals are cut off"),
        (lambda x: np.repeat(2 * x[:, -1:], x.shape[1], axis=1), SIZES, "shows the last step at every step"),
        (lambda x: (2 * x)[None], SIZES, "an axis of length 1 too many"),
        (lambda x: 2 * x * (1 + 1e-6), SIZES, "is nearly right"),
        (lambda x: 4 * x if len(x) == 2 else 2 * x, SIZES, "No mistake that we know"),
        (lambda x: 2 * x * x.shape[1], SIZES[:2], "too large by the factor x.shape[1]"),
    ],
)
def test_patterns_hold_where_small_cases_cannot_tell(wrong, sizes, sentence):
    assert sentence in judged_as_doubling(wrong, sizes)


def test_no_cases_are_no_pass():
    exercise = made_up("empty")
    exercise.cases(lambda rng: iter(()))
    with pytest.raises(ValueError, match="every answer would pass"):
        exercise.draw_cases(0)


def test_one_name_needs_a_comma():
    with pytest.raises(ExerciseError, match="one entry needs a comma"):
        declare(points=1, returns="h", hints=("a",), source="b")(right)  # type: ignore[arg-type]  # the mistake


def test_right_numbers_earn_half_where_only_an_input_is_changed():
    def adds_in_place(x):
        x += 1
        return (x - 1).mean(axis=1)

    verdict = judge(TIME_AVERAGE, partial(call, adds_in_place))
    assert [finding.name for finding in verdict.findings] == ["input_changed"]
    assert verdict.credit == 0.5
    said = make_report(verdict).diagnosis
    assert said == [
        "Your numbers are right, but your function changes its input x: work on a copy (x = x.copy()), since "
        "whoever called you still needs the original."
    ]


def test_wrong_numbers_earn_nothing_where_an_input_is_changed_as_well():
    def adds_in_place(x):
        x += 1
        return x.mean(axis=1)

    verdict = judge(TIME_AVERAGE, partial(call, adds_in_place))
    assert "input_changed" not in [finding.name for finding in verdict.findings]
    assert verdict.credit == 0


def test_mistake_with_credit_earns_part():
    verdict = judge(TIME_AVERAGE, partial(call, lambda x: x.sum(axis=1)))
    assert verdict.credit == 0.5
    assert judge(TIME_AVERAGE, partial(call, lambda x: x.sum())).credit == 0


X_SIZES = ((2, 5, 3), (3, 7, 2), (1, 3, 5))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda x: np.exp(2 * x), "y is the exponential of the right one."),
        (lambda x: np.maximum(2 * x, 0), "the right one with zeros for all negative numbers"),
        (lambda x: np.where(np.abs(x) > 1, np.nan, 2 * x), "y is right but where it is not finite"),
        (lambda x: 2 * x / x.sum(axis=-1, keepdims=True), "is right up to a factor of its own"),
        (lambda x: 2 * x - x.max(axis=-1, keepdims=True), "is off by a number of its own"),
        (lambda x: (2 * x).reshape(-1)[::-1].reshape(x.shape), "the right numbers, but not at their places"),
        (
            lambda x: 2 * x + (np.arange(x.shape[1]) == 0)[:, None] * x**2,
            "wrong only at the first index of its axis 1",
        ),
        (
            lambda x: 2 * x + (np.arange(x.shape[1]) > 0)[:, None] * x**2,
            "right at the first index of its axis 1",
        ),
        (lambda x: 2 * x + (len(x) > 1) * x**2, "only in the cases in which x.shape[0] is more than 1"),
    ],
)
def test_where_and_how_a_result_is_wrong(wrong, sentence):
    assert sentence in judged_as_doubling(wrong, X_SIZES)
