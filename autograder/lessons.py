"""The lessons of the course, found by looking into `lessons/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

#: The root of the course: the folder that holds lessons/, course/ and this package.
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Lesson:
    """One lesson: `lessons/04_numpy_rnn.py` has number '04' and stem 'numpy_rnn'."""

    path: Path

    @property
    def number(self) -> str:
        return self.path.stem.split("_", 1)[0]

    @property
    def stem(self) -> str:
        return self.path.stem.split("_", 1)[1]

    @property
    def name(self) -> str:
        """nbgrader's assignment name, and the folder in course/ and solutions/."""
        return self.path.stem

    def notebook(self, kind: str, root: Path = ROOT) -> Path:
        """Where the built notebook lies; `kind` is 'course' or 'solutions'."""
        return root / kind / self.name / f"{self.stem}.ipynb"


def all_lessons(root: Path = ROOT) -> list[Lesson]:
    """Every lesson in the order of the course."""
    return [Lesson(path) for path in sorted((root / "lessons").glob("[0-9][0-9]_*.py"))]


def find_lessons(wanted: list[str], root: Path = ROOT) -> list[Lesson]:
    """The lessons named by number ('04', '4'), by name or by a part of it; all of them for an empty list.

    Raises ValueError with the names that exist when one is unknown, or a part of several.
    """
    lessons = all_lessons(root)
    if not wanted:
        return lessons
    found = []
    for word in wanted:
        key = Path(re.sub(r"\.(py|ipynb)$", "", word)).name
        key = key.zfill(2) if key.isdecimal() else key
        match = [lesson for lesson in lessons if key in (lesson.number, lesson.stem, lesson.name)]
        match = match or [lesson for lesson in lessons if key in lesson.name]
        if len(match) != 1:
            known = ", ".join(lesson.name for lesson in lessons)
            raise ValueError(f"there is no lesson {word!r}. The lessons are: {known}.")
        found += match
    return found
