"""Put the submissions of a platform's archive into submitted/: everybody's, whatever the others sent.

Nothing that a student packed is unpacked, and only notebooks are read.
"""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, cast

from autograder.grading import limits
from autograder.grading.layouts import LAYOUTS, Upload, files_of
from autograder.grading.names import is_name, refusal, shown
from autograder.grading.submissions import plain_name
from autograder.lessons import Lesson

NOTEBOOK = ".ipynb"
MOST_FILES = 50_000
#: Where submissions that a later archive replaced are kept.
KEPT = Path(".autograder") / "replaced"
Platform = Literal["moodle", "canvas"]
Entry = tuple[Upload, zipfile.ZipInfo]

NO_ARCHIVE = "{} is no zip file: download all submissions again."
NOTHING = "{} holds no file that {} names: is it the archive of all submissions to this assignment?"
TWICE = "{}: {} people have this name ({}): put their notebooks into submitted/ by hand, under two names."
TYPED = "a text typed into the platform"
NO_NOTEBOOK = "{}: no notebook, but {}."
NO_TIMES = "The archive does not hold when it was handed in, so that nothing of it counts as late by itself."
LINK = "{}: submitted/{} is no ordinary folder, and was left alone."


@dataclass
class Collected:
    """What became of an archive."""

    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    #: Sentences on what was not collected, each with the name of whom it concerns.
    odd: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = sorted(self.odd)
        if self.late:
            lines.append(f"Late, says the platform: {', '.join(sorted(self.late))}.")
        if self.replaced:
            lines.append(f"Replaced: {', '.join(sorted(self.replaced))}; the earlier ones lie in {KEPT}.")
        if self.new or self.replaced:
            lines.append(NO_TIMES)
        counts = f"{len(self.new)} new, {len(self.replaced)} replaced, {len(self.unchanged)} as before"
        return "\n".join([*lines, f"{counts}; {len(self.odd)} things were not collected."])


def collect(root: Path, lesson: Lesson, archive: Path, platform: Platform) -> Collected:
    """Collect one lesson's submissions from an archive. Raises ValueError for what is no such archive."""
    if not archive.is_file():
        raise ValueError(f"There is no file {archive}.")
    done = Collected()
    try:
        with zipfile.ZipFile(archive) as opened:
            uploads = _uploads(opened, lesson, platform, done)
            for student, entries in sorted(uploads.items()):
                files = _notebooks(opened, student, entries, done)
                if files:
                    _store(root, lesson, student, files, done)
                    done.late += [student] if any(upload.late for upload, _ in entries) else []
    except zipfile.BadZipFile:
        raise ValueError(NO_ARCHIVE.format(archive)) from None
    if not uploads and not done.odd:
        raise ValueError(NOTHING.format(archive, platform.title()))
    return done


def _uploads(
    opened: zipfile.ZipFile, lesson: Lesson, platform: Platform, done: Collected
) -> dict[str, list[Entry]]:
    """The archive's files by student; what has no place, or no possible name, is said."""
    if len(opened.infolist()) > MOST_FILES:
        raise ValueError(f"The archive has more than {MOST_FILES} files.")
    found: dict[str, list[Entry]] = defaultdict(list)
    for path, info in files_of(opened, platform, lesson.stem).items():
        upload = LAYOUTS[platform](path, lesson.stem)
        if upload is None:
            done.odd.append(f"{shown(path)}: not a name that {platform.title()} gives.")
        elif not is_name(upload.student):
            done.odd.append(refusal(upload.student))
        else:
            found[upload.student].append((upload, info))
    people: dict[str, set[str]] = defaultdict(set)
    for student, entries in found.items():
        people[student.casefold()] |= {upload.number for upload, _ in entries}
    for student in [s for s in found if len(people[s.casefold()]) > 1]:
        numbers = people[student.casefold()]
        done.odd.append(TWICE.format(shown(student), len(numbers), ", ".join(sorted(numbers))))
        del found[student]
    return found


def _notebooks(
    opened: zipfile.ZipFile, student: str, entries: list[Entry], done: Collected
) -> dict[str, bytes]:
    """A student's notebooks by name, the newest of each; what is wrong with a file is said."""
    notebooks = [entry for entry in entries if _is_notebook(entry[0])]
    others = sorted({shown(u.file or TYPED) for u, _ in entries if not _is_notebook(u)})
    if not notebooks:
        done.odd.append(NO_NOTEBOOK.format(student, ", ".join(others[:5])))
    newest = {u.file: (u, info) for u, info in sorted(notebooks, key=lambda entry: _age(*entry))}
    files = {}
    for upload, info in newest.values():
        name = plain_name(upload.file[: -len(NOTEBOOK)]).lstrip(".") + NOTEBOOK
        content = _read(opened, info)
        if isinstance(content, str):
            done.odd.append(f"{student}: {shown(upload.file)} {content}.")
        elif name != NOTEBOOK and name not in files:
            files[name] = content
        else:
            done.odd.append(f"{student}: {shown(upload.file)} cannot be called that here.")
    return files


def _is_notebook(upload: Upload) -> bool:
    return upload.file.lower().endswith(NOTEBOOK)


def _age(upload: Upload, info: zipfile.ZipInfo) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return upload.order, info.date_time


def _read(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | str:
    """A file's content, or the end of a sentence on why there is none."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link"
    try:
        with opened.open(info) as file:  # the size in the archive's list may be a lie
            content = cast(BinaryIO, file).read(limits.NOTEBOOK_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        return "is damaged or encrypted in the archive"
    return (
        content
        if len(content) <= limits.NOTEBOOK_BYTES
        else f"has more than {limits.NOTEBOOK_BYTES / 1e6:.0f} MB"
    )


def _store(root: Path, lesson: Lesson, student: str, files: dict[str, bytes], done: Collected) -> None:
    """Write a student's notebooks in one step; what lay there before is kept elsewhere."""
    mine = root / "submitted" / student
    target = mine / lesson.name
    if any(path.is_symlink() or (path.exists() and not path.is_dir()) for path in (mine, target)):
        done.odd.append(LINK.format(student, student))
        return
    if target.exists() and {p.name: p.read_bytes() for p in target.glob("*.ipynb") if p.is_file()} == files:
        done.unchanged.append(student)
        return
    mine.mkdir(parents=True, exist_ok=True)
    draft = mine / f".{lesson.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name, content in files.items():
        (draft / name).write_bytes(content)
    (done.replaced if target.exists() else done.new).append(student)
    if target.exists():
        _keep(root, lesson, student, target)
    draft.replace(target)


def _keep(root: Path, lesson: Lesson, student: str, target: Path) -> None:
    folder = root / KEPT / lesson.name / student
    folder.mkdir(parents=True, exist_ok=True)
    shutil.move(target, folder / str(len(list(folder.iterdir())) + 1))
