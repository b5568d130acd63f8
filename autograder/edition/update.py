"""Bring a learner's folder to the edition that is installed."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from autograder.edition.layout import KEPT
from autograder.edition.merge import merge
from autograder.edition.notebooks import DamagedError, is_answer, parse, read, replace, write

UP_TO_DATE = "brought up to date; all that you wrote is as you left it."
BOTH = (
    "brought up to date. {} that you had changed {} changed in the course too: yours stayed, the course's "
    "stands above it, and a line says so."
)
NEW = "laid out: it is new in the course."
ANEW = "was not there, and was laid out anew."
RENAMED = "is called {} now: that was brought up to date."
DAMAGED = (
    "cannot be read as a notebook, so it was left as it is. Move it away, and run this again for a new one."
)
KEPT_YOURS = "is not as it was laid out, so it was left as it is; the course's new one is {}."


def update(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Merge the edition's `files` into `folder`; a line for each file that changed or could not."""
    told = []
    for name, content in files.items():
        kept = folder / KEPT / name
        known = kept.read_bytes() if kept.exists() else None
        if said := _one(folder, name, known, content):
            told.append(f"{name} {said}")
    return told


def _one(folder: Path, name: str, known: bytes | None, content: bytes) -> str:
    """Bring one file up to date, then remember its edition; '' where there is nothing to say."""
    path, kept = folder / name, folder / KEPT / name
    renamed = None if path.exists() or known is None else _renamed(path, kept)
    if not path.exists() and not renamed:
        replace(path, content)
        replace(kept, content)
        return NEW if known is None else ANEW
    if known == content:
        return ""
    if PurePosixPath(name).suffix == ".ipynb":
        said = _merged(renamed or path, kept, content)
    elif path.read_bytes() in (known, content):
        replace(path, content)
        said = "brought up to date."
    else:
        said = KEPT_YOURS.format(f"{KEPT}/{name}")
    if said != DAMAGED:
        replace(kept, content)
    return RENAMED.format(renamed.name) if renamed and said != DAMAGED else said


def _merged(path: Path, kept: Path, content: bytes) -> str:
    """Merge one notebook; what is no notebook stays as it is."""
    theirs = parse(content, path.name)
    try:
        made = merge(read(kept) if kept.exists() else theirs, read(path), theirs)
    except DamagedError:
        return DAMAGED
    write(path, made.notebook)
    if not made.both:
        return UP_TO_DATE
    return BOTH.format(f"{made.both} cell{'s' if made.both > 1 else ''}", "were" if made.both > 1 else "was")


def _renamed(path: Path, kept: Path) -> Path | None:
    """The one other notebook in a missing notebook's folder that holds its exercises."""
    wanted = _exercises(kept)
    others = sorted(path.parent.glob("*.ipynb"))
    found = [other for other in others if wanted and wanted <= _exercises(other)]
    return found[0] if len(found) == 1 else None


def _exercises(path: Path) -> set[str]:
    try:
        return {str(c["metadata"]["nbgrader"].get("grade_id")) for c in read(path)["cells"] if is_answer(c)}
    except DamagedError:
        return set()
