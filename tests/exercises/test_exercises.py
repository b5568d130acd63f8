"""What must hold for every exercise: stubs fail kindly, right answers pass, every mistake is named."""

from functools import partial

import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, OPEN_SEED
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.judging.verdict import Verdict
from autograder.learner.report import make_report
from autograder.learner.sentences import STUB
from autograder.oracle.pytorch import expected_result
from autograder.plain import describe, same_plain, to_plain
from tests.second_solutions import SECOND
from tests.solved import solution_functions, stub_functions

#: The learner's seed and two more: nothing may hang on one draw of numbers.
SEEDS = (OPEN_SEED, 1, 2**63 - 25)
PLACEHOLDERS = {"", "author (year), title", "Where to look.", "What to do.", "The line itself."}
MISTAKES = [(name, mistake) for name, e in EXERCISES.items() for mistake in e.mistakes]
each_exercise = pytest.mark.parametrize("name", EXERCISES)
each_seed = pytest.mark.parametrize("seed", SEEDS)


def judged(name: str, function, seed: int = OPEN_SEED) -> Verdict:
    return judge(EXERCISES[name], partial(call, function), seed)


@each_exercise
def test_is_declared_in_full(name):
    exercise = EXERCISES[name]
    assert exercise.points >= 1
    assert exercise.difficulty in (1, 2, 3)
    assert len(exercise.hints) >= 3
    assert not {exercise.source, *exercise.hints} & PLACEHOLDERS, "replace what `autograder new` wrote"
    assert len(exercise.mistakes) >= 3
    messages = [mistake.message for mistake in exercise.mistakes]
    assert len(set(messages)) == len(messages)
    assert all(message[0].isupper() and message.endswith(".") and len(message) < 320 for message in messages)


@each_exercise
def test_cases_fit_the_arguments_and_the_reference_its_results(name):
    exercise = EXERCISES[name]
    for case in exercise.draw_cases(OPEN_SEED):
        assert type(case) is tuple, f"a case is a tuple of arguments, (x,) for one: got {describe(case)}"
        assert len(case) == len(exercise.arguments), f"{describe(case)}, for {exercise.arguments}"
        made = expected_result(exercise, case)
        assert len(exercise.returns) == 1 or len(made) == len(exercise.returns), describe(made)


@each_exercise
def test_stub_fails_kindly(name):
    verdict = judged(name, stub_functions()[name])
    assert not verdict.passed
    assert verdict.credit == 0
    assert make_report(verdict).diagnosis == [STUB]


@each_seed
@each_exercise
def test_solution_passes(name, seed):
    verdict = judged(name, solution_functions()[name], seed)
    assert verdict.passed, str(make_report(verdict))


@each_seed
@each_exercise
def test_second_solution_passes(name, seed):
    assert name in SECOND, f"write a second solution of {name} in tests/second_solutions/"
    verdict = judged(name, SECOND[name], seed)
    assert verdict.passed, str(make_report(verdict))


@each_seed
@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=[f"{n}-{m.name}" for n, m in MISTAKES])
def test_mistake_is_rejected_and_named(name, mistake, seed):
    verdict = judged(name, mistake.function, seed)
    assert not verdict.passed, f"{mistake.name} gives the right results: add a case that tells it apart"
    named = [finding.name for finding in verdict.findings]
    assert named == [mistake.name], f"{mistake.name} is taken for {named}: add a case that tells them apart"
    assert mistake.message in make_report(verdict).diagnosis
    assert verdict.credit == mistake.credit


@each_exercise
def test_cases_are_plain_and_repeatable(name):
    first, again = EXERCISES[name].draw_cases(7), EXERCISES[name].draw_cases(7)
    assert len(first) >= 3
    assert all(same_plain(a, to_plain(a)) for a in first)
    assert all(map(same_plain, first, again))
