"""Which files a student's process may see: Python, its packages without torch, coursekit. Not the course."""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from pathlib import Path

from autograder.lessons import PACKAGE

#: Packages that a student's process has no business with: PyTorch would answer every exercise, and so would
#: this one, of which OURS alone is seen.
HIDDEN = ("autograder", "torch", "torchgen", "functorch", "triton", "nvidia", "nbgrader")
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts", "/dev/null", "/dev/urandom")
#: The parts of this package that the student's side is made of.
OURS = (
    *("__init__", "exercise", "lessons", "packing", "plain", "judging/__init__", "judging/outcome"),
    *("judging/definitions", "learner/__init__", "learner/words", "learner/show"),
    *("grading/__init__", "grading/limits", "grading/wire", "grading/sandbox/__init__"),
    *("grading/sandbox/zygote", "grading/sandbox/child", "grading/sandbox/confine"),
    *("grading/sandbox/landlock", "grading/sandbox/seccomp", "grading/sandbox/views"),
    *("grading/sandbox/surroundings", "grading/sandbox/sweep"),
    *("grading/sandbox/running", "grading/sandbox/libc"),
    *("judging/compare", "judging/timing"),
    *(f"judging/repair/{name}" for name in ("__init__", "code", "measure", "process", "search", "trial")),
    *(
        f"judging/repair/{name}"
        for name in ("around", "calls", "names", "small", "statements", "terms", "tree")
    ),
)


def hidden() -> list[Path]:
    """The folders of installed packages that are hidden, wherever they lie, without links on the way."""
    specs = [importlib.util.find_spec(name) for name in HIDDEN]
    found = {
        Path(place).resolve() for spec in specs if spec for place in spec.submodule_search_locations or ()
    }
    return sorted(path for path in found if path.is_dir())


def own_files() -> list[Path]:
    """The files of the course itself that a student's process may read."""
    return [PACKAGE.parent / "coursekit", *(PACKAGE / f"{name}.py" for name in OURS)]


def visible() -> tuple[list[Path], list[Path]]:
    """Paths to read with all below them, and folders that may be listed only."""
    readable, listed, seen = own_files(), [], set()
    out = set(hidden())
    queue = [*map(Path, SYSTEM), Path(sys.base_prefix), Path(sys.prefix), *map(Path, _packages())]
    while queue:
        path = queue.pop().resolve()  # what a link leads to is what Landlock opens
        if path in seen or path in out:
            continue
        seen.add(path)
        if any(folder.is_relative_to(path) for folder in out):  # to open it would open them
            listed.append(path)
            queue += path.iterdir()
        else:
            readable.append(path)
    return readable, listed


def _packages() -> set[str]:
    """Where packages are installed: one folder, or two where those with native code have their own."""
    paths = sysconfig.get_paths()
    return {paths["purelib"], paths["platlib"]}
