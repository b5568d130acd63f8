"""Pyodide's files as the browser edition carries them: what the course needs, each checked by its hash.

Python itself and the list of all packages, with their sha256, come from npm's package `pyodide`. The packages
come from `PYODIDE`: a folder, or an address; by default the address where the project publishes its releases.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.lessons import ROOT
from website.npm import packed

VERSION = "0.27.7"
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
#: Of Pyodide's packages: what the kernel loads at its start, and what the course is made with.
WANTED = ("ssl", "sqlite3", "micropip", "jedi", "ipython", "numpy", "matplotlib", "threadpoolctl")
#: From PyPI, in the versions of constraints.txt, with what each is imported as and what it needs.
PURE: dict[str, list[str]] = {
    "comm": ["traitlets"],
    "ipywidgets": ["comm", "ipython", "traitlets"],
    "platformdirs": [],
    "tqdm": [],
}
COURSE_NEEDS = ["ipython", "ipywidgets", "matplotlib", "numpy", "platformdirs", "threadpoolctl", "tqdm"]

Lock = dict[str, Any]


def lay_out(folder: Path, cache: Path, course: Path) -> list[str]:
    """Fill `folder` with Pyodide, its packages and the course's wheel; returns the packages' names.

    `cache` keeps what was downloaded. Raises SystemExit, with a sentence, where a file cannot be had or is
    not the one of the lock.
    """
    folder.mkdir(parents=True)
    cache.mkdir(parents=True, exist_ok=True)
    npm = _from_npm(cache)
    for name in CORE:
        shutil.copy(npm / name, folder)
    lock = json.loads((npm / LOCK).read_text(encoding="utf-8"))
    kept = {name: lock["packages"][name] for name in closure(WANTED, lock)}
    for entry in kept.values():
        shutil.copy(_package(entry["file_name"], entry["sha256"], cache), folder)
    for wheel in _from_pypi(cache):
        name = wheel.name.split("-")[0]
        kept[name] = _add(folder, wheel, name, [name], PURE[name])
    kept["sequence-course"] = _add(
        folder, course, "sequence-course", ["autograder", "coursekit"], COURSE_NEEDS
    )
    (folder / LOCK).write_text(json.dumps({**lock, "packages": kept}), encoding="utf-8")
    return list(kept)


def closure(names: Iterable[str], lock: Lock) -> list[str]:
    """The packages of the lock that these need, themselves included; sorted."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop().replace("_", "-")
        if name not in found:
            found.add(name)
            waiting += lock["packages"][name]["depends"]
    return sorted(found)


def digest(path: Path) -> str:
    """A file's sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _from_npm(cache: Path) -> Path:
    """The folder of npm's package, whose own hash npm checks."""
    folder = cache / "package"
    if not (folder / LOCK).exists():
        with tarfile.open(packed("pyodide", VERSION, cache)) as archive:
            archive.extractall(cache, filter="data")
    return folder


def _package(name: str, sha256: str, cache: Path) -> Path:
    """One of Pyodide's packages, in the cache; fetched if it is not there as it should be."""
    kept, source = cache / name, os.environ.get("PYODIDE") or RELEASE
    if kept.exists() and digest(kept) == sha256:
        return kept
    try:
        if source.startswith(("http://", "https://")):
            with urllib.request.urlopen(source.rstrip("/") + "/" + name, timeout=60) as answer:
                kept.write_bytes(answer.read())
        else:
            shutil.copyfile(Path(source) / name, kept)
    except OSError as error:
        raise SystemExit(
            f"{name} cannot be had from {source} ({error}). Set PYODIDE to a folder or an address with the "
            f"packages of Pyodide {VERSION}."
        ) from None
    if digest(kept) != sha256:
        kept.unlink()
        raise SystemExit(f"{name} from {source} is not the file of Pyodide {VERSION}: its sha256 differs.")
    return kept


def _from_pypi(cache: Path) -> list[Path]:
    folder = cache / "pypi"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--constraint", str(ROOT / "constraints.txt"), "--dest", str(folder), *PURE]
    subprocess.run(command, check=True)
    return sorted(folder.glob("*.whl"))


def _add(folder: Path, wheel: Path, name: str, imports: list[str], depends: list[str]) -> dict[str, Any]:
    """Put a wheel into the folder; returns its entry for the lock."""
    shutil.copy(wheel, folder)
    return {
        "name": name,
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": digest(wheel),
        "package_type": "package",
        "imports": imports,
        "depends": depends,
        "unvendored_tests": False,
    }
