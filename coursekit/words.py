"""Real words for the lessons: the docstrings of Python's own standard library, read without importing it."""

from __future__ import annotations

import ast
import re
import sysconfig
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from coursekit import stored

STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
#: Packages of the standard library that hold no prose of their own, or are not installed everywhere.
LEFT_OUT = {"test", "tests", "idlelib", "lib2to3", "turtledemo", "site-packages", "ensurepip", "encodings"}
TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[.,;:!?()]")
UNKNOWN, NUMBER, END = "<unk>", "<number>", "<end>"


@dataclass(frozen=True)
class WordText:
    """A text as integers. Word 0 is the most frequent one, word 1 the next, and so on.

    `train`, `valid` and `test` (T,) are ids into `symbols`; `counts` (V,): how often in `train`.
    """

    symbols: tuple[str, ...]
    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray

    @property
    def V(self) -> int:  # noqa: N802  the vocabulary's size is V everywhere in the course
        return len(self.symbols)

    @property
    def counts(self) -> np.ndarray:
        return np.bincount(self.train, minlength=self.V)

    def decode(self, ids: np.ndarray) -> str:
        """Ids (T,) -> words with spaces between them."""
        return " ".join(self.symbols[i] for i in ids)


def docstrings() -> Iterator[str]:
    """Every docstring of the standard library's modules, in the order of their names."""
    for path in sorted(STANDARD_LIBRARY.glob("*.py")) + sorted(STANDARD_LIBRARY.glob("*/*.py")):
        if LEFT_OUT.isdisjoint(path.relative_to(STANDARD_LIBRARY).parts):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8", errors="ignore"))):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    yield ast.get_docstring(node) or ""


@cache
def paragraphs() -> tuple[tuple[str, ...], ...]:
    """The docstrings' paragraphs as words; each once, for a repeated one in the test would have been read."""
    if not any(STANDARD_LIBRARY.glob("*.py")):  # in a browser it is packed
        lines = stored.read("words.txt", "the source files of Python's standard library").splitlines()
        return tuple(tuple(line.split()) for line in lines)
    found: dict[str, None] = {}
    for text in docstrings():
        for block in re.split(r"\n\s*\n", text):
            if ">>>" not in block and block.strip():
                found[" ".join(block.lower().split())] = None
    words = (tuple(NUMBER if t.isdigit() else t for t in TOKEN.findall(text)) for text in found)
    return tuple((*line, END) for line in words if len(line) > 2)


@cache
def words(least: int = 2, every: int = 10) -> WordText:
    """The docstrings as words. Of every ten runs of 20 paragraphs one is for validation and one for testing.

    Words met fewer than `least` times in the training part become <unk>. The exact text, about a quarter of a
    million words, differs between versions of Python.
    """
    parts: dict[str, list[str]] = {"train": [], "valid": [], "test": []}
    for number, line in enumerate(paragraphs()):
        place = number // 20 % every
        parts["test" if place == every - 1 else "valid" if place == every - 2 else "train"] += line
    counted = Counter(parts["train"])
    known = Counter({word: n for word, n in counted.items() if n >= least})
    known[UNKNOWN] = counted.total() - known.total()
    symbols = tuple(word for word, _ in known.most_common())
    number_of = {word: i for i, word in enumerate(symbols)}
    unknown = number_of[UNKNOWN]
    ids = {name: np.array([number_of.get(word, unknown) for word in part]) for name, part in parts.items()}
    return WordText(symbols, **ids)
