"""Plain values as bytes: JSON for the structure, .npy for the arrays. Nothing that is read can run code.

A message is one plain value, sent with its length in front. Lists, tuples and dicts are tagged, because
JSON alone would turn tuples into lists.
"""

from __future__ import annotations

import io
import json
import math
import socket
import struct
import time
from typing import Any

import numpy as np

from autograder.plain import MOST_NUMBERS

#: Lists, numbers and the like in one message; the largest exercise has some hundreds.
MOST_NODES = 50_000
MOST_TEXT = 4 * 2**20
MOST_DEPTH = 16
LENGTH = struct.Struct("<Q")


class WireError(ValueError):
    """Bytes that are no plain value, or more of them than allowed."""


class _Budget:
    """Counts the nodes of one message, and refuses one that has too many before it costs time."""

    def __init__(self) -> None:
        self.nodes = 0

    def spend(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > MOST_DEPTH:
            raise WireError(f"more than {MOST_NODES:,} values, or nested more than {MOST_DEPTH} deep")


def pack(value: Any) -> bytes:
    """A plain value as bytes. Raises WireError for what is not plain."""
    blobs: list[bytes] = []
    try:
        tree = json.dumps(_tagged(value, blobs, 0, _Budget())).encode()
    except WireError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise WireError(f"not a plain value: {error}") from None
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
    """The plain value in `data`. Raises WireError for anything else, however it was made."""
    parts = list(_parts(data))
    if not parts or len(parts[0]) > MOST_TEXT:
        raise WireError("an empty message, or too much text in it")
    try:
        return _untagged(json.loads(parts[0]), parts[1:], 0, _Budget())
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise WireError(f"a message that cannot be read: {error}") from None


def _parts(data: bytes) -> list[memoryview]:
    view, place, parts = memoryview(data), 0, []
    while place < len(view):
        if len(view) - place < LENGTH.size or len(parts) > MOST_NODES:
            raise WireError("a torn message")
        (size,) = LENGTH.unpack_from(view, place)
        place += LENGTH.size
        if size > len(view) - place:
            raise WireError("a torn message")
        parts.append(view[place : place + size])
        place += size
    return [bytes(parts[0]), *parts[1:]] if parts else []


def _untagged(node: Any, blobs: list, depth: int, budget: _Budget) -> Any:
    budget.spend(depth)
    if not isinstance(node, dict):
        if isinstance(node, list):
            raise WireError("an untagged list")
        return node
    ((tag, content),) = node.items()
    if tag == "a" and type(content) is int and content >= 0:
        return _array(blobs[content])
    if tag in ("l", "t") and isinstance(content, list):
        items = [_untagged(item, blobs, depth + 1, budget) for item in content]
        return items if tag == "l" else tuple(items)
    if tag == "d" and isinstance(content, dict):
        return {key: _untagged(item, blobs, depth + 1, budget) for key, item in content.items()}
    raise WireError(f"an unknown tag {tag!r:.20}")


def _array(blob: memoryview) -> np.ndarray:
    """An array of plain numbers, its size checked before any memory is taken for it."""
    file = io.BytesIO(blob)
    if np.lib.format.read_magic(file) != (1, 0):
        raise WireError("another version of .npy")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=2000)
    count = math.prod(shape)
    if dtype.kind not in "biuf" or dtype.hasobject or count > MOST_NUMBERS or any(n < 0 for n in shape):
        raise WireError(f"an array of {dtype} {shape!r:.50}")
    if count * dtype.itemsize != len(blob) - file.tell():
        raise WireError("an array whose size is not that of its data")
    numbers = np.frombuffer(blob, dtype, count, file.tell()).reshape(shape, order="F" if fortran else "C")
    return numbers.copy()


def readable(text: str) -> str:
    """A text without what no file can hold (half characters) and what a terminal would obey."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def send(connection: socket.socket, value: Any) -> None:
    """Send one message. Raises WireError for what is not plain, OSError if nobody listens."""
    data = pack(value)
    connection.sendall(LENGTH.pack(len(data)) + data)


def receive(connection: socket.socket, most: int, seconds: float | None = None) -> Any:
    """Receive one message of at most `most` bytes within `seconds`.

    Raises WireError for a bad message, EOFError when the other side is gone, TimeoutError when time is up.
    """
    end = None if seconds is None else time.monotonic() + seconds
    (size,) = LENGTH.unpack(_exactly(connection, LENGTH.size, end))
    if size > most:
        raise WireError(f"a message of {size:,} bytes (at most {most:,})")
    return unpack(_exactly(connection, size, end))


def _exactly(connection: socket.socket, size: int, end: float | None) -> bytes:
    data = bytearray()
    while len(data) < size:
        if end is not None and (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
        elif end is not None:
            raise TimeoutError
        try:
            piece = connection.recv(min(size - len(data), 2**20))
        except ConnectionError:
            raise EOFError from None
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
