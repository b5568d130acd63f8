"""Lesson 00: what it promises that a learner will read."""

import re
from functools import partial

import autograder.exercises  # noqa: F401  fills EXERCISES
from autograder.exercise import EXERCISES
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.learner.report import make_report
from autograder.lessons import ROOT


def test_the_quoted_report_is_what_the_judge_says():
    text = (ROOT / "lessons" / "00_start_here.py").read_text(encoding="utf-8")
    (quoted,) = re.findall(r"^# ```text\n(.*?)^# ```$", text, re.MULTILINE | re.DOTALL)
    exercise = EXERCISES["time_average"]
    verdict = judge(exercise, partial(call, lambda x: x.mean(axis=0)))
    said = str(make_report(verdict, len(exercise.hints)))
    assert [line.removeprefix("# ") for line in quoted.splitlines()] == said.splitlines()
