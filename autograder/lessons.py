"""The lessons of the course, found by looking into `lessons/`: of the clone, else of the installed wheel."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

#: This package's folder.
PACKAGE = Path(__file__).resolve().parent
#: The clone that holds lessons/, course/ and this package. A wheel carries those two inside the package.
CLONE = PACKAGE.parent
ROOT = CLONE if (CLONE / "lessons").is_dir() else PACKAGE / "edition" / "files"
#: The lines around the part of an exercise that students do not get.
MARKER = re.compile(r"^[ \t]*# (BEGIN|END) SOLUTION[ \t]*(?:\n|\Z)", re.MULTILINE)
EXERCISE_CELL = re.compile(r'^# %% exercise="(\w+)".*\n((?:(?!# %%).*\n?)*)', re.MULTILINE)


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


def solutions(root: Path = ROOT) -> dict[str, str]:
    """Every exercise's solution as the lessons write it, without the markers: name -> code.

    Empty where the course's texts are not at hand.
    """
    stamps = tuple((lesson.path, lesson.path.stat().st_mtime_ns) for lesson in all_lessons(root))
    return _solutions(stamps)


@lru_cache(maxsize=4)
def _solutions(stamps: tuple[tuple[Path, int], ...]) -> dict[str, str]:
    cells = [EXERCISE_CELL.findall(path.read_text(encoding="utf-8")) for path, _ in stamps]
    return {name: _function(MARKER.sub("", text), name) for found in cells for name, text in found}


def _function(code: str, name: str) -> str:
    """The function of an exercise cell; the cell's other lines (imports, say) stay in their lesson."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_source_segment(code, node) or code
    return code
