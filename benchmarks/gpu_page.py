"""The page that `make gpu` prints, section by section."""

import warnings
from collections.abc import Callable, Iterator
from datetime import date

import torch
from sqlalchemy.exc import SAWarning

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from benchmarks import gpu_agreement, gpu_grading, gpu_judging, gpu_lengths, gpu_scan, gpu_sizes
from benchmarks.timing import cores


def head(where: torch.device) -> str:
    """Who measured, with what, and when."""
    card = torch.cuda.get_device_name(where) if where.type == "cuda" else "the CPU, standing in for a GPU"
    cuda = f", CUDA {torch.version.cuda}" if torch.version.cuda else ""
    return (
        f"# Measured on {card}\n\n"
        f"{date.today().isoformat()}, PyTorch {torch.__version__}{cuda}, {cores()} CPU cores. "
        "Times are medians, warm, where a section says nothing else."
    )


def sections(where: torch.device) -> Iterator[tuple[str, Callable[[], str]]]:
    """Titles, and what writes the tables below them."""
    exercises = list(EXERCISES.values())
    yield "Judging: seconds for 1,000 answers on fresh inputs", lambda: gpu_judging.report(exercises, where)
    yield "Sizes: from where on the GPU is faster", lambda: gpu_sizes.report(where)
    yield "Lengths: a recurrent layer and attention (lesson 16)", lambda: gpu_lengths.report(where)
    yield "Scan: loop / scan in ms, and their ratio (lesson 19)", lambda: gpu_scan.report(where)
    yield (
        f"Grading: a class of {gpu_grading.STUDENTS} of lesson {gpu_grading.LESSON}, {cores()} jobs",
        lambda: gpu_grading.report(where),
    )


def written(title: str, write: Callable[[], str]) -> bool:
    """Print a section; False where it could not be measured, which costs no other section its place."""
    print(f"\n## {title}\n", flush=True)
    try:
        print(write(), flush=True)
    except Exception as error:  # too little memory on the card, say
        print(f"Not measured. {type(error).__name__}: {gpu_agreement.first_line(error)}", flush=True)
        return False
    return True


def write_page(where: torch.device) -> int:
    """Print the page; returns the exit code."""
    warnings.simplefilter("ignore", SAWarning)  # nbgrader's own
    print(head(where), flush=True)
    found = gpu_agreement.agreement(EXERCISES.values(), where)
    print(f"\n## Agreement: {where} against the CPU\n\n{gpu_agreement.report(found)}", flush=True)
    whole = [written(title, write) for title, write in sections(where)]
    return 0 if all(whole) and not found.disagreements else 1
