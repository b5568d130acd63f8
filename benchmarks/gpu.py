"""What a GPU changes: does it answer as the CPU does, and what is it worth? A page in Markdown.

    .venv/bin/python benchmarks/gpu.py [DEVICE]

DEVICE is cuda unless told otherwise; with cpu the CPU stands in, so that the page can be tried anywhere.
Exits with 1 where references do not agree, or something could not be measured. docs/gpu.md says how to read
it.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a job per core, none of them two

import torch

NO_GPU = "There is no CUDA device on this machine: nothing to measure."


def main(wanted: str = "cuda") -> int:
    """Print the page, or one line; returns the exit code."""
    where = torch.device(wanted)
    if where.type == "cuda" and not torch.cuda.is_available():
        print(NO_GPU)
        return 0
    from benchmarks.gpu_page import write_page  # nbgrader and all: the one line should not wait for them

    return write_page(where)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
