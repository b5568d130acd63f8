"""The bubblewrap command: namespaces of its own, no network, and only the visible files."""

from __future__ import annotations

import sys

from autograder.grading import limits
from autograder.grading.sandbox.views import SYSTEM, hidden, own_files

#: The scratch folder behind bubblewrap: a mount point of its own, emptied after every student, where no
#: other file can lie (this course may well be installed below /tmp).
SCRATCH = "/scratch"


def bubblewrap() -> list[str]:
    """The bwrap command: namespaces of its own, no network, and only the visible files."""
    made = [
        "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--uid",
        "65534",
        "--gid",
        "65534",
    ]
    made += ["--size", str(4 * limits.SCRATCH_BYTES), "--tmpfs", SCRATCH]
    for path in SYSTEM:
        bind = "--dev-bind-try" if path.startswith("/dev/") else "--ro-bind-try"
        made += [bind, path, path]
    for path in {sys.base_prefix, sys.prefix} - set(SYSTEM):
        made += ["--ro-bind", path, path]
    for folder in hidden():
        made += ["--tmpfs", str(folder)]
    for own in own_files():
        made += ["--ro-bind", str(own), str(own)]
    return [*made, "--remount-ro", "/", "--chdir", SCRATCH]
