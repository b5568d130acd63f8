"""Which files a student's process may see: Python, its packages without torch, coursekit. Not the course."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

from autograder.lessons import ROOT

#: Packages that a student's process has no business with: PyTorch would answer every exercise.
HIDDEN = ("torch", "torchgen", "functorch", "triton", "nvidia", "nbgrader")
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts", "/dev/null", "/dev/urandom")
#: The parts of this package that the student's side is made of.
OURS = (
    *("__init__", "exercise", "lessons", "packing", "plain", "judging/__init__", "judging/outcome"),
    *("judging/definitions", "learner/__init__", "learner/words", "learner/show"),
    *("grading/__init__", "grading/limits", "grading/wire", "grading/sandbox/__init__"),
    *("grading/sandbox/zygote", "grading/sandbox/child", "grading/sandbox/confine"),
    *(
        "grading/sandbox/surroundings",
        "grading/sandbox/landlock",
        "grading/sandbox/seccomp",
        "grading/sandbox/views",
    ),
)


def packages() -> Path:
    """The folder of installed packages."""
    return Path(sysconfig.get_paths()["purelib"])


def hidden() -> list[Path]:
    """Installed packages that are hidden."""
    return [path for name in HIDDEN if (path := packages() / name).is_dir()]


def own_files() -> list[Path]:
    """The files of the course itself that a student's process may read."""
    return [ROOT / "coursekit", *(ROOT / "autograder" / f"{name}.py" for name in OURS)]


def visible() -> tuple[list[Path], list[Path]]:
    """Paths to read with all below them, and folders that may be listed only."""
    prefix, site = Path(sys.prefix), packages()
    out = {*hidden(), site}
    readable = [Path(path) for path in SYSTEM]
    readable += [Path(sys.base_prefix), *own_files()]
    folder = prefix
    while folder != site:
        readable += [path for path in folder.iterdir() if not site.is_relative_to(path)]
        folder /= site.relative_to(folder).parts[0]
    readable += [path for path in site.iterdir() if path not in out]
    return readable, [site]
