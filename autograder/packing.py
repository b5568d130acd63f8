"""Plain values as bytes: JSON for the structure, arrays as their bytes. Nothing that is read can run code.

Lists, tuples and dicts are tagged, because JSON alone would turn tuples into lists. An array is told by the
place of its bytes, its dtype, its shape, and whether it lies column by column. (The headers of .npy files are
Python that has to be parsed: with some hundred small arrays in a message, that took most of the time.)
"""

from __future__ import annotations

import json
import math
import re
import struct
from functools import cache
from typing import Any

import numpy as np

from autograder.plain import MOST_NUMBERS

#: Lists, numbers and the like in one value; the largest exercise has some hundreds.
MOST_NODES = 50_000
MOST_TEXT = 4 * 2**20
MOST_DEPTH = 16
MOST_AXES = 32
#: Truth values, whole numbers and real ones, as NumPy calls their kinds, and a dtype of theirs in full.
KINDS = "biuf"
DTYPE = re.compile(r"[<>|=][biuf]\d{1,2}")
LENGTH = struct.Struct("<Q")


class PackError(ValueError):
    """Bytes that are no plain value, or more of them than allowed."""


class _Budget:
    """Counts the nodes of one value, and refuses one that has too many before it costs time."""

    def __init__(self) -> None:
        self.nodes = 0

    def spend(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > MOST_DEPTH:
            raise PackError(f"more than {MOST_NODES:,} values, or nested more than {MOST_DEPTH} deep")


def pack(value: Any) -> bytes:
    """A plain value as bytes. Raises PackError for what is not plain."""
    blobs: list[bytes] = []
    try:
        tree = json.dumps(_tagged(value, blobs, 0, _Budget())).encode()
    except PackError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise PackError(f"not a plain value: {error}") from None
    if len(tree) > MOST_TEXT:
        raise PackError(f"more than {MOST_TEXT // 2**20} MB of text")
    return b"".join(LENGTH.pack(len(part)) + part for part in (tree, *blobs))


def _tagged(value: Any, blobs: list[bytes], depth: int, budget: _Budget) -> Any:
    budget.spend(depth)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in KINDS:
            raise PackError(f"not a plain value: an array of {value.dtype}")
        by_columns = value.flags.f_contiguous and not value.flags.c_contiguous
        blobs.append(value.tobytes("F" if by_columns else "C"))
        return {"a": [len(blobs) - 1, value.dtype.str, value.shape, by_columns]}
    if isinstance(value, list | tuple):
        tag = "l" if isinstance(value, list) else "t"
        return {tag: [_tagged(item, blobs, depth + 1, budget) for item in value]}
    if isinstance(value, dict):
        return {"d": {key: _tagged(item, blobs, depth + 1, budget) for key, item in value.items()}}
    return value


def unpack(data: bytes) -> Any:
    """The plain value in `data`. Raises PackError for anything else, however it was made."""
    parts = list(_parts(data))
    if not parts or len(parts[0]) > MOST_TEXT:
        raise PackError("an empty message, or too much text in it")
    try:
        return _untagged(json.loads(bytes(parts[0])), parts[1:], 0, _Budget())
    except PackError:
        raise
    except Exception as error:  # NumPy's reader of headers alone knows a dozen ways to fail
        raise PackError(f"a message that cannot be read: {error}") from None


def _parts(data: bytes) -> list[memoryview]:
    view, place = memoryview(data), 0
    parts: list[memoryview] = []
    while place < len(view):
        if len(view) - place < LENGTH.size or len(parts) > MOST_NODES:
            raise PackError("a torn message")
        (size,) = LENGTH.unpack_from(view, place)
        place += LENGTH.size
        if size > len(view) - place:
            raise PackError("a torn message")
        parts.append(view[place : place + size])
        place += size
    return parts


def _untagged(node: Any, blobs: list[memoryview], depth: int, budget: _Budget) -> Any:
    budget.spend(depth)
    if not isinstance(node, dict):
        if isinstance(node, list):
            raise PackError("an untagged list")
        return node
    ((tag, content),) = node.items()
    if tag == "a" and isinstance(content, list):
        return _array(blobs, *content)
    if tag in ("l", "t") and isinstance(content, list):
        items = [_untagged(item, blobs, depth + 1, budget) for item in content]
        return items if tag == "l" else tuple(items)
    if tag == "d" and isinstance(content, dict):
        return {key: _untagged(item, blobs, depth + 1, budget) for key, item in content.items()}
    raise PackError(f"an unknown tag {tag!r:.20}")


def _array(blobs: list[memoryview], place: Any, dtype: Any, shape: Any, by_columns: Any) -> np.ndarray:
    """An array of plain numbers, its size checked before any memory is taken for it."""
    sizes = [place, *shape]
    if any(type(n) is not int or not 0 <= n <= MOST_NUMBERS for n in sizes) or len(shape) > MOST_AXES:
        raise PackError(f"an array of shape {shape!r:.50}")
    kind, count = _dtype(dtype), math.prod(shape)
    if count > MOST_NUMBERS or count * kind.itemsize != len(blobs[place]):
        raise PackError("an array whose size is not that of its data")
    numbers = np.frombuffer(blobs[place], kind, count)
    return numbers.reshape(shape, order="F" if by_columns is True else "C").copy("K")


@cache
def _dtype(text: str) -> np.dtype:
    kind = np.dtype(text) if DTYPE.fullmatch(text) else None
    if kind is None or kind.kind not in KINDS:
        raise PackError(f"an array of {text!r:.50}")
    return kind
