"""Real data for the lessons, from installed packages: nothing is downloaded or kept in the repository.

Where a package is missing (a browser, a slim installation), the same data come from `coursekit.stored`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from coursekit import stored


def sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Yearly mean sunspot numbers: years (T,) integers, counts (T,) float64; T = 309, 1700 to 2008.

    The series on which Yule (1927) built the first autoregressive model. Source: statsmodels.datasets.
    """
    try:
        from statsmodels.datasets import sunspots as source
    except ImportError:
        years, counts = json.loads(stored.read("sunspots.json", "statsmodels"))
        return np.array(years), np.array(counts)
    table = source.load_pandas().data
    return table["YEAR"].to_numpy().astype(int), table["SUNACTIVITY"].to_numpy().astype(float)


@dataclass(frozen=True)
class CharacterText:
    """A text as integers: `train` and `test` (T,) ids into `symbols`."""

    symbols: str
    train: np.ndarray
    test: np.ndarray

    @property
    def V(self) -> int:  # noqa: N802  the vocabulary's size is V everywhere in the course
        return len(self.symbols)

    def encode(self, text: str) -> np.ndarray:
        """Text -> ids (T,). Raises ValueError for a character that the vocabulary lacks."""
        try:
            return np.array([self.symbols.index(character) for character in text], dtype=np.int64)
        except ValueError:
            unknown = sorted(set(text) - set(self.symbols))
            raise ValueError(f"the vocabulary lacks the characters {unknown}") from None

    def decode(self, ids: np.ndarray) -> str:
        """Ids (T,) -> text."""
        return "".join(self.symbols[i] for i in ids)


@cache
def english_text() -> str:
    """English prose about Python, lower case, from the standard library's own help texts.

    About 300,000 characters; the exact text differs between versions of Python. Repeated paragraphs
    (a fifth of it) are dropped, for otherwise the held-out part would have been read in training.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        return stored.read("english.txt", "pydoc_data, a part of Python's standard library")
    paragraphs: dict[str, None] = {}
    for name in sorted(topics):
        for block in re.split(r"\n\s*\n", topics[name]):
            plain = re.sub(r"[*=~^\-]{4,}", " ", block).encode("ascii", "ignore").decode()
            if text := " ".join(plain.lower().split()):
                paragraphs[text] = None
    return "\n".join(paragraphs)


@cache
def characters(block: int = 2_000, every: int = 10) -> CharacterText:
    """The English text as characters; every tenth block of 2,000 characters is held out for testing."""
    text = english_text()
    symbols = "".join(sorted(set(text)))
    table = np.zeros(128, dtype=np.int64)
    table[[ord(symbol) for symbol in symbols]] = np.arange(len(symbols))
    ids = table[np.frombuffer(text.encode("ascii"), dtype=np.uint8)]
    held_out = (np.arange(len(ids)) // block) % every == every - 1
    return CharacterText(symbols, ids[~held_out], ids[held_out])
