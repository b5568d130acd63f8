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
from dataclasses import dataclass, field

import numpy as np

from autograder.grading.teaching.sources import tokens

RUN = 5
#: Tokens of a solution below which all right answers look alike.
SHORT = 40
#: Answers to one exercise are alike where they have this share of what is their own in common.
LIKE = 0.6
#: The power of the share in a pair's weight: much in common by chance comes with much that is not.
STRICT = 3
#: The weight from which on a pair is told.
LEAST = 36.0
KNOWN = frozenset((*keyword.kwlist, *dir(builtins), "np"))

Runs = frozenset[tuple[str, ...]]


@dataclass
class Pair:
    """Two students: what is alike in each exercise (the share of what is their own), and in all of them."""

    first: str
    second: str
    likeness: dict[str, float] = field(default_factory=dict)
    #: The weight, in bits, of all that they share, times a power of its share of all that is their own.
    weight: float = 0.0


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
    students = list(answers)
    found = {
        name: _compare([of.get(name, frozenset()) - forced[name] for of in answers.values()])
        for name in forced
    }
    shared, whole = (np.sum([of[k] for of in found.values()], axis=0) for k in (0, 1))
    weights = _share(shared, whole) ** STRICT * shared
    pairs = []
    for i, j in np.argwhere(np.triu(weights >= LEAST, 1)):
        shares = {name: float(_share(*of)[i, j]) for name, of in found.items()}
        likeness = {name: share for name, share in shares.items() if share >= LIKE}
        if likeness:
            pairs.append(Pair(students[i], students[j], likeness, float(weights[i, j])))
    return sorted(pairs, key=lambda p: (-p.weight, p.first, p.second))


def _compare(own: list[Runs]) -> tuple[np.ndarray, np.ndarray]:
    """What every two answers share, and what they hold together, in bits: two arrays (N, N).

    Where one of the two holds nothing of its own, both are zero: nothing can be said of such a pair.
    """
    seen = Counter(run for of in own for run in of)
    place = {run: i for i, run in enumerate(seen)}
    written = sum(map(bool, own))
    weights = np.log2(written / np.array(list(seen.values()), float))  # (M,) for M runs
    there = np.zeros((len(own), len(place)), np.float32)
    for i, of in enumerate(own):
        there[i, [place[run] for run in of]] = 1
    shared = (there * weights) @ there.T
    whole = shared.diagonal()[:, None] + shared.diagonal() - shared
    there_is = np.array([bool(of) for of in own])
    both = np.outer(there_is, there_is)
    return shared * both, whole * both


def _share(shared: np.ndarray, whole: np.ndarray) -> np.ndarray:
    made: np.ndarray = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
    return made
