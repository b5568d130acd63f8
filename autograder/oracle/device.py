"""Where the references run: on CUDA where there is a GPU that works, else on the CPU."""

import os
import warnings
from functools import cache

import torch


@cache
def device() -> torch.device:
    """The device of the references. `AUTOGRADER_DEVICE` (cpu, cuda, cuda:1, ...) overrides the choice.

    Raises ValueError when `AUTOGRADER_DEVICE` names a device that this machine does not have.
    """
    wanted = os.environ.get("AUTOGRADER_DEVICE")
    if not wanted:
        return torch.device("cuda" if _has_cuda() else "cpu")
    if trouble := _trouble(wanted):
        raise ValueError(
            f"AUTOGRADER_DEVICE is {wanted!r}, which cannot be used here ({trouble}). "
            "Unset it, or set it to cpu."
        )
    return torch.device(wanted)


def _has_cuda() -> bool:
    """Is there a GPU that computes? One that is too old for this PyTorch, or full, is left alone."""
    with warnings.catch_warnings():  # an old driver or card warns, and nothing may write to stderr
        warnings.simplefilter("ignore")
        return torch.cuda.is_available() and not _trouble("cuda")


def _trouble(wanted: str) -> str:
    """Why a device cannot be used, or ''."""
    try:
        ones = torch.ones(2, 2, dtype=torch.float64, device=wanted)
        (ones @ ones).cpu()
    except (RuntimeError, AssertionError, TypeError) as error:
        return str(error)
    return ""


@cache
def make_ready(where: torch.device) -> None:
    """Have the first backward pass on a GPU over with, out of sight.

    PyTorch computes gradients in a thread of its own for each GPU, and where cuBLAS is the first that the
    thread uses, warns once that it has no CUDA context yet. It then makes one.
    """
    if where.type == "cpu":
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matrix = torch.ones(2, 2, dtype=torch.float64, device=where, requires_grad=True)
        (matrix @ matrix).sum().backward()


def device_name() -> str:
    """A name for people: 'the CPU', or the GPU's own name."""
    chosen = device()
    return torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else "the CPU"
