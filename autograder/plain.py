"""Plain values: the only things that travel between a learner's function and the judge.

A plain value is a NumPy array of booleans, integers or floats; a Python number, boolean, text or None;
or a list, tuple or dict (with text keys) of plain values. Nothing in it can run code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: More numbers than any exercise needs; a result above it is refused before it fills the memory.
MOST_NUMBERS = 10_000_000
MOST_DEPTH = 8
#: Bits of a whole number. An array's have 64; Python's own may have more.
MOST_BITS = 256
SCALARS = (bool, int, float, str, type(None))


class NotPlainError(TypeError):
    """A value that is not plain. The message says what it was and what to return instead."""


def to_plain(value: Any, depth: int = 0) -> Any:
    """`value` as a plain value: arrays become exact `numpy.ndarray`s, NumPy numbers Python numbers.

    Raises NotPlainError for objects, tensors, complex numbers, and results that are too large or too deep.
    """
    if depth > MOST_DEPTH:
        raise NotPlainError(f"lists nested more than {MOST_DEPTH} deep")
    kind = type(value)
    if kind is int and value.bit_length() > MOST_BITS:
        raise NotPlainError(f"a whole number beyond {MOST_BITS} bits")
    if kind in SCALARS:
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return value.item()
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if kind in (list, tuple) or (isinstance(value, tuple) and hasattr(value, "_fields")):
        items = [to_plain(item, depth + 1) for item in value]
        return items if kind is list else tuple(items)
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise NotPlainError("a dict whose keys are not all text")
        return {key: to_plain(item, depth + 1) for key, item in value.items()}
    raise NotPlainError(f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", ""))


def _plain_array(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "biuf":
        raise NotPlainError(f"an array of dtype {array.dtype}")
    if array.size > MOST_NUMBERS:
        raise NotPlainError(f"an array of {array.size:,} numbers (at most {MOST_NUMBERS:,})")
    return np.array(array, copy=True, subok=False)


def copy_plain(value: Any) -> Any:
    """A deep copy of a plain value."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(copy_plain(item) for item in value)
    if isinstance(value, dict):
        return {key: copy_plain(item) for key, item in value.items()}
    return value


def same_plain(a: Any, b: Any) -> bool:
    """Are two plain values equal in type, shape and every bit of content (nan equals nan)?"""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same_plain, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same_plain(a[key], b[key]) for key in a)
    return bool(a == b or (a != a and b != b))


def leaves(value: Any) -> list[Any]:
    """The arrays and numbers inside a plain value, in order."""
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [value]


def count_numbers(value: Any) -> int:
    """How many numbers a plain value holds."""
    return sum(getattr(leaf, "size", 1) for leaf in leaves(value))


def describe(value: Any) -> str:
    """A value in a few words: 'array (2, 3) float64', 'list of 4', 'int'."""
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {value.dtype}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)}"
    return "nothing (None)" if value is None else type(value).__name__
