"""What is said of single facts: an exception, a changed input, a wrong result, an argument."""

from __future__ import annotations

import re

import numpy as np

from autograder.exercise import EXERCISES, Exercise
from autograder.judging.compare import Difference
from autograder.judging.outcome import Raised
from autograder.plain import describe

UNKNOWN = (
    "Line {line} uses {name}, which your function is not given and does not make. What it is given is "
    "{arguments}: sizes, too, come from there, as in x.shape."
)
NOT_RUN = (
    "Line {line} needs {name}, which is not there: its cell was not run, or stopped. Run all cells above, "
    "from the top (after a restart, too), then check again."
)
ELSEWHERE = (
    "Your function uses {names}, left behind by another cell. Here it has to come from the arguments, "
    "{arguments}: with other inputs it is another."
)
PRODUCT = (
    "a matrix product needs as many columns on its left as rows on its right, and here are {left} and {right}"
)
TURNED = "`{name}.T` turns round all its axes: `np.swapaxes({name}, -1, -2)` exchanges the last two alone."
STUB = (
    "Not written yet, or the line `raise NotImplementedError(...)` still stands below your code: replace it, "
    "then check again."
)
STUB_CALLED = "Your function needs {name}, which is not written yet: write that one first, then check again."
MODIFIED = (
    "Your function changes its input {name}. Work on a copy{how}, or write the result into a new array: "
    "whoever called you still needs the original."
)
ONLY_CHANGED = (
    "Your numbers are right, but your function changes its input {names}: work on a copy{how}, since "
    "whoever called you still needs the original."
)
ONLY_RESIZED = (
    "Your numbers are right, but your function takes items out of its list {names}, or puts some in: work on "
    "a list of your own, {first} = list({first})."
)
RESIZED = (
    "Your function takes items out of the list {name}, or puts some in (pop, append, insert, del). "
    "Whoever called you still needs it: work on a list of your own, {name} = list({name})."
)
WRONG = {
    "count": "It should return {expected}, and returns {got}.",
    "type": "{spot} should be {expected}, but is {got}.",
    "length": "{spot} should hold {expected}, but holds {got}.",
    "keys": "{spot} should have the keys {expected}, but has {got}.",
    "shape": "{spot} has shape {got}; it should be {expected}.",
    "dtype": "{spot} should hold {expected}, but holds {got}.",
    "finite": "{spot} is {got}; the right value is {expected}.",
    "value": "{spot} is {got}; the right value is {expected}.",
}


def error_sentence(exercise: Exercise, error: Raised) -> str:
    """One sentence for an exception in a learner's function."""
    if error.kind == "NotImplementedError":
        return STUB_CALLED.format(name=error.stub) if error.stub else STUB
    if error.kind == "TimeLimit":
        return (
            f"Your function was still running after {error.text} seconds and was stopped: is there a loop "
            "that never ends, or a recursion that computes the same values again and again?"
        )
    if error.kind == "NameError" and (unknown := re.match(r"name '(\w+)' is not defined", error.text)):
        said = NOT_RUN if unknown[1] == "np" or unknown[1] in EXERCISES else UNKNOWN
        return said.format(name=unknown[1], line=error.line, arguments=", ".join(exercise.arguments))
    if error.kind == "NotPlain":
        return f"Your function returned {error.text}. Return NumPy arrays of real numbers, or numbers."
    if error.kind == "TypeError" and "positional argument" in error.text and error.line is None:
        return f"Your function must take exactly ({', '.join(exercise.arguments)}): {error.text}."
    spot = f" in line {error.line}, `{error.code}`" if error.code else ""
    told = f"Your function raised {error.kind}{spot}: {_in_words(error.text)}"
    return ". ".join([told.rstrip(" ."), shapes]) if (shapes := _shapes(error)) else told


def _in_words(text: str) -> str:
    """An exception's message; NumPy's on matrix products names its sizes by the letters of a signature."""
    if sizes := re.match(r"matmul: Input operand 1 .*\(size (\d+) is different from (\d+)\)$", text):
        return PRODUCT.format(right=sizes[1], left=sizes[2])
    return text or "no message"


def _shapes(error: Raised) -> str:
    """The shapes of the line's arrays, where they explain the exception; and what .T does to three axes."""
    if error.kind not in ("ValueError", "IndexError") or not error.shapes:
        return ""
    turned = [
        TURNED.format(name=name)
        for name, shape in re.findall(r"(\w+) \(([\d, ]+)\)", error.shapes)
        if shape.count(", ") > 1 and re.search(rf"\b{name}\.T\b", error.code)
    ]
    return " ".join([f"There: {error.shapes}.", *turned])


def modified_sentence(name: str, value: object, resized: bool = False) -> str:
    """One sentence for an input that the function changed; `resized` where a list has other items than "
    "before."""
    return RESIZED.format(name=name) if resized else MODIFIED.format(name=name, how=_copying(name, value))


def only_changed_sentence(names: list[str], value: object, resized: bool) -> str:
    """One sentence for right results and changed inputs; `value` is what was given for the first of them."""
    said = ONLY_RESIZED if resized else ONLY_CHANGED
    return said.format(names=" and ".join(names), first=names[0], how=_copying(names[0], value))


def _copying(name: str, value: object) -> str:
    if isinstance(value, np.ndarray):
        return f" ({name} = {name}.copy())"
    return " of each array in it (a.copy() for every array a)"


def wrong_sentence(difference: Difference, name: str) -> str:
    """One sentence for a wrong result."""
    spot = f"{name}{difference.where}"
    sentence = WRONG[difference.kind].format(spot=spot, expected=difference.expected, got=difference.got)
    if difference.got == "nothing (None)":
        return f"{sentence} Is a `return` missing?"
    if difference.kind == "shape" and difference.expected == "()":
        return f"{spot} is an array of shape {difference.got}; it should be a number."
    if difference.kind != "type":
        return sentence
    if difference.got.startswith("a tuple of 1"):
        return f"{sentence} Take it out with [0]; a comma at the end of a line makes such a tuple."
    if difference.got.startswith("a tuple"):
        return f"{sentence} Take out the one that is meant."
    wrap = difference.got.startswith("a list") and difference.expected.startswith("an array")
    return f"{sentence} Wrap it in np.array(...)." if wrap else sentence


def argument_words(name: str, value: object) -> str:
    """'x (2, 3) float64', 'T=5', 'layers (list of 2)'."""
    if isinstance(value, np.ndarray):
        return f"{name} {describe(value).removeprefix('array ')}"
    return f"{name}={value!r}" if np.isscalar(value) else f"{name} ({describe(value)})"
