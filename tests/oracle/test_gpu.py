"""The references on a GPU, where there is one; and the benchmark of it, for which the CPU can stand in."""

import itertools
import os
import subprocess
import sys

import pytest
import torch

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.grading.classroom import Classroom
from autograder.grading.graded import Summary
from autograder.lessons import ROOT
from autograder.oracle import solve
from autograder.oracle.pytorch import CPU
from autograder.references import start_here
from autograder.references.return_of_recurrence import linear_scan
from benchmarks import (
    gpu,
    gpu_agreement,
    gpu_grading,
    gpu_judging,
    gpu_lengths,
    gpu_page,
    gpu_scan,
    gpu_sizes,
    timing,
)
from benchmarks.gpu_agreement import agreement
from benchmarks.tables import number

EXERCISE = EXERCISES["time_average"]
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")


@needs_gpu
@pytest.mark.parametrize("name", EXERCISES)
def test_the_gpu_answers_as_the_cpu_does(name):
    assert agreement([EXERCISES[name]], torch.device("cuda")).disagreements == []


def test_the_cpu_agrees_with_itself():
    found = agreement([EXERCISE], CPU)
    assert found.cases == sum(len(EXERCISE.draw_cases(seed)) for seed in gpu_agreement.SEEDS)
    assert gpu_agreement.report(found) == f"{found.cases} of {found.cases} cases agree, on the seeds 0, 1, 2."


def other_every_second_time(monkeypatch, second):
    """The reference is right when the CPU is asked, and `second` when the other device is."""
    right, turn = start_here.time_average, itertools.cycle([False, True])
    monkeypatch.setattr(start_here, "time_average", lambda x: second(x) if next(turn) else right(x))


def test_a_disagreement_is_reported(monkeypatch):
    other_every_second_time(monkeypatch, lambda x: x.mean(dim=1) + 1e-3)
    found = agreement([EXERCISE], CPU)
    assert len(found.disagreements) == found.cases
    assert found.disagreements[0].startswith("time_average, seed 0, case 0: value at [0]: ")
    assert gpu_agreement.report(found).startswith(f"0 of {found.cases} cases agree")


def fail(x):
    raise RuntimeError("expected all tensors to be on the same device\nand much more")


def warn(x):
    return torch.ones(1, 1, 1).T


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (fail, "case 0: RuntimeError: expected all tensors to be on the same device"),
        (warn, "case 0: UserWarning: "),
    ],
)
def test_an_error_and_a_warning_are_disagreements(monkeypatch, second, sentence):
    other_every_second_time(monkeypatch, second)
    found = agreement([EXERCISE], CPU).disagreements[0]
    assert sentence in found
    assert "\n" not in found


def test_without_a_gpu_there_is_one_line_and_no_complaint():
    done = subprocess.run(
        [sys.executable, "benchmarks/gpu.py"],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{gpu.NO_GPU}\n")


@pytest.fixture
def short(monkeypatch):
    """A page of one exercise and one section."""
    monkeypatch.setattr(gpu_page, "EXERCISES", {"time_average": EXERCISE})
    monkeypatch.setattr(gpu_page, "sections", lambda where: [("Lengths", lambda: "a table")])
    return monkeypatch


def test_a_page_ends_well_where_all_agree(short, capsys):
    assert gpu.main("cpu") == 0
    page = capsys.readouterr().out
    assert page.startswith("# Measured on the CPU, standing in for a GPU\n")
    assert "## Agreement: cpu against the CPU" in page
    assert page.endswith("## Lengths\n\na table\n")


def test_a_disagreement_is_an_exit_code(short):
    other_every_second_time(short, fail)
    assert gpu.main("cpu") == 1


def test_a_section_that_fails_costs_no_other(short, capsys):
    short.setattr(gpu_page, "sections", lambda where: [("A", lambda: fail(0)), ("B", lambda: "a table")])
    assert gpu.main("cpu") == 1
    assert "Not measured. RuntimeError: expected all" in (page := capsys.readouterr().out)
    assert page.endswith("## B\n\na table\n")


def test_judging_is_measured_and_leaves_the_choice_of_device_alone(monkeypatch):
    monkeypatch.setenv("AUTOGRADER_DEVICE", "cpu")
    rows = gpu_judging.report([EXERCISE], CPU, seeds=(100, 101)).splitlines()[2:]
    assert [row.split(" | ")[-1] for row in rows] == ["1 of 1 |"] * 2
    assert os.environ["AUTOGRADER_DEVICE"] == "cpu"
    assert solve("time_average", 100).by.endswith("on the CPU")


@pytest.mark.parametrize("ladder", gpu_sizes.LADDERS, ids=lambda ladder: ladder.name)
def test_every_ladder_can_be_climbed(ladder, monkeypatch):
    monkeypatch.setattr(gpu_sizes, "cores", lambda: 1)
    assert len(gpu_sizes.times(ladder, ladder.sizes[0], CPU)) == 3


def test_a_device_wins_from_where_it_stays_the_faster_one():
    assert gpu_sizes.wins_from((1, 2, 3, 4), cpu=(5, 1, 5, 5), other=(2, 2, 2, 2)) == "3"
    assert gpu_sizes.wins_from((1, 2), cpu=(1, 1), other=(2, 2)) == "none of these"
    assert gpu_sizes.wins_from((1, 2), cpu=(3, 3), other=(2, 2)) == "1"


def test_sizes_and_lengths_are_written_as_tables():
    small = gpu_sizes.Ladder("softmax", "rows and columns", (2, 3), gpu_sizes.square)
    assert gpu_sizes.report(CPU, [small]).count("\n| softmax") == 3
    assert len(gpu_lengths.report(CPU, lengths=(2, 3)).splitlines()) == 2 + 6


def test_the_scan_is_the_loop():
    a, b = torch.rand(2, 7, 3, dtype=torch.float64), torch.randn(2, 7, 3, dtype=torch.float64)
    h0 = torch.randn(2, 3, dtype=torch.float64)
    torch.testing.assert_close(gpu_scan.scan(a, b, h0), linear_scan(a, b, h0))
    assert len(gpu_scan.report(CPU, lengths=(2, 3)).splitlines()) == 2 + 8


def test_a_made_up_class_is_right(monkeypatch):
    monkeypatch.setattr(gpu_grading, "LESSON", "00")
    monkeypatch.setattr(gpu_grading, "cores", lambda: 1)
    assert gpu_grading.row(CPU, students=2)[-1] == "2 of 2"


def test_a_class_that_cannot_be_graded_is_no_figure(monkeypatch):
    summary = Summary(ungraded={"s0000": "the sandbox does not answer"})
    monkeypatch.setattr(Classroom, "grade", lambda *_: summary)
    with pytest.raises(RuntimeError, match=r"^1 submissions could not be graded. s0000: the sandbox"):
        gpu_grading.row(CPU, students=1)


def test_long_calls_are_timed_less_often(monkeypatch):
    calls = []
    monkeypatch.setattr(timing, "ENOUGH", 0)
    assert timing.median_ms(lambda: calls.append(0), CPU) > 0
    assert len(calls) == 2
    monkeypatch.setattr(timing, "ENOUGH", 1e9)
    timing.median_ms(lambda: calls.append(0), CPU, rounds=5)
    assert len(calls) == 2 + 6


@pytest.mark.parametrize(
    ("value", "text"), [(0.01234, "0.0123"), (1.0, "1.00"), (99.96, "100"), (1234.5, "1234")]
)
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert number(value) == text
