"""PyTorch's answer: run an exercise's reference on plain arguments."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import torch

from autograder.exercise import Exercise, Function
from autograder.oracle.device import device, make_ready
from autograder.plain import to_plain

#: Who answers, as a report says it.
VERSION = f"PyTorch {torch.__version__.split('+')[0]}"
CPU = torch.device("cpu")

# The cases are tiny: more threads would slow them down, and take the cores from the learner's own code.
torch.set_num_threads(1)


def to_torch(value: Any, where: torch.device | None = None) -> Any:
    """Plain value -> the same with every array a tensor on `where` (the references' device), dtypes kept."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy()).to(where or device())
    if isinstance(value, list | tuple):
        return type(value)(to_torch(item, where) for item in value)
    if isinstance(value, dict):
        return {key: to_torch(item, where) for key, item in value.items()}
    return value


def from_torch(value: Any) -> Any:
    """Tensors -> arrays, everything else a plain value; 0-d tensors become Python numbers."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return value.item() if value.ndim == 0 else value.numpy().copy()
    if isinstance(value, list | tuple):
        return type(value)(from_torch(item) for item in value)
    if isinstance(value, dict):
        return {key: from_torch(item) for key, item in value.items()}
    return to_plain(value)


def reference(exercise: Exercise) -> Function:
    """The function in autograder/references/ that says what is right; tensors in, tensors out."""
    function: Function = getattr(import_module(f"autograder.references.{exercise.lesson}"), exercise.name)
    return function


def expected_result(exercise: Exercise, arguments: tuple[Any, ...], where: torch.device | None = None) -> Any:
    """What the reference returns for these arguments, as a plain value."""
    chosen = where or device()
    make_ready(chosen)
    return from_torch(reference(exercise)(*to_torch(arguments, chosen)))
