"""Everybody's feedback page in one archive, for Moodle's and Canvas's bulk upload.

Both find a student by numbers that the archive of submissions has in its names, so that archive is read
again: each page gets the name of the file that it answers, with another ending.

Moodle (assignfeedback_file_zip_importer) reads "Ann Lee_12345_assignsubmission_file" at the beginning of a
name; Canvas (Assignment#infer_comment_context_from_filename) the first two numbers between
underscores, the student's and the file's.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.collecting import NO_ARCHIVE, NOTEBOOK, NOTHING, Platform
from autograder.grading.layouts import LAYOUTS, files_of
from autograder.grading.names import is_name
from autograder.lessons import Lesson

MOODLES = "_assignsubmission_file"
NO_PAGES = "There are no feedback pages: run `nbgrader generate_feedback {} --force`, then this again."


@dataclass
class Zipped:
    """Whose page is in the archive, and whose is not there."""

    path: Path
    students: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{len(self.students)} feedback pages: {self.path}"]
        if self.missing:
            lines.insert(0, f"No page for {', '.join(self.missing)}.")
        return "\n".join(lines)


def zip_pages(root: Path, lesson: Lesson, archive: Path, platform: Platform, to: Path) -> Zipped:
    """Write the pages of those who are in `archive`. Raises ValueError where there is nothing to write."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = _names(opened, lesson, platform)
    except FileNotFoundError:
        raise ValueError(f"There is no file {archive}.") from None
    except zipfile.BadZipFile:
        raise ValueError(NO_ARCHIVE.format(archive)) from None
    if not names:
        raise ValueError(NOTHING.format(archive, platform.title()))
    pages = {s: root / "feedback" / s / lesson.name / f"{lesson.stem}.html" for s in names}
    there = {student: page for student, page in pages.items() if page.is_file()}
    if not there:
        raise ValueError(NO_PAGES.format(lesson.name))
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as made:
        for student, page in sorted(there.items()):
            made.write(page, names[student])
    return Zipped(to, sorted(there), sorted(names.keys() - there.keys()))


def _names(opened: zipfile.ZipFile, lesson: Lesson, platform: Platform) -> dict[str, str]:
    """Student -> the name that the page has to have. Of several notebooks the newest counts, as collected."""
    found: dict[str, tuple[tuple[int, ...], str]] = {}
    for path in files_of(opened, platform, lesson.stem):
        upload = LAYOUTS[platform](path, lesson.stem)
        if upload and is_name(upload.student) and upload.file.lower().endswith(NOTEBOOK):
            newest = max(found.get(upload.student, ((), "")), (upload.order, _page_name(path, lesson)))
            found[upload.student] = newest
    return {student: name for student, (_, name) in found.items()}


def _page_name(path: str, lesson: Lesson) -> str:
    """The uploaded file's name as far as the platform made it, and the page's; Moodle needs no folders."""
    before, moodles, _ = path.partition(MOODLES)
    if moodles:
        return f"{before}{MOODLES}_{lesson.stem}.html"
    return f"{path[: -len(NOTEBOOK)]}.html"
