"""`kill -9` of the command, the judge or a sandbox at random moments: is anything lost, or left behind?

    .venv/bin/python benchmarks/kill_anywhere.py [ROUNDS] [SEED]

A class of lesson 04 with usual mistakes is graded once in peace; then anew in each round, one process is
killed on the way, the command is run again until it ends well, and the results and the gradebook are compared
with those of the quiet run. Everybody's temporary files go into a folder of their own, which has to be empty.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import autograder.exercises  # noqa: F401  fills the registry
from autograder.lessons import find_lessons
from benchmarks.graded_class import make_graded_class
from benchmarks.processes import below

#: What is killed, and a word on its command line.
VICTIMS = {
    "command": "autograder",
    "judge": "autograder.grading.judge_process",
    "runner": "autograder.grading.sandbox.zygote",
}
JOBS, LONGEST, GONE = "2", 300.0, 20.0
GRADES = """
    select submission.student_id, submission.timestamp, cell.name, grade.auto_score, grade.manual_score,
           grade.needs_manual_grade, part.late_submission_penalty
    from grade join base_cell cell on cell.id = grade.cell_id
    join submitted_notebook part on part.id = grade.notebook_id
    join submitted_assignment submission on submission.id = part.assignment_id order by 1, 3
"""
COMMENTS = """
    select submission.student_id, cell.name, comment.auto_comment, comment.manual_comment
    from comment join base_cell cell on cell.id = comment.cell_id
    join submitted_notebook part on part.id = comment.notebook_id
    join submitted_assignment submission on submission.id = part.assignment_id order by 1, 2
"""


@dataclass
class Fall:
    """What became of one round: who was killed and when, and the faults that were found."""

    victim: str
    after: float
    hit: bool
    faults: list[str]


def recorded(root: Path) -> dict[str, Any]:
    """The gradebook's rows, and everything that is kept of a class."""
    with sqlite3.connect(root / "gradebook.db") as book:
        tables = {
            name: book.execute(query).fetchall()
            for name, query in (("grades", GRADES), ("comments", COMMENTS))
        }
    kept = {p.name: json.loads(p.read_text()) for p in sorted(root.glob(".autograder/results/*/*.json"))}
    written = {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.glob("autograded/*/*/[!.]*"))}
    return {**tables, "results": kept, "notebooks": written}


def unlike(was: Any, now: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of two records that differ."""
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        for key in was:
            yield from unlike(was[key], now[key])
    elif was != now:
        yield was, now


def start(root: Path, lesson: str, temporary: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "autograder", "grade", lesson, "--jobs", JOBS]
    surroundings = {**os.environ, "AUTOGRADER_COURSE_ROOT": str(root), "TMPDIR": str(temporary)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=root, env=surroundings, stdout=quiet, stderr=quiet)


def called(pid: int, word: str) -> bool:
    try:
        return word in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return False


def fall(root: Path, lesson: str, victim: str, after: float, quiet: dict[str, Any]) -> Fall:
    """Grade, kill the victim after so many seconds, go on, and compare with the quiet run."""
    temporary = Path(tempfile.mkdtemp(prefix="kill-"))
    running = start(root, lesson, temporary)
    time.sleep(after)
    family = [running.pid, *below(running.pid)]
    named = [pid for pid in family if called(pid, VICTIMS[victim])]
    hit = bool(named) and running.poll() is None
    if hit:
        os.kill(named[0], signal.SIGKILL)
    code, faults = running.wait(LONGEST), []
    if hit and victim != "command" and code:
        faults.append(f"the command ended with {code}")
    if code and start(root, lesson, temporary).wait(LONGEST):
        faults.append("the next run did not end well")
    faults += [
        f"{name}: {was} became {now}"
        for name, of in recorded(root).items()
        for was, now in unlike(quiet[name], of)
    ]
    end = time.monotonic() + GONE
    while time.monotonic() < end and (any(map(alive, family)) or any(temporary.iterdir())):
        time.sleep(0.05)
    faults += [f"process {pid} is left" for pid in family if alive(pid)]
    faults += [f"{path.name} is left in the temporary folder" for path in temporary.iterdir()]
    drafts = [*root.glob(".autograder/results/*/.*"), *root.glob("autograded/*/*/.*")]
    faults += [f"{path.relative_to(root)} is left" for path in drafts]
    shutil.rmtree(temporary)
    return Fall(victim, after, hit, faults)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def falls(course: Path, lesson: str, victims: list[str], rng: random.Random) -> Iterator[Fall]:
    """A round for each victim, in a copy of the course, at a moment within the length of a quiet run."""
    with tempfile.TemporaryDirectory() as place:
        quiet = Path(shutil.copytree(course, Path(place) / "quiet"))
        begun = time.monotonic()
        if start(quiet, lesson, Path(place)).wait(LONGEST):
            raise RuntimeError("grading fails even in peace")
        taken, known = time.monotonic() - begun, recorded(quiet)
        for number, victim in enumerate(victims):
            root = Path(shutil.copytree(course, Path(place) / f"round{number}"))
            yield fall(root, lesson, victim, rng.uniform(0, taken), known)


def main(rounds: str = "20", seed: str = "1") -> None:
    rng, lesson = random.Random(int(seed)), find_lessons(["04"])[0]
    with tempfile.TemporaryDirectory() as place:
        course = Path(place) / "course"
        make_graded_class(course, lesson, 12, copies=0, book=False)
        for made in ("autograded", ".autograder/results"):
            shutil.rmtree(course / made)
        victims = [list(VICTIMS)[i % 3] for i in range(int(rounds))]
        done = []
        for one in falls(course, lesson.number, victims, rng):
            done.append(one)
            print(
                f"{one.victim:<8} after {one.after:5.2f} s {'' if one.hit else '(not there)'} {one.faults}",
                flush=True,
            )
    hit = Counter(one.victim for one in done if one.hit)
    print(f"seed {seed}: {dict(hit)} killed, {sum(bool(one.faults) for one in done)} rounds with faults")


if __name__ == "__main__":
    main(*sys.argv[1:])
