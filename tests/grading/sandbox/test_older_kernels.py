"""What a kernel's Landlock does not know yet, seccomp forbids: no escape works behind any of its versions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.grading.sandbox import landlock, seccomp
from autograder.grading.sandbox.escapes import ESCAPES, IMPORTS
from tests.grading.conftest import promised

#: Landlock's version 1 came with Linux 5.13, 3 (truncation) with 6.2, 6 (signals) with 6.12.
VERSIONS = range(1, 8)
CONFINED = """
import ctypes, os, resource, sys
from pathlib import Path
from autograder.grading.sandbox import landlock
from autograder.grading.sandbox.confine import Walls, confine, plan
from autograder.grading.sandbox.views import visible

version, scratch, codes = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
landlock.version = lambda: version
confine(plan(scratch, *visible(), Walls(landlock=True, seccomp=True)))
for number, code in enumerate(codes):
    try:
        exec(code, {})
        print("reached", number)
    except OSError:
        pass
print("done")
"""
#: More of them, which need no probe at every start.
MORE = {
    "empty a file of the course": "os.open(COURSE, os.O_RDONLY | os.O_TRUNC)",
    "empty it, opened for nothing": "os.open(COURSE, os.O_ACCMODE | os.O_TRUNC)",
    "fill the register": (
        "libc = ctypes.CDLL(None, use_errno=True)\\n"
        "libc.syscall.argtypes = [ctypes.c_long] * 4\\n"
        "if libc.syscall(72, os.pipe()[0], (1 << 32) | fcntl.F_SETOWN, os.getppid()): raise OSError"
    ),
    "a signal for reading": "fcntl.ioctl(os.pipe()[0], 0x8901, os.getppid().to_bytes(4, 'little'))",
    "a group's signal": "os.killpg(os.getpgid(os.getppid()), 0)",
    "outlive the warm process": "if ctypes.CDLL(None).prctl(1, 0, 0, 0, 0): raise OSError",
    "read the kernel's log": "if ctypes.CDLL(None).klogctl(10, None, 0) < 0: raise OSError",
    "remove shared memory": "if ctypes.CDLL(None, use_errno=True).shmctl(0, 0, 0) < 0: raise OSError",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_no_escape_works_behind_an_older_landlock(version, tmp_path):
    if not (landlock.version() and seccomp.library()):
        promised("Landlock or seccomp is missing")
    if version > landlock.version():
        pytest.skip(f"this kernel's Landlock has no version {version}")
    ours, course, scratch = tmp_path / "ours", tmp_path / "course", tmp_path / "scratch"
    scratch.mkdir()
    for path in (ours, course):
        path.write_text("ours")
    known = f"{IMPORTS}\nFILE, COURSE = {str(ours)!r}, {str(course)!r}\n"
    codes = [known + code.replace("\\n", "\n") for code in (*ESCAPES.values(), *MORE.values())]
    command = [sys.executable, "-c", CONFINED, str(version), str(scratch), *codes]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=scratch)
    reached = [[*ESCAPES, *MORE][int(line.split()[1])] for line in done.stdout.splitlines()[:-1]]
    assert reached == []
    assert done.stdout.endswith("done\n"), done.stderr
    assert [path.read_text() for path in (ours, course)] == ["ours", "ours"]


def test_what_honest_code_does_with_files_works(tmp_path):
    code = """
with open("a.txt", "w") as file: file.write("abc")
with open("a.txt", "r+") as file: file.truncate(2)
with open("a.txt", "w+b") as file: file.write(b"xy")
import numpy as np
np.save("b.npy", np.ones(3)); assert np.load("b.npy", mmap_mode="r").sum() == 3
"""
    command = [sys.executable, "-c", CONFINED, str(landlock.version()), str(tmp_path), code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout == "reached 0\ndone\n", done.stderr
    assert (tmp_path / "a.txt").read_bytes() == b"xy"


def test_pytorch_is_hidden_wherever_its_folder_is_reached(monkeypatch, tmp_path):
    """Packages below a folder that is opened as a whole, as with conda, or behind a link."""
    from autograder.grading.sandbox import views

    packages = tmp_path / "env" / "lib" / "packages"
    (packages / "torch").mkdir(parents=True)
    (packages / "numpy").mkdir()
    (tmp_path / "env" / "lib64").symlink_to("lib")
    (tmp_path / "env" / "again").symlink_to(packages / "torch")
    (tmp_path / "env" / "loop").symlink_to(tmp_path / "env")
    monkeypatch.setattr(views, "hidden", lambda: [packages / "torch"])
    monkeypatch.setattr(views, "SYSTEM", (str(tmp_path / "env"),))
    readable, listed = views.visible()
    mine = {path for path in readable if path.is_relative_to(tmp_path)}
    assert mine == {packages / "numpy"}
    assert {path for path in listed if path.is_relative_to(tmp_path)} == {*packages.parents[:2], packages}
    assert Path(os.sep) not in readable
