"""Fresh environments with the course's wheel in them, as a person makes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.lessons import ROOT

#: What a wheel is built from.
SOURCES = [
    *("autograder", "coursekit", "course", "lessons", "jupyter", "pyproject.toml", "hatch_build.py"),
    *("README.md", "NOTATION.md", "LICENSE", "LICENSE-PROSE"),
]


def uv(*arguments: str) -> str:
    """Run uv as the Makefile does: it ignores pip's find-links."""
    links = os.environ.get("UV_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS", "")
    settings = {"UV_FIND_LINKS": links} if links else {"UV_TORCH_BACKEND": "cpu"}
    command = [sys.executable, "-m", "uv", *arguments]
    done = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def copy_sources(folder: Path) -> Path:
    """What a wheel is built from, to be changed."""
    skip = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=skip)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def build_wheel(sources: Path, folder: Path) -> Path:
    uv("build", "--quiet", "--wheel", "--out-dir", str(folder), str(sources))
    [wheel] = folder.glob("*.whl")
    return wheel


def interpreter(version: str) -> str:
    """A Python of this version on this machine, one of pyenv's included; '' where there is none."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for found in sorted(kept.glob(f"{version}*/bin/python")):
        return str(found)
    try:
        return uv("python", "find", "--no-python-downloads", version)
    except AssertionError:
        return ""


def make(folder: Path, python: str, *packages: str) -> Path:
    """A virtual environment with these packages; returns its folder of programs."""
    uv("venv", "--quiet", "--no-python-downloads", "--python", python, str(folder))
    return add(folder / "bin", *packages)


def add(programs: Path, *packages: str) -> Path:
    """Install packages with the versions that were tested together; the course itself anew."""
    pins = ("-c", str(ROOT / "constraints.txt"), "--reinstall-package", "sequence-course")
    uv("pip", "install", "--quiet", "--python", str(programs / "python"), *pins, *packages)
    return programs
