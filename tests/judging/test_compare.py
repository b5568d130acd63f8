"""The comparison forgives rounding and order of summation, and nothing else."""

import numpy as np
import pytest

from autograder.judging.compare import difference

RTOL = 1e-7


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (0.1 + 0.2, 0.3),
        (np.float64(2), 2.0),
        (2, 2.0),
        (np.array(2.0), 2.0),
        (-np.inf, -np.inf),
        (np.array([1e8, 1e-2]), np.array([1e8, 0.0])),
        (np.arange(3), np.arange(3.0)),
        (np.array([True, False]), np.array([1.0, 0.0])),
        (True, 1.0),
        (2**80, 2**80),
        (2**80, 2.0**80),
        (np.arange(3, dtype=np.int32), np.arange(3)),
        ((np.zeros(2), [1.0]), [np.zeros(2), (1.0,)]),
        ({"W": np.ones(2)}, {"W": np.ones(2)}),
        (True, True),
    ],
)
def test_equal(got, expected):
    assert difference(got, expected, RTOL) is None


@pytest.mark.parametrize(
    ("got", "expected", "kind", "where"),
    [
        (np.array([1.0, 2.0001]), np.array([1.0, 2.0]), "value", "[1]"),
        (np.array([1.0, np.nan]), np.array([9.0, 2.0]), "finite", "[1]"),
        (np.inf, -np.inf, "value", ""),
        (np.zeros((2, 3)), np.zeros((3, 2)), "shape", ""),
        (np.zeros(1), 0.0, "shape", ""),
        (np.zeros(2), np.zeros(2, dtype=bool), "dtype", ""),
        (np.zeros(2), np.zeros(2, dtype=int), "dtype", ""),
        (1.0, 1, "dtype", ""),
        (2**80, 2**80 + 1, "value", ""),
        (np.zeros(2, dtype="f4"), np.zeros(2), "dtype", ""),
        ([1.0, 2.0], np.array([1.0, 2.0]), "type", ""),
        (None, 1.0, "type", ""),
        ([1.0], [1.0, 2.0], "length", ""),
        ([1.0, [2.0, 4.0]], [1.0, [2.0, 3.0]], "value", "[1][1]"),
        ({"W": 1.0}, {"b": 1.0}, "keys", ""),
        (1e-11, 0.0, "value", ""),
    ],
)
def test_different(got, expected, kind, where):
    found = difference(got, expected, RTOL)
    assert found and (found.kind, found.where) == (kind, where)


def test_what_rounding_leaves_of_a_zero_is_shown_as_zero():
    found = difference(np.array([3.0, 0.5]), np.array([3.0, -2e-15]), 1e-6)
    assert found is not None
    assert (found.where, found.expected, found.got) == ("[1]", "0", "0.5")
