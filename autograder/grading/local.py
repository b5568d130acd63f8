"""Grading on this machine: sandboxes side by side, and one judge for all of them."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autograder.grading.again import Again, known_but_for
from autograder.grading.graded import Graded, Ungraded, ungraded
from autograder.grading.grader import Grader
from autograder.grading.judge_client import Judge
from autograder.grading.results import NO_CREDITS, Result

if TYPE_CHECKING:
    from autograder.grading.classroom import Classroom


class Local:
    """Sandboxes on this machine, one per thread, and one judge for all of them."""

    def __init__(self, seed: str, jobs: int, credits: str = NO_CREDITS) -> None:
        self.judge = Judge(seed, credits)
        self.pool = concurrent.futures.ThreadPoolExecutor(jobs)
        self.mine = threading.local()
        self.graders: list[Grader] = []

    def __enter__(self) -> Local:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        if kind:  # stopped: what is not done yet will be done by the next run
            self.judge.close()
            for grader in self.graders:
                grader.stop()
        self.pool.shutdown(cancel_futures=True)
        for grader in self.graders:
            grader.close()
        self.judge.close()

    def grade_all(self, classroom: Classroom) -> Iterator[Graded | Ungraded]:
        """Everybody's results, in the order in which they are done."""
        waiting = [self.pool.submit(self.grade, classroom, student) for student in classroom.students()]
        for future in concurrent.futures.as_completed(waiting):
            yield future.result()

    def grade(self, classroom: Classroom, student: str) -> Graded | Ungraded:
        """Grade one submission with this thread's own sandbox, unless its result is kept.

        Raises what is the machine's fault; whatever else goes wrong concerns this submission alone.
        """
        try:
            one = classroom.begin(student)
            if not one.again:
                one.result = self._graded(classroom.again, one)
            return classroom.finish(one)
        except Exception as error:
            return ungraded(student, error)

    def _graded(self, again: Again | None, one: Graded) -> Result:
        """The whole judged, or one exercise of it where the same answers were judged before."""
        if not (again and one.before):
            return self._grader().grade(one.made.notebook, one.result)
        known = known_but_for(again.exercise, one.before.tests)
        return again.merge(one.before, self._grader().grade(one.made.notebook, one.result, known))

    def _grader(self) -> Grader:
        if not hasattr(self.mine, "grader"):
            self.mine.grader = Grader(self.judge)
            self.graders.append(self.mine.grader)
        grader: Grader = self.mine.grader
        return grader
