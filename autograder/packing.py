"""Plain values as bytes: JSON for the structure, .npy for the arrays. Nothing that is read can run code.

Lists, tuples and dicts are tagged, because JSON alone would turn tuples into lists.
"""

from __future__ import annotations

import io
import json
import math
import struct
from typing import Any

import numpy as np

from autograder.plain import MOST_NUMBERS

#: Lists, numbers and the like in one value; the largest exercise has some hundreds.
MOST_NODES = 50_000
MOST_TEXT = 4 * 2**20
MOST_DEPTH = 16
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
        blob = io.BytesIO()
        np.lib.format.write_array(blob, value, version=(1, 0), allow_pickle=False)
        blobs.append(blob.getvalue())
        return {"a": len(blobs) - 1}
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
    if tag == "a" and type(content) is int and content >= 0:
        return _array(blobs[content])
    if tag in ("l", "t") and isinstance(content, list):
        items = [_untagged(item, blobs, depth + 1, budget) for item in content]
        return items if tag == "l" else tuple(items)
    if tag == "d" and isinstance(content, dict):
        return {key: _untagged(item, blobs, depth + 1, budget) for key, item in content.items()}
    raise PackError(f"an unknown tag {tag!r:.20}")


def _array(blob: memoryview) -> np.ndarray:
    """An array of plain numbers, its size checked before any memory is taken for it."""
    file = io.BytesIO(blob)
    if np.lib.format.read_magic(file) != (1, 0):
        raise PackError("another version of .npy")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=2000)
    count = math.prod(shape)
    if dtype.kind not in "biuf" or dtype.hasobject or count > MOST_NUMBERS or any(n < 0 for n in shape):
        raise PackError(f"an array of {dtype} {shape!r:.50}")
    if count * dtype.itemsize != len(blob) - file.tell():
        raise PackError("an array whose size is not that of its data")
    # Not np.load: it would take a memory map or an object array, and believe the header about sizes.
    numbers = np.frombuffer(blob, dtype, count, file.tell()).reshape(shape, order="F" if fortran else "C")
    return numbers.copy()
