"""Is a result equal to the expected one, and if not, where does it first differ?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.plain import describe

#: Differences below this share of the largest expected number are rounding, whatever the relative error.
SCALE_TOLERANCE = 1e-9
#: Differences below this are rounding even where everything expected is zero.
ZERO_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Difference:
    """One way in which a result is wrong. `kind` is a key of sentences.WRONG."""

    kind: str
    where: str
    expected: str
    got: str

    @property
    def of_numbers(self) -> bool:
        """Is the result of the right kind and shape, and only its numbers are wrong?"""
        return self.kind in ("value", "finite")


def difference(got: Any, expected: Any, rtol: float, where: str = "") -> Difference | None:
    """The first difference between two plain values, or None when they agree within the tolerance.

    Numbers are compared as |got - expected| <= rtol |expected| + 1e-9 max|expected| + 1e-12, so that another
    order of summation is never an error. Whole numbers and booleans must be equal.

    Where real numbers are expected, whole numbers and booleans of equal value are as good: they are exact.
    float32 is not, it rounds. Where whole numbers or booleans are expected, the result must be of that kind.
    """
    if isinstance(expected, dict):
        return _dict_difference(got, expected, rtol, where)
    if isinstance(expected, list | tuple):
        return _list_difference(got, expected, rtol, where)
    if isinstance(expected, str | type(None)):
        return (
            None
            if type(got) is type(expected) and got == expected
            else Difference("value", where, repr(expected), repr(got))
        )
    if not isinstance(got, bool | int | float | np.ndarray):
        return Difference("type", where, _kind(expected), _described(got))
    if type(got) is type(expected) is int:  # Python's own have any number of digits
        return None if got == expected else Difference("value", where, str(expected), str(got))
    return _number_difference(_array(got), _array(expected), rtol, where)


def _array(number: Any) -> np.ndarray:
    """An array of booleans, 64-bit integers or floats; a longer whole number is rounded."""
    array = np.asarray(number)
    return array.astype(float) if array.dtype.kind == "O" else array


def real_where_expected(value: Any, expected: Any) -> Any:
    """`value` with whole numbers and booleans as floats wherever `expected` holds real numbers."""
    if isinstance(expected, list | tuple) and isinstance(value, list | tuple) and len(value) == len(expected):
        return type(value)(map(real_where_expected, value, expected))
    if isinstance(expected, np.ndarray) and expected.dtype.kind == "f" and isinstance(value, np.ndarray):
        return value if value.dtype.kind == "f" else value.astype(float)
    return float(value) if isinstance(expected, float) and isinstance(value, bool | int) else value


def _kind(expected: Any) -> str:
    return f"an {describe(expected)}" if isinstance(expected, np.ndarray) else "a number"


def _described(got: Any) -> str:
    """'a tuple of 2: array (3, 5) float64, int', 'a list of 3', 'str'."""
    article = "a " if isinstance(got, list | tuple | dict) else ""
    inside = f": {', '.join(map(describe, got))}" if isinstance(got, tuple) and len(got) <= 4 else ""
    return article + describe(got) + inside


def _dict_difference(got: Any, expected: dict[str, Any], rtol: float, where: str) -> Difference | None:
    if not isinstance(got, dict):
        return Difference("type", where, f"a {describe(expected)}", describe(got))
    if got.keys() != expected.keys():
        return Difference("keys", where, ", ".join(expected), ", ".join(got))
    found = (difference(got[k], expected[k], rtol, f"{where}[{k!r}]") for k in expected)
    return next(filter(None, found), None)


def _list_difference(got: Any, expected: Any, rtol: float, where: str) -> Difference | None:
    if not isinstance(got, list | tuple):
        return Difference("type", where, f"a {describe(expected)}", describe(got))
    if len(got) != len(expected):
        return Difference("length", where, _values(expected), _values(got))
    found = (
        difference(g, e, rtol, f"{where}[{i}]") for i, (g, e) in enumerate(zip(got, expected, strict=True))
    )
    return next(filter(None, found), None)


def _values(items: list[Any] | tuple[Any, ...]) -> str:
    return f"{len(items)} value{'s' * (len(items) != 1)}"


def _number_difference(got: np.ndarray, expected: np.ndarray, rtol: float, where: str) -> Difference | None:
    if got.shape != expected.shape:
        return Difference("shape", where, str(expected.shape), str(got.shape))
    if (kinds := _dtype_names(got, expected)) is not None:
        return Difference("dtype", where, *kinds)
    exact = expected.dtype.kind in "biu"
    wrong = got != expected if exact else ~close(got, expected, rtol)
    if not wrong.any():
        return None
    bad = ~np.isfinite(got.astype(float)) & np.isfinite(expected.astype(float))
    first = tuple(int(i) for i in np.argwhere(bad if bad.any() else wrong)[0])
    spot = f"{where}[{', '.join(map(str, first))}]" if first else where
    kind = "finite" if bad.any() else "value"
    right = np.zeros_like(expected)[first] if _is_dust(expected, first) else expected[first]
    return Difference(kind, spot, *_numbers(right, got[first]))


def _is_dust(expected: np.ndarray, place: tuple[int, ...]) -> bool:
    """Is the number at that place what rounding leaves of a zero?"""
    return bool(close(np.zeros_like(expected), expected, 0.0)[place])


def close(got: np.ndarray, expected: np.ndarray, rtol: float) -> np.ndarray:
    """Where two arrays of one shape agree; nan agrees with nan, an infinity with itself."""
    got, expected = got.astype(float), expected.astype(float)
    finite = np.abs(expected[np.isfinite(expected)])
    scale = finite.max() if finite.size else 0.0
    with np.errstate(all="ignore"):
        near = np.abs(got - expected) <= (rtol * np.abs(expected) + SCALE_TOLERANCE * scale + ZERO_TOLERANCE)
    # An infinity minus itself is nan, so infinities are compared and not subtracted.
    same_special = (np.isnan(got) & np.isnan(expected)) | (got == expected)
    agree: np.ndarray = np.where(np.isfinite(expected) & np.isfinite(got), near, same_special)
    return agree


def _dtype_names(got: np.ndarray, expected: np.ndarray) -> tuple[str, str] | None:
    """What was expected and what came where the kind of number is wrong: bool, whole or real."""
    if expected.dtype.kind == "b" and got.dtype.kind != "b":
        return "booleans", str(got.dtype)
    if expected.dtype.kind in "iu" and got.dtype.kind not in "iu":
        return "whole numbers (an integer dtype)", str(got.dtype)
    if expected.dtype.kind == "f" and got.dtype.kind == "f" and got.dtype.itemsize < 8:
        return "float64", str(got.dtype)
    return None


def _numbers(expected: np.generic, got: np.generic) -> tuple[str, str]:
    """Both numbers with six digits, or as many as it takes to tell them apart."""
    for digits in (6, 9, 12):
        pair = _number(expected, digits), _number(got, digits)
        if pair[0] != pair[1]:
            return pair
    return _number(expected, 17), _number(got, 17)


def _number(value: np.generic, digits: int) -> str:
    return f"{float(value) + 0.0:.{digits}g}" if value.dtype.kind == "f" else str(value.item())
