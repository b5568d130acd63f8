"""Grade all submissions of a lesson: side by side, resumable, with one writer to the gradebook."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import nbformat

from autograder.grading.course import NBGRADERS_OWN, TIMESTAMP, rebuilt, small_text, time_remarks, timestamp
from autograder.grading.dress import dress, with_remarks
from autograder.grading.gradebook import Book
from autograder.grading.grader import Grader
from autograder.grading.judge_client import Judge
from autograder.grading.notebooks import Rebuilt
from autograder.grading.results import Result, keep, kept, submission_key
from autograder.grading.seed import class_seed
from autograder.grading.strays import is_students, stray_folders, unlisted_students
from autograder.lessons import Lesson


@dataclass
class Graded:
    """One submission that is done: its result, its notebook, and whether an earlier result was used."""

    result: Result
    made: Rebuilt
    again: bool = False


@dataclass
class Summary:
    """What grading a class came to."""

    graded: int = 0
    reused: int = 0
    isolation: set[str] = field(default_factory=set)
    #: By student: sentences on what was wrong with the file.
    remarks: dict[str, list[str]] = field(default_factory=dict)
    #: By student: the points that the judge gave; and the most there is.
    scores: dict[str, float] = field(default_factory=dict)
    most: float = 0.0
    #: How many feedback pages were removed, because they showed an earlier grade.
    outdated: int = 0
    #: Sentences on what lies in submitted/ under a name that is no lesson's or no student's.
    strays: list[str] = field(default_factory=list)

    def add(self, one: Graded) -> None:
        """Count one submission in."""
        student, tests = one.result.student, one.result.tests.values()
        self.graded += not one.again
        self.reused += one.again
        self.isolation.add(one.result.isolation)
        self.scores[student] = one.result.score
        self.most = sum(test.points for test in tests)
        if remarks := [*one.made.remarks, *one.result.remarks]:
            self.remarks[student] = remarks


class Classroom:
    """The submissions of one lesson in a course's folders."""

    def __init__(self, root: Path, lesson: Lesson) -> None:
        self.root, self.lesson, self.seed = root, lesson, class_seed(root)
        self.source = lesson.notebook("solutions", root)
        if not self.source.exists():
            raise ValueError(f"{self.source} is missing: run `autograder build {lesson.number}`.")

    def students(self) -> list[str]:
        """Everybody who handed something in for the lesson. Raises ValueError if nobody did."""
        folders = (self.root / "submitted").glob(f"*/{self.lesson.name}")
        found = sorted(
            folder.parent.name for folder in folders if folder.is_dir() and is_students(folder.parent)
        )
        if not found:
            raise ValueError(f"there is no submission: {self.root}/submitted/STUDENT/{self.lesson.name}/")
        return found

    def grade(self, jobs: int, tell: Callable[[Graded], None]) -> Summary:
        """Grade everybody with `jobs` sandboxes on this machine; `tell` hears of each one done."""
        with Local(self.seed, jobs) as local:
            return self.collect(local.grade_all(self), tell)

    def collect(self, done: Iterator[Graded], tell: Callable[[Graded], None]) -> Summary:
        """Write what is done to the gradebook, in whatever order it comes."""
        summary = Summary()
        with Book(self.root, self.lesson) as book:
            book.register()
            for one in done:
                book.write(one.result, one.made.notebook, timestamp(self.folder(one.result.student)))
                summary.add(one)
                summary.outdated += not one.again and self._remove_feedback(one.result.student)
                tell(one)
            unlisted = unlisted_students(book.gradebook, summary.scores)
        summary.strays = [*stray_folders(self.root), *unlisted]
        return summary

    def _remove_feedback(self, student: str) -> bool:
        """Remove a page that shows an earlier grade: nbgrader would not write it anew. Was there one?"""
        folder = self.root / "feedback" / student / self.lesson.name
        there = folder.is_dir()
        shutil.rmtree(folder, ignore_errors=True)
        return there

    def begin(self, student: str) -> Graded:
        """One submission, rebuilt: with the kept result (`again`), or with an empty one to be filled in."""
        folder = self.folder(student)
        made = rebuilt(self.source, folder / f"{self.lesson.stem}.ipynb")
        made.remarks += time_remarks(folder)
        key = submission_key(self.lesson.name, made.notebook, self.seed)
        known = kept(self.root, self.lesson.name, student, key)
        return Graded(known or Result(student, self.lesson.name, key), made, known is not None)

    def finish(self, done: Graded) -> Graded:
        """Keep the result, and write the notebook with it into autograded/."""
        keep(self.root, done.result)
        self._write_notebook(done)
        return done

    def folder(self, student: str) -> Path:
        """Where a student's submission lies."""
        return self.root / "submitted" / student / self.lesson.name

    def _write_notebook(self, done: Graded) -> None:
        folder = self.root / "autograded" / done.result.student / self.lesson.name
        folder.mkdir(parents=True, exist_ok=True)
        notebook = with_remarks(dress(done.made.notebook, done.result), done.made.remarks)
        notebook = with_remarks(notebook, done.result.remarks)
        files = {f"{self.lesson.stem}.ipynb": nbformat.writes(notebook) + "\n"}
        for name in NBGRADERS_OWN:
            (folder / name).unlink(missing_ok=True)
            files[name] = small_text(self.folder(done.result.student) / name)
        files[TIMESTAMP] = timestamp(self.folder(done.result.student)) or ""
        for name, text in filter(itemgetter(1), files.items()):
            draft = folder / f".{name}.{os.getpid()}"
            draft.write_text(text, encoding="utf-8")
            draft.chmod(0o444)  # as nbgrader leaves them
            draft.replace(folder / name)


class Local:
    """Sandboxes on this machine, one per thread, and one judge for all of them."""

    def __init__(self, seed: str, jobs: int) -> None:
        self.judge = Judge(seed)
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

    def grade_all(self, classroom: Classroom) -> Iterator[Graded]:
        """Everybody's results, in the order in which they are done."""
        waiting = [self.pool.submit(self.grade, classroom, student) for student in classroom.students()]
        for future in concurrent.futures.as_completed(waiting):
            yield future.result()

    def grade(self, classroom: Classroom, student: str) -> Graded:
        """Grade one submission with this thread's own sandbox, unless its result is kept."""
        one = classroom.begin(student)
        if not one.again:
            one.result = self._grader().grade(one.made.notebook, one.result)
        return classroom.finish(one)

    def _grader(self) -> Grader:
        if not hasattr(self.mine, "grader"):
            self.mine.grader = Grader(self.judge)
            self.graders.append(self.mine.grader)
        grader: Grader = self.mine.grader
        return grader
