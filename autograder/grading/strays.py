"""What lies in submitted/ and will not be graded, or under a name that nobody in the class has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.grading.names import is_name, refusal, shown

LINK = "{}: the folder is a link to another one, and was not graded."


def is_students(folder: Path) -> bool:
    """Is this folder in submitted/ one that a student can have?"""
    return is_name(folder.name) and not folder.is_symlink()


def stray_folders(root: Path) -> list[str]:
    """A sentence for each folder in submitted/ that is no student's, or in there no lesson's."""
    lessons = [path.name for path in (root / "solutions").iterdir() if path.is_dir()]
    folders = sorted(path for path in (root / "submitted").glob("*") if path.is_dir())
    found = sorted(path for mine in filter(is_students, folders) for path in mine.glob("*") if path.is_dir())
    refused = [LINK.format(shown(mine.name)) for mine in folders if mine.is_symlink()]
    refused += [refusal(mine.name) for mine in folders if not is_name(mine.name)]
    return refused + [
        f"{path.parent.name}: the folder {path.name} belongs to no lesson{meant(path.name, lessons)}"
        for path in found
        if path.name not in lessons and not path.name.startswith(".")
    ]


def unlisted_students(gradebook: Gradebook, students: Iterable[str]) -> list[str]:
    """A sentence for each student without a name or an address, in a class where others have one."""
    listed = {s.id for s in gradebook.students if s.first_name or s.last_name or s.email}
    return [
        f"{student} is not in the class list (nbgrader db student import){meant(student, listed)}"
        for student in sorted(students)
        if listed and student not in listed
    ]


def meant(word: str, known: Collection[str]) -> str:
    """The end of a sentence on an unknown word: the known one that is most like it, if there is one."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else "."
