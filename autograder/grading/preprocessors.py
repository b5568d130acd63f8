"""What nbgrader's autograde and generate_feedback run in place of their own steps; see nbgrader_config.py.

They expect to run in the course's root, as nbgrader's converters do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.plugins.zipcollect import FileNameCollectorPlugin
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import parse_utc
from traitlets import List

from autograder.grading.course import TIMESTAMP, rebuilt, time_remarks, timestamp
from autograder.grading.dress import dress, with_remarks
from autograder.grading.names import is_name, refusal
from autograder.grading.notebooks import grade_id, is_test, without_hidden_tests
from autograder.grading.single import grade_notebook


class SubmissionExporter(NotebookExporter):
    """Lets a file that is no notebook through as an empty one, so that Rebuild can say what is wrong."""

    def from_file(  # type: ignore[override]  # text, as nbconvert's own; its base class says NotebookNode
        self, file_stream: TextIO, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        try:
            notebook = nbformat.read(file_stream, as_version=4)
        except Exception:  # nbformat raises a dozen types; Rebuild reads the file again and names the reason
            notebook = nbformat.v4.new_notebook()
        made: tuple[str, dict[str, Any]] = self.from_notebook_node(notebook, resources, **kw)
        return made


class NamedCollector(FileNameCollectorPlugin):
    """Lets `nbgrader zip_collect` make no student whose name is none: see autograder.grading.names."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        found: dict[str, str] | None = super().collect(submitted_file)
        return found if found and is_name(found["student_id"]) else None


class Rebuild(NbGraderPreprocessor):
    """Replaces the submitted notebook by the instructor's one with the student's answers in it."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        here, info = resources["metadata"], resources["nbgrader"]
        if not is_name(info["student"]):
            raise ValueError(refusal(info["student"]))
        source = Path("solutions") / info["assignment"] / f"{info['notebook']}.ipynb"
        made = rebuilt(source, Path(here["path"]) / f"{here['name']}.ipynb")
        made.remarks += time_remarks(Path(here["path"]))
        for remark in made.remarks:
            self.log.warning("%s: %s", info["student"], remark)
        return with_remarks(made.notebook, made.remarks), resources


class Judged(NbGraderPreprocessor):
    """In place of Execute: runs the notebook in the sandbox and lets the trusted judge judge it.

    A result that is kept for the same notebook, exercises and judge is used again.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        info = resources["nbgrader"]
        result = grade_notebook(Path.cwd(), info["assignment"], info["student"], nb)
        resources["autograder"] = result
        return with_remarks(dress(nb, result), result.remarks), resources


class RecordGrades(SaveAutoGrades):
    """In place of SaveAutoGrades: the score is what the judge recorded, not what stands in the notebook.

    The time is what `autograder grade` reads: nbgrader takes one with an offset (+02:00) for UTC.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        nb, resources = super().preprocess(nb, resources)
        folder = Path("submitted") / self.student_id / self.assignment_id
        if (folder / TIMESTAMP).exists():
            came = timestamp(folder)
            with Gradebook(self.db_url) as book:
                submission = book.find_submission(self.assignment_id, self.student_id)
                submission.timestamp = parse_utc(came) if came else None
                book.db.commit()
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        name = grade_id(cell)
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = resources["autograder"].tests[name].score
        grade.needs_manual_grade = grade.manual_score is not None
        self.gradebook.db.commit()


class HideTests(NbGraderPreprocessor):
    """Feedback shows the visible test only."""

    #: nbconvert sets this for every step of the feedback, and would warn that it is unknown here.
    display_data_priority: List[Any] = List().tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        for cell in filter(is_test, nb.cells):
            cell.source = without_hidden_tests(cell.source)
        return nb, resources


class FeedbackExporter(HTMLExporter):
    """nbgrader's page, with the exercises' names in its list instead of "Test cell" for each."""

    def from_notebook_node(  # type: ignore[override]  # as above
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        page, resources = super().from_notebook_node(nb, resources, **kw)
        for name in map(grade_id, filter(is_test, nb.cells)):
            link = f'<a href="#{name}">'
            page = page.replace(f"{link}Test cell<", f"{link}{name.removeprefix('test_')}<")
        return page, resources
