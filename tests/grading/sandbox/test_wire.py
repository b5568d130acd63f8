"""Messages: plain values survive exactly, and whatever else comes is refused before it costs anything."""

import json
import socket
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.wire import readable, receive, send
from autograder.packing import LENGTH, PackError, pack, unpack
from autograder.plain import same_plain

numbers = st.integers() | st.floats() | st.booleans() | st.none() | st.text(max_size=9)
values = st.recursive(
    numbers,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_plain_values_survive(value):
    assert same_plain(unpack(pack(value)), value)


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", ">f8"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 5), (2, 3)])
def test_arrays_survive(dtype, shape):
    array = np.arange(np.prod(shape)).astype(dtype).reshape(shape)
    for made in (array, np.asfortranarray(array)):
        back = unpack(pack((made, [made])))[0]
        assert back.dtype == made.dtype
        assert back.flags.f_contiguous == made.flags.f_contiguous
        assert back.flags.writeable
        np.testing.assert_array_equal(back, made)


def framed(*parts: bytes) -> bytes:
    return b"".join(LENGTH.pack(len(part)) + part for part in parts)


def array(*about, data: bytes = b"\0" * 8) -> bytes:
    """A message of one array with 8 bytes: its place, dtype, shape, and whether it lies by columns."""
    return framed(json.dumps({"a": about}).encode(), data)


BAD = {
    "nothing": b"",
    "half a length": b"\x01",
    "a length without content": LENGTH.pack(10**18),
    "no JSON": framed(b"{"),
    "deep JSON": framed(b"[" * 100_000),
    "deep tags": framed(b'{"l":[' * 40 + b"1" + b"]}" * 40),
    "a bare list": framed(b"[1]"),
    "two tags": framed(b'{"l":[],"t":[]}'),
    "an unknown tag": framed(b'{"x":1}'),
    "an array that is not there": framed(b'{"a":[0,"<f8",[1],false]}'),
    "an array of which nothing is said": framed(b'{"a":0}', b"\0" * 8),
    "half of what is to be said": array(0, "<f8"),
    "a negative place": array(-1, "<f8", [1], False),
    "a place that is a truth value": array(False, "<f8", [1], False),
    "objects": array(0, "|O", [1], False),
    "references": array(0, "|O8", [1], False),
    "text array": array(0, "<U2", [1], False),
    "complex": array(0, "<c8", [1], False),
    "a record": array(0, "i4,i4", [1], False),
    "Python for a dtype": array(0, "__import__('os').system('true')", [1], False),
    "a dtype that is a list": array(0, [["a", "<f8"]], [1], False),
    "a size that is unknown": array(0, "<f7", [1], False),
    "more than there is": array(0, "<f8", [2], False),
    "less than there is": array(0, "<f8", [], False, data=b"\0" * 16),
    "huge": array(0, "<f8", [10**12], False),
    "huge with nothing in it": array(0, "<f8", [10**12, 0], False, data=b""),
    "negative": array(0, "<f8", [-1], False),
    "negative twice": array(0, "<f8", [-1, -1], False),
    "many axes": array(0, "<f8", [1] * 33, False),
    "a shape that is a number": array(0, "<f8", 1, False),
    "a shape that is text": array(0, "<f8", "1", False),
    "a long number": framed(b"1" * 10_000),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_messages_are_refused(kind):
    with pytest.raises(PackError):
        unpack(BAD[kind])


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises(PackError):
        unpack(data + b"\xff")


@pytest.mark.parametrize("value", [object(), {"f": print}, np.array([object()]), [10**5000], {1, 2}])
def test_what_is_not_plain_is_not_sent(value):
    with pytest.raises(PackError):
        pack(value)


def test_size_and_time_are_bounded():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(LENGTH.pack(10**12))
        with pytest.raises(PackError, match="at most 1,000"):
            receive(ours, 1000, 1.0)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        dripping = threading.Thread(target=drip, args=(theirs,))
        dripping.start()
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            receive(ours, 10**6, 0.3)
        assert time.monotonic() - start < 2
        dripping.join()


def drip(connection: socket.socket) -> None:
    """One byte at a time: no single wait is long."""
    connection.sendall(LENGTH.pack(1000))
    for _ in range(20):
        connection.sendall(b"x")
        time.sleep(0.05)


def test_a_closed_connection_is_said():
    ours, theirs = socket.socketpair()
    with ours:
        send(theirs, [1, 2])
        theirs.close()
        assert receive(ours, 1000, 1.0) == [1, 2]
        with pytest.raises(EOFError):
            receive(ours, 1000, 1.0)


def test_unreadable_characters_are_replaced():
    assert readable("ok\n\ttwo\x1b[31m\ud800\x00ü") == "ok\n\ttwo\ufffd[31m?\ufffdü"
