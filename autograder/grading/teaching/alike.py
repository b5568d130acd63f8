"""Which answers of a class are alike beyond what an exercise itself makes alike.

An answer is taken as the set of its runs of five tokens, with layout, comments and the names of its own left
out (the fingerprints of Schleimer, Wilkerson and Aiken 2003, doi:10.1145/872757.872770, all of them kept,
since answers are short). What the stub and the solution hold counts for nothing, and what many wrote counts
little: a run weighs the logarithm of how rare it is in the class.
"""

from __future__ import annotations

import builtins
import keyword
import tokenize
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from autograder.grading.teaching.sources import tokens

RUN = 5
#: Tokens of a solution below which all right answers look alike.
SHORT = 40
#: A pair is told where its answers share at least this share of what is their own ...
LIKE = 0.6
#: ... and where what they share weighs this much, in bits.
BITS = 25.0
KNOWN = frozenset((*keyword.kwlist, *dir(builtins), "np"))

Runs = frozenset[tuple[str, ...]]


@dataclass
class Pair:
    """Two students, and what is alike in each exercise: the share of what is their own, and its weight."""

    first: str
    second: str
    likeness: dict[str, float] = field(default_factory=dict)
    bits: float = 0.0


def shape(source: str, given: frozenset[str] = frozenset()) -> list[str]:
    """The tokens of a source; names of its own are all the same, `given` ones and attributes stay."""
    made: list[str] = []
    for token in tokens(source):
        own = token.type == tokenize.NAME and token.string not in KNOWN | given and made[-1:] != ["."]
        made.append("name" if own else token.string)
    return made


def runs(source: str, given: frozenset[str] = frozenset()) -> Runs:
    """All runs of five tokens."""
    found = shape(source, given)
    return frozenset(tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1))


def long_enough(solution: str) -> bool:
    """Does the exercise leave room for two people to write it differently?"""
    return len(shape(solution)) >= SHORT


def alike(answers: dict[str, dict[str, Runs]], forced: dict[str, Runs]) -> list[Pair]:
    """The pairs that are alike, the most first: `answers` by student and exercise, `forced` by exercise."""
    pairs: dict[tuple[str, str], Pair] = {}
    for exercise, common in forced.items():
        own = {s: of[exercise] - common for s, of in answers.items() if of.get(exercise)}
        for first, second, likeness, bits in _compare({s: of for s, of in own.items() if of}):
            pair = pairs.setdefault((first, second), Pair(first, second))
            pair.likeness[exercise] = likeness
            pair.bits += bits
    return sorted(pairs.values(), key=lambda p: (-p.bits, p.first, p.second))


def _compare(own: dict[str, Runs]) -> Iterable[tuple[str, str, float, float]]:
    """Every two students whose answers to one exercise are alike, by the weights of what they share."""
    students = list(own)
    seen = Counter(run for of in own.values() for run in of)
    place = {run: i for i, run in enumerate(seen)}
    weights = np.log2(len(own) / np.array(list(seen.values()), float)) if own else np.zeros(0)
    there = np.zeros((len(students), len(place)), np.float32)
    for i, student in enumerate(students):
        there[i, [place[run] for run in own[student]]] = 1
    shared = (there * weights) @ there.T  # students x students
    whole = shared.diagonal()[:, None] + shared.diagonal() - shared
    likeness = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
    for i, j in np.argwhere(np.triu((likeness >= LIKE) & (shared >= BITS), 1)):
        yield students[i], students[j], float(likeness[i, j]), float(shared[i, j])
