"""Grades and diagnoses of a graded class, read back from nbgrader's gradebook and autograded notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from autograder.lessons import Lesson


@dataclass
class Grade:
    """One student's result in a lesson: the score, the most there is, and what was wrong."""

    score: float
    most: float
    diagnosis: list[str]


def read_grades(root: Path, lesson: Lesson) -> dict[str, Grade]:
    """The grades of a lesson by student, from the course's own gradebook in `root`."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "sequence-models") as gradebook:
        submissions = gradebook.assignment_submissions(lesson.name)
        return {
            s.student_id: Grade(s.score, s.max_score, _diagnosis(root, lesson, s.student_id))
            for s in submissions
        }


def _diagnosis(root: Path, lesson: Lesson, student: str) -> list[str]:
    path = root / "autograded" / student / lesson.name / f"{lesson.stem}.ipynb"
    if not path.exists():
        return []
    outputs = [out for cell in nbformat.read(path, as_version=4).cells for out in cell.get("outputs", [])]
    return [out.evalue for out in outputs if out.output_type == "error"]
