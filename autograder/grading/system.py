"""What grading needs of the machine."""

from __future__ import annotations

import sys
from importlib.util import find_spec

NEEDS_LINUX = (
    "Grading a class needs Linux: what students wrote runs in a sandbox that other systems do not have. "
    "On Windows grade in WSL, on a Mac in a virtual machine or a container."
)
OPEN_CASES = "Judged on the cases that you see. {}"
NO_SANDBOX = "Graders judge on fresh inputs too, in a sandbox, which needs Linux."
NO_TORCH = "Graders judge on fresh inputs too, which needs PyTorch: pip install torch"


def is_linux() -> bool:
    """Can there be a sandbox?"""
    return sys.platform == "linux"


def why_not_as_graders() -> str:
    """Why a notebook cannot be judged here as graders do, in a sentence; '' where it can."""
    if not is_linux():
        return OPEN_CASES.format(NO_SANDBOX)
    return "" if find_spec("torch") else OPEN_CASES.format(NO_TORCH)
