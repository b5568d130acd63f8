"""How long do the overview and the comparison of a graded class take? Both are to grow as the class does.

    .venv/bin/python benchmarks/bench_overview.py [LESSON]

The class is made up, and its gradebook filled: nothing is judged. What is timed is what a teacher waits for
after the command has started: reading all results and notebooks, and writing the page.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

from autograder.grading.teaching.overview import write_overview
from autograder.grading.teaching.similar import write_similar
from autograder.lessons import Lesson, find_lessons
from benchmarks.graded_class import make_graded_class

SIZES = (75, 150, 300)


def measure(lesson: Lesson, students: int) -> tuple[float, float, float, int]:
    """Seconds for the overview, the anonymous one and the comparison, and how many pairs are alike."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "class"
        make_graded_class(root, lesson, students)
        start = time.perf_counter()
        write_overview(root, lesson)
        named = time.perf_counter()
        write_overview(root, lesson, anonymous=True)
        anonymous = time.perf_counter()
        _, pairs, _ = write_similar(root, lesson)
        return named - start, anonymous - named, time.perf_counter() - anonymous, len(pairs)


def main(lesson: str = "04") -> None:
    wanted = find_lessons([lesson])[0]
    print(
        f"{'students':>9}{'overview':>12}{'anonymous':>12}{'similar':>12}{'pairs':>9}   lesson {wanted.name}"
    )
    for students in SIZES:
        named, anonymous, similar, pairs = measure(wanted, students)
        print(f"{students:>9}{named:>10.2f} s{anonymous:>10.2f} s{similar:>10.2f} s{pairs:>9}")


if __name__ == "__main__":
    main(*sys.argv[1:])
