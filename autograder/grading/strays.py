"""What lies in submitted/ and will not be graded, or under a name that nobody in the class has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path

from nbgrader.api import Gradebook


def stray_folders(root: Path) -> list[str]:
    """A sentence for each folder in submitted/STUDENT/ that is no lesson's."""
    lessons = [path.name for path in (root / "solutions").iterdir() if path.is_dir()]
    found = sorted(path for path in (root / "submitted").glob("*/*") if path.is_dir())
    return [
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
