"""Nothing is earned by knowing the open cases by heart: fresh inputs are fresh for every exercise."""

from functools import partial

import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, OPEN_SEED, ExerciseError
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.learner.words import secret_seed
from autograder.oracle import solve
from autograder.plain import copy_plain, same_plain
from tests.exercises.test_families import made_up

SEED = 2**61 - 1


def by_heart(name, otherwise):
    """An answer that has the open cases' results in a table, and does `otherwise` with all other inputs."""
    table = solve(name, OPEN_SEED).cases

    def answer(*given):
        for arguments, result in table:
            if same_plain(arguments, given):
                return copy_plain(result)
        return otherwise(*given)

    return answer


@pytest.mark.parametrize("name", EXERCISES)
def test_a_table_of_the_open_cases_earns_what_its_mistake_earns(name):
    exercise = EXERCISES[name]
    for mistake in exercise.mistakes:
        verdict = judge(exercise, partial(call, by_heart(name, mistake.function)), SEED)
        assert not verdict.passed, mistake.name
        assert [f.name for f in verdict.findings] == [mistake.name]
        assert verdict.credit == mistake.credit


@pytest.mark.parametrize("name", EXERCISES)
def test_a_table_of_the_open_cases_passes_them(name):
    nothing = by_heart(name, lambda *_given: None)
    assert judge(EXERCISES[name], partial(call, nothing), OPEN_SEED).passed


@pytest.mark.parametrize("name", EXERCISES)
def test_three_cases_at_least_are_fresh_whatever_the_secret(name, monkeypatch):
    known = EXERCISES[name].draw_cases(OPEN_SEED)
    for secret in ("one", "two", "three"):
        monkeypatch.setenv("AUTOGRADER_SEED", secret)
        fresh = EXERCISES[name].draw_cases(secret_seed(name))
        assert len(fresh) >= 3
        assert not any(same_plain(case, other) for case in fresh for other in known)


def test_cases_that_never_change_are_refused():
    exercise = made_up(("x",), ("y",))
    exercise.cases(lambda rng: iter([(1.0,), (2.0,)]))
    assert exercise.draw_cases(OPEN_SEED) == [(1.0,), (2.0,)]
    with pytest.raises(ExerciseError, match="the same for every seed"):
        exercise.draw_cases(1)


def test_a_case_that_never_changes_is_left_out_of_the_fresh_ones():
    exercise = made_up(("x",), ("y",))
    exercise.cases(lambda rng: iter([(1.0,), (rng.normal(),)]))
    assert len(exercise.draw_cases(OPEN_SEED)) == 2
    ((number,),) = exercise.draw_cases(1)
    assert number != 1.0
