"""How long do the overview and the comparison of a graded class take? Both are to grow as the class does.

    .venv/bin/python benchmarks/bench_overview.py [LESSON]

The class is made up, and its gradebook filled: nothing is judged. What is timed is what a teacher waits for
after the command has started: reading all results and notebooks, and writing the page. Beside it stands, in
brackets, the processor's time: on a busy machine the two differ.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from autograder.grading.teaching.overview import write_overview
from autograder.grading.teaching.similar import write_similar
from autograder.lessons import find_lessons
from benchmarks.graded_class import make_graded_class

SIZES = (75, 150, 300)


def seconds(work: Callable[[], object]) -> str:
    """How long it takes, and how long the processor works for it."""
    start, busy = time.perf_counter(), time.process_time()
    work()
    return f"{time.perf_counter() - start:.2f} ({time.process_time() - busy:.2f}) s"


def main(lesson: str = "04") -> None:
    wanted = find_lessons([lesson])[0]
    print(f"{'students':>9}{'overview':>18}{'anonymous':>18}{'similar':>18}   lesson {wanted.name}")
    for students in SIZES:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place) / "class"
            make_graded_class(root, wanted, students)
            steps = (write_overview, partial(write_overview, anonymous=True), write_similar)
            took = [seconds(partial(step, root, wanted)) for step in steps]
        print(f"{students:>9}" + "".join(f"{words:>18}" for words in took), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
