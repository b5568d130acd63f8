"""How Moodle and Canvas name the files in the archive of all submissions to an assignment.

Moodle (mod_assign/downloader): "Ann Lee_12345_assignsubmission_file/numpy_rnn.ipynb", where a folder of the
student's own may come in between; without folders "Ann Lee_12345_assignsubmission_file_numpy_rnn.ipynb".
Underscores of a name become spaces.

Canvas (ContentZipper): "leeann_LATE_4711_90210_numpy_rnn.ipynb", that is who, the person's number, the file's
number and its name, all in one folder; where students are anonymous, "anon_x1y2z" stands for the first two.

Names are read from their beginning: what follows was chosen by the student.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

#: The bit of an entry that says that its name is UTF-8.
UTF8 = 0x800
MOODLE = re.compile(r"([^/_]+)_(\d+)_assignsubmission_(file|onlinetext)_?")
CANVAS = re.compile(
    r"(?:([^/]+?)_)??(?:(LATE)_)?(\d+|anon_[^/_]+)_(?:(\d+)_([^/]+)|text\.html|link\.html)", re.I
)


@dataclass(frozen=True)
class Upload:
    """One file of an archive: whose it is, and which."""

    student: str
    #: The platform's own number for the student: two may have one name.
    number: str
    file: str
    #: Among files of one name the greatest counts.
    order: tuple[int, ...] = ()
    late: bool = False


def moodle(path: str, _stem: str) -> Upload | None:
    """What Moodle's name says; None if it is none of Moodle's."""
    found = MOODLE.match(path)
    if not found:
        return None
    name, number, _kind = found.groups()
    inside = path[found.end() :].strip("/")
    return Upload(name, number, inside.rpartition("/")[2], (-inside.count("/"),))


def canvas(path: str, stem: str) -> Upload | None:
    """What Canvas's name says; None if it is none of Canvas's.

    A file that was handed in again is "numpy_rnn-1.ipynb": for the lesson's notebook the number is dropped.
    """
    found = CANVAS.fullmatch(path)
    if not found:
        return None
    name, late, number, file_number, file = found.groups()
    again = re.fullmatch(rf"{re.escape(stem)}-\d+\.ipynb", file or "")
    called = f"{stem}.ipynb" if again else file or ""
    return Upload(name or number, number, called, (int(file_number or 0),), bool(late))


LAYOUTS: dict[str, Callable[[str, str], Upload | None]] = {"moodle": moodle, "canvas": canvas}


def files_of(archive: zipfile.ZipFile, platform: str, stem: str) -> dict[str, zipfile.ZipInfo]:
    """The files of an archive by their paths, without what operating systems add."""
    named = {_path(info): info for info in archive.infolist()}
    paths = {path: info for path, info in named.items() if not (path.endswith("/") or _litter(path))}
    return _without_wrapper(paths, platform, stem)


def _path(info: zipfile.ZipInfo) -> str:
    """An entry's path with slashes, in composed letters; old programs do not say that it is UTF-8."""
    name = info.orig_filename
    if not info.flag_bits & UTF8:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.orig_filename
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _litter(path: str) -> bool:
    """Is it what macOS and Windows put beside the files?"""
    return path.startswith("__MACOSX/") or path.rpartition("/")[2] in (
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
    )


def _without_wrapper(
    paths: dict[str, zipfile.ZipInfo], platform: str, stem: str
) -> dict[str, zipfile.ZipInfo]:
    """The paths without a folder that holds everything, as zipping an unpacked archive again makes it."""
    tops = {path.partition("/")[0] for path in paths}
    if len(tops) != 1 or any(LAYOUTS[platform](path, stem) or "/" not in path for path in paths):
        return paths
    return {path.partition("/")[2]: info for path, info in paths.items()}
