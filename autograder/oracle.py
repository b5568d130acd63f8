"""Expected results: run an exercise's PyTorch reference on plain arguments."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from autograder.device import device
from autograder.exercise import EXERCISES, Exercise
from autograder.plain import to_plain

# The cases are tiny: more threads would slow them down, and take the cores from the learner's own code.
torch.set_num_threads(1)


def to_torch(value: Any) -> Any:
    """Plain value -> the same with every array a tensor on the reference's device, its dtype kept."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy()).to(device())
    if isinstance(value, list | tuple):
        return type(value)(to_torch(item) for item in value)
    if isinstance(value, dict):
        return {key: to_torch(item) for key, item in value.items()}
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


def expected_result(exercise: Exercise, arguments: tuple) -> Any:
    """What the reference returns for these arguments, as a plain value."""
    return from_torch(exercise.reference(*to_torch(arguments)))


@lru_cache(maxsize=1024)
def solved_cases(name: str, seed: int) -> list[tuple[tuple, Any]]:
    """The cases of an exercise for one seed with their expected results, computed once and kept."""
    exercise = EXERCISES[name]
    return [(case, expected_result(exercise, case)) for case in exercise.draw_cases(seed)]
