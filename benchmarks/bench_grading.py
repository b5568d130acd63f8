"""How long does grading a submission take? Stock `nbgrader autograde` and ours, turn by turn, on one core.

    .venv/bin/python benchmarks/bench_grading.py [LESSON] [ROUNDS]

Both grade the same right submissions of a lesson (default 04). Demonstration cells are taken out for both,
and in a second table left in (ours does not run them). Start-up is left out of both. Beside it: the floor
(the student's code in a warm process), two cores, growth from 10 to 1,000 submissions, and memory.

What bounds ours: a third is the student's own code, which runs on two sets of cases; a sixth the start and
end of a process of its own, whose memory is copied page by page; a fifth the command, which reads, writes
and enters the gradebook. A verdict is asked for only where nobody's answer gave the same numbers before.
"""

import contextlib
import itertools
import logging
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import nbformat
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

import autograder.exercises  # noqa: F401  fills the registry
from autograder.authoring.release import course_config
from autograder.exercise import OPEN_SEED
from autograder.grading.classroom import Classroom
from autograder.grading.gradebook import Book
from autograder.grading.graded import Graded
from autograder.grading.local import Local
from autograder.grading.notebooks import grade_id, is_test
from autograder.judging.outcome import call
from autograder.lessons import Lesson, find_lessons
from autograder.oracle import solved_cases
from benchmarks.made_class import make_course
from benchmarks.processes import below

#: Submissions that ours grades at each turn: a class is graded in a row, and after a pause it is slower.
IN_A_ROW = 10
STOCK_STEPS = {
    "sanitize_preprocessors": (
        "ClearOutput",
        "DeduplicateIds",
        "OverwriteKernelspec",
        "OverwriteCells",
        "CheckCellMetadata",
    ),
    "autograde_preprocessors": ("Execute", "LimitOutput", "SaveAutoGrades", "CheckCellMetadata"),
}


def stock(folder: Path, lesson: Lesson) -> Callable[[str], None]:
    """nbgrader's own autograde, as formgrader calls it, in this process."""
    config = course_config(folder)
    config.CourseDirectory.root = str(folder)
    config.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"
    for name, steps in STOCK_STEPS.items():
        config.Autograde[name] = [f"nbgrader.preprocessors.{step}" for step in steps]
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    api.log.setLevel(logging.CRITICAL)

    def grade(student: str) -> None:
        done = api.autograde(lesson.name, student)
        if not done["success"]:
            raise RuntimeError(done)

    return grade


@contextlib.contextmanager
def ours(folder: Path, lesson: Lesson) -> Iterator[tuple[Callable[[str], None], Callable[[str], None]]]:
    """The same for ours: rebuild, run, judge, keep, write the notebook and the gradebook.

    Once as a class is graded, and once as if no two right answers had given the same numbers to the last bit.
    """
    classroom = Classroom(folder, lesson)
    with Local(classroom.seed, 1) as local, Book(folder, lesson) as book:

        def grade(student: str) -> None:
            done = local.grade(classroom, student)
            assert isinstance(done, Graded), done
            assert all(test.score == test.points for test in done.result.tests.values()), student
            book.write(done.result, done.made.notebook, None)

        def grade_alone(student: str) -> None:
            local.judge.passed.clear()
            grade(student)

        yield grade, grade_alone
        print(f"{'memory':<28}{memory(local):>10}")


def memory(local: Local) -> str:
    """Proportional set sizes: what each process adds to the machine's use."""
    sandbox, judge = local.graders[0].sandbox, local.judge.process
    assert sandbox and judge  # both have just been used
    runner = sandbox.process.pid
    sizes = {"judge": [judge.pid], "runner": [runner, *below(runner)]}
    return ", ".join(f"{name} {sum(map(pss, pids)) / 1024:.0f} MB" for name, pids in sizes.items())


def pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def seconds(work: Callable[[str], None], student: str) -> float:
    start = time.perf_counter()
    work(student)
    return time.perf_counter() - start


def floor(folder: Path, lesson: Lesson) -> float:
    """The student's code alone, in a warm process: run the cells, call each function on two sets of cases."""
    notebook = nbformat.read(folder / "submitted/s0000" / lesson.name / f"{lesson.stem}.ipynb", as_version=4)
    cells = [c for c in notebook.cells if c.cell_type == "code" and "demo" not in c.metadata.get("tags", ())]
    names = [grade_id(c).removeprefix("test_") for c in cells if is_test(c)]
    seeds = (OPEN_SEED, OPEN_SEED + 1)
    cases = {name: [case for seed in seeds for case in solved_cases(name, seed)] for name in names}

    def work(_student: str) -> None:
        namespace: dict[str, Any] = {"check": print}
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            for cell in cells:
                if not is_test(cell):
                    exec(cell.source, namespace)
            for name in names:
                for arguments, _ in cases[name]:
                    call(namespace[name], arguments)

    return statistics.median(seconds(work, "") for _ in range(5))


def compare(lesson: Lesson, rounds: int, *, demos: bool) -> float:
    """Turn by turn on one core; returns stock's seconds per submission."""
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / name for name in ("stock", "ours")]
        for folder, most in zip(folders, (1, 2 * IN_A_ROW), strict=True):
            make_course(folder, lesson, most * (rounds + 1), demos=demos)
        slow, names = stock(folders[0], lesson), (f"s{i:04}" for i in itertools.count())
        with ours(folders[1], lesson) as works:
            turns: list[list[list[float]]] = [
                [[seconds(slow, f"s{i:04}")], *(in_a_row(work, names) for work in works)]
                for i in range(rounds + 1)
            ]
        base, mine, alone = (middle(turns[1:], side) for side in range(3))
        bottom = floor(folders[1], lesson)
    print(f"{'stock nbgrader autograde':<28}{base * 1000:>10.0f} ms per submission")
    print(f"{'autograder grade':<28}{mine * 1000:>10.0f} ms   ratio {base / mine:.1f}")
    print(f"{'no two right answers alike':<28}{alone * 1000:>10.0f} ms   ratio {base / alone:.1f}")
    print(f"{'floor: the code alone':<28}{bottom * 1000:>10.1f} ms")
    return base


def in_a_row(work: Callable[[str], None], names: Iterator[str]) -> list[float]:
    return [seconds(work, next(names)) for _ in range(IN_A_ROW)]


def middle(turns: list[list[list[float]]], side: int) -> float:
    return statistics.median(one for turn in turns for one in turn[side])


def growth(lesson: Lesson, base: float) -> None:
    """Whole runs with two jobs on all cores, start-up included."""
    for students in (10, 100, 1000):
        with tempfile.TemporaryDirectory() as place:
            make_course(Path(place), lesson, students, demos=False)
            start = time.perf_counter()
            Classroom(Path(place), lesson).grade(2, lambda _one: None)
            taken = time.perf_counter() - start
        each = taken / students
        print(
            f"{students:>6} submissions{taken:>9.1f} s{each * 1000:>9.0f} ms each   ratio {base / each:.1f}"
        )


def main(lesson: str = "04", rounds: str = "7") -> None:
    warnings.simplefilter("ignore", SAWarning)  # nbgrader's own
    wanted, cores = find_lessons([lesson])[0], os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    print(f"Lesson {wanted.name}, one core, median of {rounds}, demonstrations taken out of both")
    base = compare(wanted, int(rounds), demos=False)
    if any(
        "demo" in c.metadata.get("tags", ()) for c in nbformat.read(wanted.notebook("solutions"), 4).cells
    ):
        print("\nAs shipped, with demonstrations (stock runs them, ours does not)")
        compare(wanted, 2, demos=True)
    os.sched_setaffinity(0, cores)
    print(f"\nWhole runs, two jobs on {len(cores)} cores, start-up included; ratio to stock on one core")
    growth(wanted, base)


if __name__ == "__main__":
    main(*sys.argv[1:])
