"""Where the references run: on CUDA where there is a GPU, else on the CPU."""

import os
from functools import cache

import torch


@cache
def device() -> torch.device:
    """The device of the references. `AUTOGRADER_DEVICE` (cpu, cuda, cuda:1, ...) overrides the choice.

    Raises ValueError when `AUTOGRADER_DEVICE` names a device that this machine does not have.
    """
    wanted = os.environ.get("AUTOGRADER_DEVICE")
    if not wanted:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.zeros(1, dtype=torch.float64, device=wanted)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(
            f"AUTOGRADER_DEVICE is {wanted!r}, which cannot be used here ({error}). "
            "Unset it, or set it to cpu."
        ) from None
    return torch.device(wanted)


def device_name() -> str:
    """A name for people: 'the CPU', or the GPU's own name."""
    chosen = device()
    return torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else "the CPU"
