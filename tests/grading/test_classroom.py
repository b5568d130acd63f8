"""Whole classes: side by side, stopped and resumed, damaged files, manual grades, PostgreSQL, Dask."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.classroom import Classroom
from autograder.grading.cluster import grade_on
from autograder.grading.commands import one_lesson
from autograder.grading.gradebook import open_gradebook
from autograder.grading.graded import Graded
from autograder.grading.sandbox.isolation import strongest
from autograder.lessons import Lesson
from benchmarks.processes import below
from tests.grading.conftest import HALF, RIGHT, WRONG, answered_text, cluster, missing, outputs_text


@pytest.fixture(autouse=True)
def known_seed(monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "known")


def scores(root: Path) -> dict[str, float]:
    with open_gradebook(root) as book:
        return {s.student_id: s.score for s in book.assignment_submissions("00_start_here")}


def quiet(_one: Graded) -> None:
    pass


def test_a_class_is_graded_and_grading_twice_changes_nothing(root, lesson, hand_in):
    for i in range(6):
        hand_in(f"s{i}", (RIGHT, HALF, WRONG)[i % 3])
    first = Classroom(root, lesson).grade(2, quiet)
    expected = {f"s{i}": (1.0, 0.5, 0.0)[i % 3] for i in range(6)}
    assert scores(root) == expected
    assert (first.graded, first.reused) == (6, 0)
    with open_gradebook(root) as book:
        mine = book.find_grade("test_time_average", "start_here", lesson.name, "s2")
        mine.manual_score = 0.7
        book.db.commit()
    again = Classroom(root, lesson).grade(2, quiet)
    assert (again.graded, again.reused) == (0, 6)
    assert scores(root) == {**expected, "s2": 0.7, "s5": 0.0}
    hand_in("s0", WRONG)
    third = Classroom(root, lesson).grade(2, quiet)
    assert (third.graded, third.reused) == (1, 5)
    assert scores(root)["s0"] == 0.0
    assert "You averaged over the batch" in outputs_text(
        root / "autograded/s0/00_start_here/start_here.ipynb"
    )


def test_only_what_a_person_graded_waits_for_a_person(root, lesson, hand_in):
    def waits(student: str) -> tuple[bool, float]:
        with open_gradebook(root) as book:
            found = book.find_grade("test_time_average", "start_here", lesson.name, student)
            return found.needs_manual_grade, found.score

    for student, code in (("ann", RIGHT), ("bo", WRONG)):
        hand_in(student, code)
    Classroom(root, lesson).grade(1, quiet)
    assert [waits("ann"), waits("bo")] == [(False, 1.0), (False, 0.0)]
    with open_gradebook(root) as book:
        book.find_grade("test_time_average", "start_here", lesson.name, "bo").manual_score = 0.7
        book.db.commit()
    Classroom(root, lesson).grade(1, quiet)
    assert [waits("ann"), waits("bo")] == [(False, 1.0), (True, 0.7)]


def test_only_a_stub_is_called_no_response(root, lesson, hand_in):
    def comments() -> list[str | None]:
        with open_gradebook(root) as book:
            made = [book.find_submission_notebook("start_here", lesson.name, s) for s in ("ann", "bo", "cy")]
            return [comment.auto_comment for one in made for comment in one.comments]

    hand_in("ann", WRONG)
    hand_in("bo", None)
    hand_in("cy", "")
    Classroom(root, lesson).grade(1, quiet)
    assert comments() == [None, "No response.", None]
    hand_in("ann", None)
    hand_in("bo", RIGHT)
    Classroom(root, lesson).grade(1, quiet)
    assert comments() == ["No response.", None, None]


LATE_IS_ZERO = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'


def late(root: Path) -> tuple[float | None, float]:
    """Ann's penalty and how many seconds late she was."""
    with open_gradebook(root) as book:
        submission = book.find_submission("00_start_here", "ann")
        return submission.late_submission_penalty, submission.total_seconds_late


def test_a_late_penalty_goes_with_its_reason(root, lesson, hand_in):
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + LATE_IS_ZERO)
    when = hand_in("ann", RIGHT).with_name("timestamp.txt")
    when.write_text("2026-11-21 09:00:00 UTC")
    for due, penalty in (("2026-11-20 12:00", 1.0), ("2026-11-30 12:00", 0.0), ("2026-11-20 12:00", 1.0)):
        with open_gradebook(root) as book:
            book.update_or_create_assignment("00_start_here", duedate=due)
        Classroom(root, lesson).grade(1, quiet)
        assert (late(root)[0] or 0.0) == penalty
    when.unlink()
    Classroom(root, lesson).grade(1, quiet)
    assert late(root) == (0.0, 0.0)


def test_a_timestamp_that_is_no_time_is_said_and_everybody_is_graded(root, lesson, hand_in):
    hand_in("ann", RIGHT).with_name("timestamp.txt").write_text("last Tuesday, I think")
    summary = Classroom(root, lesson).grade(1, quiet)
    assert scores(root) == {"ann": 1.0}
    assert "timestamp.txt holds no time" in summary.remarks["ann"][0]


def damaged(number: int) -> bytes:
    """One of many ways to ruin a notebook."""
    rng = random.Random(number)
    lesson_text = DAMAGE["text"]
    data = json.loads(lesson_text)
    cells = data["cells"]
    ways = [
        lambda: lesson_text[: rng.randrange(1, len(lesson_text) - 2)].encode(),
        lambda: lesson_text.replace('"', "'", 1 + rng.randrange(20)).encode(),
        lambda: bytes(rng.randrange(256) for _ in range(300)),
        lambda: json.dumps({**data, "cells": rng.choice([3, None, "x", {}])}).encode(),
        lambda: json.dumps(rng.choice([[], 3, "x", None, [data]])).encode(),
        lambda: json.dumps({**data, "cells": [*cells, *cells]}).encode(),
        lambda: json.dumps({**data, "cells": [rng.choice([3, None, [], c]) for c in cells]}).encode(),
        lambda: json.dumps(
            {**data, "cells": [{**c, "source": rng.choice([3, None, {}])} for c in cells]}
        ).encode(),
        lambda: json.dumps(
            {**data, "cells": [{**c, "metadata": rng.choice([3, None])} for c in cells[::-1]]}
        ).encode(),
        lambda: json.dumps({**data, "cells": [{**c, "id": "same"} for c in cells][1:4]}).encode(),
        lambda: json.dumps(
            {**data, "metadata": {"kernelspec": {"language": rng.choice(["R", 3, None])}}}
        ).encode(),
        lambda: (lesson_text + " " * 2_000_000 + "}").encode(),
        lambda: b"",
    ]
    return ways[number % len(ways)]()


DAMAGE = {"text": ""}


def test_two_hundred_damaged_notebooks_are_named_and_the_rest_is_graded(root, lesson, hand_in):
    DAMAGE["text"] = answered_text(lesson, None)
    for i in range(200):
        path = hand_in(f"damaged{i:03}", None)
        path.write_bytes(damaged(i))
    shutil.rmtree(root / "submitted/damaged000/00_start_here/")
    (root / "submitted/damaged000/00_start_here").mkdir()
    for i in range(5):
        hand_in(f"whole{i}", RIGHT)
    summary = Classroom(root, lesson).grade(2, quiet)
    got = scores(root)
    assert len(got) == 205
    assert {name: score for name, score in got.items() if score} == {f"whole{i}": 1.0 for i in range(5)}
    assert "start_here.ipynb is missing" in summary.remarks["damaged000"][0]
    assert {f"damaged{i:03}" for i in range(200)} - set(summary.remarks) == set()
    assert not any(name.startswith("whole") for name in summary.remarks)
    assert all(len(remark) < 300 for remarks in summary.remarks.values() for remark in remarks)


SLOW = "import time\ntime.sleep(0.3)\n"


def run_grading(root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", GRADE, str(root)]
    return subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


GRADE = """
import sys
from pathlib import Path
from autograder.grading.cluster import grade_on
from autograder.grading.classroom import Classroom
from autograder.lessons import Lesson
root = Path(sys.argv[1])
classroom = Classroom(root, Lesson(root / "lessons" / "00_start_here.py"))
done = classroom.grade(2, lambda one: print("one", flush=True))
print(done.graded, done.reused)
"""


def named(pids: Iterable[int], word: str) -> list[int]:
    """Those whose command line holds `word`."""
    lines = {pid: Path(f"/proc/{pid}/cmdline") for pid in pids}
    return [pid for pid, line in lines.items() if line.exists() and word in line.read_text()]


@pytest.mark.parametrize("victim", ["judge_process", "zygote"])
def test_killing_the_judge_or_a_runner_loses_nothing(root, lesson, hand_in, victim):
    for i in range(8):
        hand_in(f"s{i}", SLOW + (RIGHT if i % 2 else HALF))
    running = run_grading(root)
    assert running.stdout and running.stdout.readline() == "one\n"
    for pid in named(below(running.pid), victim):
        with contextlib.suppress(ProcessLookupError):  # it may have died with the one killed before it
            os.kill(pid, signal.SIGKILL)
    out, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert out.splitlines()[-1] == "8 0"
    assert scores(root) == {f"s{i}": 1.0 if i % 2 else 0.5 for i in range(8)}


def test_killing_the_command_loses_nothing_and_leaves_no_process(root, lesson, hand_in):
    for i in range(8):
        hand_in(f"s{i}", SLOW + (RIGHT if i % 2 else HALF))
    running = run_grading(root)
    assert running.stdout and running.stdout.readline() == "one\n"
    left = [pid for word in ("judge_process", "zygote") for pid in named(below(running.pid), word)]
    assert len(left) >= 2
    running.kill()
    running.communicate(timeout=20)
    for _ in range(300):
        if not any(Path(f"/proc/{pid}/cmdline").exists() for pid in left):
            break
        time.sleep(0.1)
    else:
        pytest.fail("processes outlived the command")
    summary = Classroom(root, lesson).grade(2, quiet)
    assert summary.graded + summary.reused == 8
    assert summary.reused >= 1
    assert scores(root) == {f"s{i}": 1.0 if i % 2 else 0.5 for i in range(8)}


def test_results_say_how_they_were_isolated(root, lesson, hand_in):
    hand_in("ann", RIGHT)
    assert Classroom(root, lesson).grade(1, quiet).isolation == {strongest().kind}


def test_nobody_handed_in_and_an_unbuilt_lesson_are_said(root, lesson):
    with pytest.raises(ValueError, match="there is no submission"):
        Classroom(root, lesson).grade(1, quiet)
    with pytest.raises(ValueError, match="run `autograder build 77`"):
        Classroom(root, Lesson(Path("77_nothing.py")))


def test_the_commands_grade_and_export(root, lesson, hand_in, monkeypatch):
    monkeypatch.setattr("autograder.lessons.ROOT", root)
    hand_in("ann", RIGHT)
    hand_in("torn", None).write_text("{")
    run = CliRunner().invoke(app, ["grade", "00", "--jobs", "1"])
    assert run.exit_code == 0, run.output
    assert "torn: start_here.ipynb is damaged" in run.output
    assert "2 graded, 0 unchanged since the last run." in run.output
    for form in ("csv", "canvas", "moodle"):
        to = root / f"{form}.csv"
        done = CliRunner().invoke(app, ["export", "--format", form, "--to", str(to)])
        assert done.exit_code == 0, done.output
        assert "ann" in to.read_text()


def run(*words: str):
    return CliRunner().invoke(app, [*words])


def test_the_end_of_a_run_says_points_and_what_lies_under_a_wrong_name(root, lesson, hand_in):
    for student, code in (("ann", RIGHT), ("bo", HALF), ("zoe", WRONG)):
        hand_in(student, code)
    (root / "submitted" / "jo" / "0_start_here").mkdir(parents=True)
    with open_gradebook(root) as book:
        for student in ("ann", "bo", "zoey"):
            book.update_or_create_student(student, first_name=student)
    for graded in ("3 graded, 0 unchanged", "0 graded, 3 unchanged"):
        said = run("grade", "0", "--jobs", "1").output
        assert graded in said
        assert "Mean 0.5 of 1 points; 1 with 0 points." in said
        assert "jo: the folder 0_start_here belongs to no lesson; did you mean 00_start_here?" in said
        assert "zoe is not in the class list (nbgrader db student import); did you mean zoey?" in said
        assert said.count("class list") == 1


def test_feedback_on_an_earlier_grade_is_removed(root, lesson, hand_in):
    hand_in("ann", WRONG)
    hand_in("bo", WRONG)
    run("grade", "00", "--jobs", "1")
    pages = [root / "feedback" / student / lesson.name / "start_here.html" for student in ("ann", "bo")]
    for page in pages:
        page.parent.mkdir(parents=True)
        page.write_text("0 points")
    hand_in("ann", RIGHT)
    assert "Outdated feedback was removed for 1: generate it again." in run("grade", "00").output
    assert [page.exists() for page in pages] == [False, True]


def test_commands_in_another_folder_write_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_COURSE_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    for words in (["grade", "01"], ["export"]):
        done = run(*words)
        assert done.exit_code == 1
        assert "is not the course's folder" in done.output
        assert len(done.output.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_export_to_nowhere_is_said(root, lesson):
    done = run("export", "--to", str(root / "nowhere" / "x.csv"))
    assert done.exit_code == 1
    assert "cannot be written: No such file or directory." in done.output


def test_a_lesson_is_known_by_its_number_and_by_a_part_of_its_name():
    assert {one_lesson(word).name for word in ("4", "04", "rnn", "numpy_rnn")} == {"04_numpy_rnn"}
    assert one_lesson("lstm").name == "09_lstm"


@pytest.fixture
def heard():
    """Ctrl-C is heard by a child, also where whoever runs the tests ignores it, as nohup may."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("busy", [False, True])
def test_ctrl_c_ends_soon_and_says_how_to_go_on(root, lesson, hand_in, busy):
    for i in range(6):
        hand_in(f"s{i}", RIGHT if i < 2 else "while True: pass")
    command: list[str | Path] = [Path(sys.executable).with_name("autograder"), "grade", "00", "--jobs", "2"]
    log = root / "log.txt"
    with log.open("w") as file:
        running = subprocess.Popen(command, cwd=root, stderr=file, start_new_session=True)
    kept = root / ".autograder" / "results" / lesson.name
    for _ in range(600):
        if sum(scores(root).values()) == 2 if busy else "grading" in log.read_text():
            break
        time.sleep(0.1)
    time.sleep(0.5)
    os.killpg(running.pid, signal.SIGINT)
    start = time.monotonic()
    assert running.wait(60) == 130
    assert time.monotonic() - start < 5
    assert log.read_text().endswith(f"Stopped, with {2 * busy} graded. Run the same command to go on.\n")
    assert "Traceback" not in log.read_text()
    assert len(list(kept.glob("s*.json"))) == 2 * busy


@pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed", "ignore::ResourceWarning")
def test_a_dask_cluster_gives_the_same_grades(root, lesson, hand_in):
    for i in range(6):
        hand_in(f"s{i}", (RIGHT, HALF, WRONG)[i % 3])
    with cluster() as address:
        summary = grade_on(address, Classroom(root, lesson), quiet)
    assert summary.graded == 6
    assert scores(root) == {f"s{i}": (1.0, 0.5, 0.0)[i % 3] for i in range(6)}
    assert Classroom(root, lesson).grade(1, quiet).reused == 6


@pytest.fixture
def postgres(tmp_path):
    """A PostgreSQL server of its own on a Unix socket; yields the gradebook's URL."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not tools:
        missing("PostgreSQL")
    folder = Path(f"/tmp/pg-{os.getpid()}")
    folder.mkdir()
    as_server: list[str | Path] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    command = [*as_server, tools[-1], "-D", data, "-A", "trust", "-U", "teacher", "-N"]
    subprocess.run(command, check=True, capture_output=True, cwd="/")
    command = [*as_server, tools[-1].with_name("postgres"), "-D", data, "-k", folder, "-h", "", "-F"]
    server = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"postgresql+psycopg://teacher@/postgres?host={folder}"
    try:
        wait_for_server(url)
        yield url
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(20)
        shutil.rmtree(folder)


def wait_for_server(url: str) -> None:
    engine = create_engine(url)
    for _ in range(100):
        try:
            with engine.connect() as connection:
                connection.execute(text("select 1"))
            break
        except Exception:
            time.sleep(0.1)
    engine.dispose()


def test_grades_can_go_to_postgresql(root, lesson, hand_in, postgres, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_DB", postgres)
    for i in range(6):
        hand_in(f"s{i}", (RIGHT, HALF, WRONG)[i % 3])
    for _ in range(2):
        Classroom(root, lesson).grade(2, quiet)
        assert scores(root) == {f"s{i}": (1.0, 0.5, 0.0)[i % 3] for i in range(6)}
    monkeypatch.delenv("AUTOGRADER_DB")
    assert scores(root) == {}
