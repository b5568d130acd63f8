"""A made-up class: a course's folder with one lesson, and right submissions in several ways of writing."""

import random
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.grading.gradebook import Book
from autograder.grading.notebooks import is_solution
from autograder.lessons import ROOT, Lesson
from benchmarks.variants import variant

STUDENT = "made-up student"
#: So many ways of writing each answer there are; in a comment every submission differs from all others.
WAYS = 20


def make_course(folder: Path, lesson: Lesson, students: int, *, demos: bool) -> None:
    """Write the instructor's notebook and `students` submissions of it, s0000 and on."""
    source = nbformat.read(lesson.notebook("solutions"), as_version=4)
    if not demos:
        source.cells = [c for c in source.cells if "demo" not in c.metadata.get("tags", ())]
    path = lesson.notebook("solutions", folder)
    path.parent.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    nbformat.write(source, path)
    texts = _texts(source, min(students, WAYS))
    for i in range(students):
        path = folder / "submitted" / f"s{i:04}" / lesson.name / f"{lesson.stem}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(texts[i % len(texts)].replace(STUDENT, str(i)), encoding="utf-8")
    with Book(folder, lesson) as book:
        book.register()


def _texts(source: NotebookNode, ways: int) -> list[str]:
    """Notebooks as text, written once: writing one takes longer than grading it."""
    solved = {cell.id: cell.source for cell in filter(is_solution, source.cells)}
    rng, texts = random.Random(1), []
    for _ in range(ways):
        for cell in filter(is_solution, source.cells):
            cell.source = f"{variant(solved[cell.id], rng)}\n# {STUDENT}"
        texts.append(nbformat.writes(source))
    return texts
