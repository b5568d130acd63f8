"""Messages between processes: one plain value each, packed, with its length in front."""

from __future__ import annotations

import socket
import time
from typing import Any

from autograder.packing import LENGTH, PackError, pack, unpack


def readable(text: str) -> str:
    """A text without what no file can hold (half characters) and what a terminal would obey."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def send(connection: socket.socket, value: Any, *packed: bytes) -> None:
    """Send one message, and behind it such as are `packed` already.

    Raises PackError for what is not plain, OSError if nobody listens.
    """
    messages = (pack(value), *packed)
    connection.sendall(b"".join(LENGTH.pack(len(data)) + data for data in messages))


def receive(connection: socket.socket, most: int, seconds: float | None = None) -> Any:
    """Receive one message of at most `most` bytes within `seconds`.

    Raises PackError for a bad message, EOFError when the other side is gone, TimeoutError when time is up.
    """
    return unpack(receive_packed(connection, most, seconds))


def receive_packed(connection: socket.socket, most: int, seconds: float | None = None) -> bytes:
    """Receive one message as it is, unopened: to be passed on. Raises as `receive`."""
    end = None if seconds is None else time.monotonic() + seconds
    (size,) = LENGTH.unpack(_exactly(connection, LENGTH.size, end))
    if size > most:
        raise PackError(f"a message of {size:,} bytes (at most {most:,})")
    return _exactly(connection, size, end)


def _exactly(connection: socket.socket, size: int, end: float | None) -> bytes:
    data = bytearray()
    while len(data) < size:
        if end is not None and (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
        elif end is not None:
            raise TimeoutError
        try:
            piece = connection.recv(min(size - len(data), 2**20))  # not `size`: that is only promised
        except ConnectionError:
            raise EOFError from None
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
