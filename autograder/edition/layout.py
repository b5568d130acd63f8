"""Which files a learner's folder holds, and laying them out. What is there is never overwritten."""

from __future__ import annotations

from pathlib import Path

from autograder.edition.notebooks import DamagedError, fingerprint, read, replace
from autograder.lessons import ROOT, all_lessons

#: In a learner's folder: the edition as it was laid out, with which a new one is compared.
KEPT = ".sequence-course"
NOT_LAID_OUT = "{} holds no course that `autograder start` laid out: name the folder, or cd into it."
WORKED_IN = (
    "{} has been worked in, so this clone's course cannot be handed out. Move your work to another folder, "
    "and `git checkout -- course`; or work in the clone itself, with `make lab`."
)


def edition(root: Path = ROOT) -> dict[str, bytes]:
    """The files of the edition that is installed, by their path in a learner's folder.

    Raises ValueError in a clone whose course/ somebody has worked in.
    """
    paths = [lesson.notebook("course", root) for lesson in all_lessons(root)]
    for path in paths:
        if _worked_in(path):
            raise ValueError(WORKED_IN.format(path))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in [root / "NOTATION.md", *paths]}


def _worked_in(path: Path) -> bool:
    try:
        notebook = read(path)
    except DamagedError:
        return True
    built = str(notebook["metadata"].get("autograder", {}).get("release"))
    return fingerprint(notebook) != built


def lay_out(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Put what is missing into `folder`, and keep a hidden copy of it; returns what was laid out."""
    missing = [name for name in files if not (folder / name).exists()]
    for name in missing:
        replace(folder / name, files[name])
    for name, content in files.items():
        if name in missing or not (folder / KEPT / name).exists():
            replace(folder / KEPT / name, content)
    return missing


def find_folder(start: Path) -> Path:
    """The laid-out folder that `start` lies in. Raises ValueError where there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / KEPT).is_dir():
            return folder
    raise ValueError(NOT_LAID_OUT.format(start))
