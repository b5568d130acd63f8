"""Grade all submissions of a lesson: side by side, resumable, with one writer to the gradebook."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path

from autograder.grading.again import one_exercise
from autograder.grading.bounds import link_fault, name_fault
from autograder.grading.course import NBGRADERS_OWN, TIMESTAMP, rebuilt, small_text, time_remarks, timestamp
from autograder.grading.dress import dress, with_remarks
from autograder.grading.faults import faults_said
from autograder.grading.gradebook import Book
from autograder.grading.graded import Graded, Summary, Ungraded, ungraded
from autograder.grading.local import Local
from autograder.grading.lock import one_at_a_time
from autograder.grading.notebooks import instructor_source
from autograder.grading.policy import lesson_credits
from autograder.grading.results import Result, keep, last_result, same_answers, submission_key
from autograder.grading.seed import class_seed
from autograder.grading.strays import stray_folders, unlisted_students
from autograder.grading.writing import notebook_text
from autograder.lessons import Lesson


class Classroom:
    """The submissions of one lesson in a course's folders."""

    def __init__(self, root: Path, lesson: Lesson, exercise: str = "") -> None:
        self.root, self.lesson, self.seed = root, lesson, class_seed(root)
        self.credits = lesson_credits(root, lesson)
        self.source = lesson.notebook("solutions", root)
        if not self.source.exists():
            raise ValueError(f"{self.source} is missing: run `autograder build {lesson.number}`.")
        #: The one exercise that is to be judged again, if it is only one.
        self.again = one_exercise(instructor_source(self.source), exercise) if exercise else None

    def students(self) -> list[str]:
        """Everybody who handed something in for the lesson. Raises ValueError if nobody did."""
        submitted = self.root / "submitted"
        names = sorted(os.listdir(submitted)) if submitted.is_dir() else []
        found = [name for name in names if _handed_in(self.folder(name))]
        if not found:
            raise ValueError(f"there is no submission: {self.root}/submitted/STUDENT/{self.lesson.name}/")
        return found

    def grade(self, jobs: int, tell: Callable[[Graded], None]) -> Summary:
        """Grade everybody with `jobs` sandboxes on this machine; `tell` hears of each one done."""
        with Local(self.seed, jobs, self.credits) as local:
            return self.collect(local.grade_all(self), tell)

    def collect(self, done: Iterator[Graded | Ungraded], tell: Callable[[Graded], None]) -> Summary:
        """Write what is done to the gradebook, in whatever order it comes.

        Raises FaultError for what is the machine's and no student's: a full disk, a locked gradebook, another
        run in this course.
        """
        summary = Summary()
        with faults_said(self.root), one_at_a_time(self.root), Book(self.root, self.lesson) as book:
            self._try_folders()
            book.register()
            for one in done:
                entered = self._enter(book, one) if isinstance(one, Graded) else one
                if isinstance(entered, Ungraded):
                    summary.ungraded[entered.student] = entered.why
                else:
                    summary.add(entered)
                    tell(entered)
            unlisted = unlisted_students(book.gradebook, summary.scores)
        summary.strays = [*stray_folders(self.root), *unlisted]
        return summary

    def _enter(self, book: Book, one: Graded) -> Graded | Ungraded:
        student = one.result.student
        try:
            one.late = book.write(one.result, one.made.notebook, timestamp(self.folder(student)))
        except Exception as error:
            book.gradebook.db.rollback()
            return ungraded(student, error)
        return one

    def _try_folders(self) -> None:
        """Raise OSError now, not for every student, where results cannot be written."""
        for folder in (self.root / ".autograder" / "results" / self.lesson.name, self.root / "autograded"):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass

    def _remove_feedback(self, student: str) -> bool:
        """Remove a page that shows an earlier grade: nbgrader would not write it anew. Was there one?"""
        folder = self.root / "feedback" / student / self.lesson.name
        there = folder.is_dir()
        shutil.rmtree(folder, ignore_errors=True)
        return there

    def begin(self, student: str) -> Graded:
        """One submission, rebuilt: with the kept result (`again`), or with an empty one to be filled in.

        Raises ValueError for a folder that cannot be a student's.
        """
        folder = self.folder(student)
        if fault := name_fault(student) or link_fault(folder):
            raise ValueError(fault)
        made = rebuilt(self.source, folder / f"{self.lesson.stem}.ipynb")
        made.remarks += time_remarks(folder)
        key = submission_key(self.lesson.name, made.notebook, self.seed, self.credits)
        known = last_result(self.root, self.lesson.name, student)
        empty = Result(student, self.lesson.name, key)
        if self.again and known and same_answers(known.key, key) and self.again.test in known.tests:
            return Graded(empty, made, before=known)
        again = known is not None and known.key == key
        return Graded(known if known and again else empty, made, again)

    def finish(self, done: Graded) -> Graded:
        """Keep the result, and write the notebook with it into autograded/.

        A page that shows an earlier grade goes first: should this end here, it is not taken for the new one.
        """
        done.outdated = not done.again and self._remove_feedback(done.result.student)
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
        files = {f"{self.lesson.stem}.ipynb": notebook_text(notebook) + "\n"}
        for name in NBGRADERS_OWN:
            (folder / name).unlink(missing_ok=True)
            files[name] = small_text(self.folder(done.result.student) / name)
        files[TIMESTAMP] = timestamp(self.folder(done.result.student)) or ""
        for name, text in filter(itemgetter(1), files.items()):
            draft = folder / f".{name}.{os.getpid()}"
            draft.write_text(text, encoding="utf-8")
            draft.chmod(0o444)  # as nbgrader leaves them
            draft.replace(folder / name)


def _handed_in(folder: Path) -> bool:
    """Is there such a folder? One that cannot be looked at counts, so that its student is named."""
    try:
        return not stat.S_ISREG(folder.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
