"""Single files out of npm packages, fetched once: what a page needs so that it asks no other host."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple


class NpmFile(NamedTuple):
    """A file of a package in a version."""

    package: str
    version: str
    path: str


MATHJAX = NpmFile("mathjax", "3.2.2", "es5/tex-svg-full.js")
#: Judges how accessible a page is; only the tests use it.
AXE = NpmFile("axe-core", "4.10.3", "axe.min.js")


def from_npm(wanted: NpmFile, cache: Path) -> Path | None:
    """Where the file lies, fetched into `cache` if it is not there; None where there is no npm.

    Raises CalledProcessError where npm cannot fetch it.
    """
    kept = cache / f"{wanted.package}-{wanted.version}" / Path(wanted.path).name
    if kept.exists():
        return kept
    if shutil.which("npm") is None:
        return None
    archive = packed(wanted.package, wanted.version, kept.parent)
    with tarfile.open(archive) as files:
        found = files.extractfile(f"package/{wanted.path}")
        assert found is not None, f"{wanted.package} {wanted.version} holds no {wanted.path}"
        kept.write_bytes(found.read())
    archive.unlink()
    return kept


def packed(package: str, version: str, folder: Path) -> Path:
    """A whole package in `folder`, as the archive that npm fetches and checks. Raises CalledProcessError."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", "--silent", f"{package}@{version}"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return folder / done.stdout.split()[-1]
