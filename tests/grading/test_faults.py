"""Faults of the machine: one sentence each, nothing lost, and the next run goes on."""

import errno
import os
import random
import sqlite3
import time

import pytest
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.faults import FaultError, faults_said, machine_fault
from autograder.grading.gradebook import open_gradebook
from autograder.grading.lock import one_at_a_time
from autograder.grading.seed import class_seed
from benchmarks.kill_anywhere import falls
from tests.grading.conftest import HALF, RIGHT


@pytest.fixture(autouse=True)
def known_seed(monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "known")


def grade():
    return CliRunner().invoke(app, ["grade", "00", "--jobs", "1"])


def one_sentence(run) -> str:
    """What a failed run says, without its progress bar."""
    assert run.exit_code == 1
    assert "Traceback" not in run.output
    return run.output.strip().splitlines()[-1]


def scores(root) -> dict[str, float]:
    with open_gradebook(root) as book:
        return {s.student_id: s.score for s in book.assignment_submissions("00_start_here")}


@pytest.fixture
def class_of_two(root, hand_in, unasked):
    hand_in("ann", RIGHT)
    hand_in("bo", HALF)
    return root


def test_a_full_disk_is_said_and_the_next_run_goes_on(class_of_two, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "results/bo.json")

    with monkeypatch.context() as patched:
        patched.setattr("autograder.grading.classroom.keep", full)
        assert one_sentence(grade()).startswith("The disk is full (results/bo.json): free some space.")
    assert grade().exit_code == 0
    assert scores(class_of_two) == {"ann": 1.0, "bo": 0.5}


def test_a_locked_gradebook_is_said_and_grades_are_kept(class_of_two):
    with open_gradebook(class_of_two):
        pass
    holder = sqlite3.connect(class_of_two / "gradebook.db")
    holder.execute("begin exclusive")
    assert "The gradebook is in use by another program" in one_sentence(grade())
    holder.rollback()
    holder.close()
    assert grade().exit_code == 0
    assert scores(class_of_two) == {"ann": 1.0, "bo": 0.5}


def test_a_damaged_gradebook_is_said_and_can_be_made_again(class_of_two):
    assert grade().exit_code == 0
    book = class_of_two / "gradebook.db"
    book.write_bytes(b"garbage" * 1000)
    assert one_sentence(grade()).startswith("The gradebook is damaged: put back your copy of gradebook.db")
    run = CliRunner().invoke(app, ["export", "--to", str(class_of_two / "x.csv")])
    assert one_sentence(run).startswith("The gradebook is damaged")
    book.rename(class_of_two / "away.db")
    assert "0 graded, 2 unchanged" in grade().output
    assert scores(class_of_two) == {"ann": 1.0, "bo": 0.5}


def test_two_runs_at_once_are_one_too_many(class_of_two):
    with one_at_a_time(class_of_two):
        said = one_sentence(grade())
    assert f"Another `autograder grade` is at work in this course (process {os.getpid()})" in said
    assert grade().exit_code == 0


def test_folders_that_cannot_be_written_are_said_before_anybody_is_graded(class_of_two):
    (class_of_two / "autograded").write_text("no folder")
    assert "autograded" in one_sentence(grade())
    assert not list((class_of_two / ".autograder" / "results").glob("*/*.json"))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            OSError(errno.EROFS, "Read-only file system", "a/b"),
            "a/b cannot be written (Read-only file system)",
        ),
        (OSError(errno.EDQUOT, "Quota exceeded"), "The disk is full: free some space."),
        (OSError(errno.EMFILE, "Too many open files"), "A file cannot be written (Too many open files)"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x"), ""),
        (KeyError("x"), ""),
        *(
            (OperationalError("", {}, sqlite3.OperationalError(words)), said)
            for words, said in (
                ("database or disk is full", "The disk is full: free some space."),
                ("attempt to write a readonly database", "The gradebook cannot be written"),
                ("unable to open database file", "The gradebook cannot be opened"),
                ("no such column: x", "The gradebook is another version's: run `nbgrader update .`"),
                ("connection refused", "The gradebook cannot be used: connection refused"),
            )
        ),
    ],
)
def test_a_fault_of_the_machine_has_its_sentence(error, sentence):
    assert machine_fault(error).startswith(sentence)
    assert bool(machine_fault(error)) == bool(sentence)


def test_a_folder_without_permission_is_said(tmp_path):
    refused = PermissionError(errno.EACCES, "Permission denied", "autograded/ann")
    with (
        pytest.raises(FaultError, match=r"^autograded/ann cannot be written \(Permission denied\)"),
        faults_said(tmp_path),
    ):
        raise refused


@pytest.mark.parametrize("held", ["", "\n", "garbage", "0" * 31, "0" * 33, "\x00" * 32, "G" * 32])
def test_a_seed_that_is_empty_or_damaged_is_refused(class_of_two, monkeypatch, held):
    monkeypatch.delenv("AUTOGRADER_SEED")
    path = class_of_two / ".autograder" / "seed"
    path.parent.mkdir(exist_ok=True)
    path.write_text(held)
    said = one_sentence(grade())
    assert said.startswith(f"{path} is {'damaged' if held.strip() else 'empty'}: put your copy of it back.")
    assert path.read_text() == held
    assert not (class_of_two / "autograded").exists()
    path.unlink()
    made = class_seed(class_of_two)
    assert class_seed(class_of_two) == made
    assert len(made) == 32


def test_a_clock_that_runs_backwards_changes_nothing(class_of_two, monkeypatch):
    now = iter(range(10**9, 0, -3600))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    run = grade()
    assert run.exit_code == 0, run.output
    os.utime(class_of_two / ".autograder" / "results" / "00_start_here" / "ann.json", (2**31, 2**31))
    assert "0 graded, 2 unchanged" in grade().output
    assert scores(class_of_two) == {"ann": 1.0, "bo": 0.5}


def test_whoever_is_killed_at_a_random_moment_nothing_is_lost_or_left(root, hand_in):
    """More rounds, with more students: benchmarks/kill_anywhere.py."""
    for i in range(4):
        hand_in(f"s{i}", RIGHT if i % 2 else HALF)
    for one in falls(root, "00", ["command", "judge", "runner"], random.Random(3)):
        assert not one.faults, one
