"""Build the notebooks: lessons/ -> solutions/ (executed) and course/ (answers removed)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from autograder.authoring import alone
from autograder.authoring.author import LessonError, instructor_notebook
from autograder.authoring.release import released
from autograder.edition.notebooks import fingerprint
from autograder.lessons import ROOT, Lesson

#: Seconds that one cell of a lesson may take while it is executed.
CELL_LIMIT = 900
WORKED_IN = (
    "{path} has been worked in, so it was left as it is. To keep that work, move the file to another name; "
    "to drop it, `git checkout -- {path}`. Then build again. (Lessons are edited in lessons/.)"
)


class WorkedInError(Exception):
    """A notebook that holds somebody's work would have been overwritten."""


def build_notebooks(lesson: Lesson, root: Path = ROOT) -> tuple[NotebookNode, NotebookNode]:
    """The instructor's notebook (not executed) and the student's, each knowing the prints of both."""
    source = instructor_notebook(lesson, root)
    prints = {"source": fingerprint(source), "release": fingerprint(released(source, root))}
    source.metadata["autograder"] = prints
    return source, released(source, root)


def build(lesson: Lesson, root: Path = ROOT, *, execute: bool = True) -> str:
    """Write both notebooks of a lesson; returns what was done in a few words.

    The solutions are executed only when their code changed: new words around the same code keep the
    outputs. With `execute=False` changed code is written without outputs. Raises WorkedInError instead of
    overwriting somebody's work, and LessonError where a cell fails; then nothing is written.
    """
    source, release = build_notebooks(lesson, root)
    course, solutions = lesson.notebook("course", root), lesson.notebook("solutions", root)
    if is_fresh(solutions, source):
        _write(course, release, "release")
        return "unchanged"
    refuse_if_worked_in(course, "release")
    refuse_if_worked_in(solutions, "source")
    done = "outputs kept" if _keep_outputs(solutions, source) else "written, not executed"
    if execute and done != "outputs kept":
        _execute(source, lesson.name)
        done = "executed"
    _write(course, release, "release")
    _write(solutions, source, "source")
    return done


def _keep_outputs(path: Path, source: NotebookNode) -> bool:
    """Take the outputs over from the notebook at `path` if it was executed with the same code."""
    kept = _read(path) if path.exists() else None
    before = [cell for cell in kept.cells if cell.cell_type == "code"] if kept else []
    now = [cell for cell in source.cells if cell.cell_type == "code"]
    if [alone.without(cell.source) for cell in before] != [alone.without(cell.source) for cell in now]:
        return False
    if not all(cell.execution_count for cell in before if cell.source):
        return False
    for cell, executed in zip(now, before, strict=True):
        cell.outputs, cell.execution_count = executed.outputs, executed.execution_count
    return True


def is_fresh(path: Path, source: NotebookNode) -> bool:
    """Does an executed solutions notebook stand for this source, metadata included?"""
    if not path.exists():
        return False
    kept = _read(path)
    if kept is None or kept.metadata.get("autograder") != source.metadata["autograder"]:
        return False
    same = [(c.id, c.cell_type, c.source, c.metadata) for c in kept.cells] == [
        (c.id, c.cell_type, c.source, c.metadata) for c in source.cells
    ]
    return same and all(c.execution_count for c in kept.cells if c.cell_type == "code" and c.source)


def refuse_if_worked_in(path: Path, which: str) -> None:
    """Raise WorkedInError if the notebook's cells are not those that were built (`which` print)."""
    if not path.exists():
        return
    kept = _read(path)
    if kept is None or fingerprint(kept) != kept.metadata.get("autograder", {}).get(which):
        name = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        raise WorkedInError(WORKED_IN.format(path=name))


def _read(path: Path) -> NotebookNode | None:
    try:
        read: NotebookNode = nbformat.read(path, as_version=4)
        return read
    except Exception:  # whatever it is, it is not a notebook that we built
        return None


def _write(path: Path, notebook: NotebookNode, which: str) -> None:
    text = nbformat.writes(notebook) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    refuse_if_worked_in(path, which)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _execute(notebook: NotebookNode, name: str) -> None:
    """Run all cells in place. Raises LessonError for a cell that fails or writes to stderr."""
    with tempfile.TemporaryDirectory() as folder, _environment(folder):
        client = NotebookClient(
            notebook,
            timeout=CELL_LIMIT,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise LessonError(
                f"{name}: a cell fails.\n{_told(notebook)}\n{error.ename}: {error.evalue}"
            ) from None
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.outputs = [output for output in cell.outputs if not _is_blank(output)]
        for output in cell.outputs:
            if output.get("name") == "stderr":
                raise LessonError(f"{name}: a cell writes to stderr: {output['text']}\n\n{cell.source}")


def _is_blank(output: NotebookNode) -> bool:
    """White space is what a progress bar leaves behind when it is done."""
    return output.output_type == "stream" and not output.text.strip()


def _told(notebook: NotebookNode) -> str:
    """The failing cell, and what a check said below it."""
    failed = next(c for c in notebook.cells if any(o.output_type == "error" for o in c.get("outputs", [])))
    shown = (output.get("data", {}).get("text/plain", "") for output in failed.outputs)
    return "\n\n".join(filter(None, ["", failed.source, *shown]))


@contextmanager
def _environment(home: str) -> Iterator[None]:
    """An own progress file, still pictures, and one thread: two busy ones are far slower at these sizes."""
    wanted = {"AUTOGRADER_HOME": home, "COURSE_STILL_PICTURES": "1"}
    wanted |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value
