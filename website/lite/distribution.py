"""Pyodide's files as the browser edition carries them: what the course needs, each checked by its hash.

Python itself and the list of all packages, with their sha256, come from npm's package `pyodide`. The packages
come from `PYODIDE`: a folder, or an address; by default the address where the project publishes its releases.
What the course never uses is left out: each megabyte and each module is waited for before the first check.
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
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.lessons import ROOT
from website.lite.bytecode import COMPILED, compile_wheels
from website.npm import packed

VERSION = "0.27.7"
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
#: Of Pyodide's packages: what the kernel loads at its start, and what the course is made with.
WANTED = ("micropip", "ipython", "numpy", "matplotlib", "threadpoolctl")
#: Of what matplotlib needs: fonts in PDF files, and time zones.
UNUSED = ("fonttools", "pytz")
#: The kernel installs these by name. Empty, they spare two seconds and three megabytes: IPython completes the
#: names that are there without jedi, and a page's connections are the browser's.
EMPTY = ("jedi", "ssl")
#: Folders of wheels that stay away: pictures of examples, fonts of PDF files; what only a teacher runs.
THINNED = {
    "matplotlib": (
        "matplotlib/mpl-data/sample_data/",
        "matplotlib/mpl-data/fonts/afm/",
        "matplotlib/mpl-data/fonts/pdfcorefonts/",
    ),
    "sequence-course": ("autograder/edition/files/course/", "autograder/grading/"),
}
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
    for name in (*CORE, LOCK):
        shutil.copy(npm / name, folder)
    lock = json.loads((npm / LOCK).read_text(encoding="utf-8"))
    kept = {name: lock["packages"][name] for name in closure(WANTED, lock)}
    for name, entry in kept.items():
        found = _package(entry["file_name"], entry["sha256"], cache)
        entry["sha256"] = _thinned(found, folder, name)
        entry["depends"] = [other for other in entry["depends"] if other not in UNUSED]
    for wheel in _from_pypi(cache):
        name = wheel.name.split("-")[0]
        kept[name] = _added(folder, wheel, name, [name], PURE[name])
    kept["sequence-course"] = _added(
        folder, course, "sequence-course", ["autograder", "coursekit"], COURSE_NEEDS
    )
    for name in EMPTY:
        kept[name] = _added(folder, _empty(name, cache), name, [], [])
    compile_wheels(folder, [kept[name]["file_name"] for name in COMPILED])
    for name in COMPILED:
        kept[name]["sha256"] = digest(folder / kept[name]["file_name"])
    (folder / LOCK).write_text(json.dumps({**lock, "packages": kept}), encoding="utf-8")
    return list(kept)


def closure(names: Iterable[str], lock: Lock) -> list[str]:
    """The packages of the lock that these need and the course uses, themselves included; sorted."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop().replace("_", "-")
        if name not in found and name not in UNUSED:
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


def _empty(name: str, cache: Path) -> Path:
    """A wheel of this name with no module in it."""
    wheel = cache / f"{name}-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        about = zipfile.ZipInfo(f"{name}-0.dist-info/METADATA")  # without the hour: the same bytes each time
        archive.writestr(about, f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
    return wheel


def _thinned(wheel: Path, folder: Path, name: str) -> str:
    """Put a package into the folder, without what THINNED names; returns its sha256 there."""
    made = folder / wheel.name
    if name not in THINNED:
        shutil.copy(wheel, made)
        return digest(made)
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as thin:
        for entry in whole.infolist():
            if not entry.filename.startswith(THINNED[name]):
                thin.writestr(entry, whole.read(entry), compresslevel=9)
    return digest(made)


def _added(folder: Path, wheel: Path, name: str, imports: list[str], depends: list[str]) -> dict[str, Any]:
    """Put a wheel into the folder; returns its entry for the lock."""
    sha256 = _thinned(wheel, folder, name)
    return {
        "name": name,
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": sha256,
        "package_type": "package",
        "imports": imports,
        "depends": depends,
        "unvendored_tests": False,
    }
