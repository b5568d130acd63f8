"""A made-up class: a course's folder with one lesson, and right submissions that differ in a comment."""

import shutil
from pathlib import Path

import nbformat

from autograder.grading.gradebook import Book
from autograder.grading.notebooks import is_solution
from autograder.lessons import ROOT, Lesson

STUDENT = "made-up student"


def make_course(folder: Path, lesson: Lesson, students: int, *, demos: bool) -> None:
    """Write the instructor's notebook and `students` submissions of it, s0000 and on."""
    source = nbformat.read(lesson.notebook("solutions"), as_version=4)
    if not demos:
        source.cells = [c for c in source.cells if "demo" not in c.metadata.get("tags", ())]
    path = lesson.notebook("solutions", folder)
    path.parent.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    nbformat.write(source, path)
    for cell in filter(is_solution, source.cells):
        cell.source += f"\n# {STUDENT}"
    text = nbformat.writes(source)  # once for all: writing a notebook takes longer than grading it
    for i in range(students):
        path = folder / "submitted" / f"s{i:04}" / lesson.name / f"{lesson.stem}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text.replace(STUDENT, str(i)), encoding="utf-8")
    with Book(folder, lesson) as book:
        book.register()
