"""Numbers in English and in Korean words: the sentences that lessons 14 to 17 learn from. No PyTorch.

`one hundred and twenty three` becomes `baek i sip sam`. English groups digits by thousands, Korean by ten
thousands, so that a translator must regroup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from coursekit import stored

try:
    from num2words import num2words
except ImportError:
    num2words = None

PAD, SOS, EOS = 0, 1, 2
SPECIAL = ("<pad>", "<sos>", "<eos>")
#: Korean syllables in the Latin alphabet (Revised Romanisation), for pictures without a Korean font.
ROMAN = {
    **{"일": "il", "이": "i", "삼": "sam", "사": "sa", "오": "o", "육": "yuk", "칠": "chil", "팔": "pal"},
    **{"구": "gu", "십": "sip", "백": "baek", "천": "cheon", "만": "man"},
}
TARGET_WORDS = (*SPECIAL, *ROMAN)
SOURCE_WORDS = (
    *SPECIAL,
    *(
        "and",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty"),
    *("forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand"),
)
SOURCE_IDS = {word: i for i, word in enumerate(SOURCE_WORDS)}
TARGET_IDS = {word: i for i, word in enumerate(TARGET_WORDS)}
#: Numbers of up to this many digits are learned; held-out ones of these lengths are tested.
MOST_DIGITS, TESTED = 6, (3, 4, 5, 6)
#: English groups digits by thousands, Korean by ten thousands: what is smaller stands in a table.
BELOW_ENGLISH, BELOW_KOREAN = 1_000, 10_000
#: No target is longer, and none needs more steps, its end token included.
MOST_STEPS = 13


def english(number: int) -> list[str]:
    """A number as English words: 21 -> ['twenty', 'one']."""
    if num2words is not None:
        return re.findall("[a-z]+", num2words(number))
    thousands, rest = divmod(number, BELOW_ENGLISH)
    words = [*english(thousands), "thousand"] if thousands else []
    if words and 0 < rest < 100:
        words.append("and")
    return words if words and not rest else words + _table("english")[rest].split()


def korean(number: int) -> list[str]:
    """A number as Korean syllables; spaces, which follow from the syllables, are left out."""
    if num2words is not None:
        return list(num2words(number, lang="ko").replace(" ", ""))
    myriads, rest = divmod(number, BELOW_KOREAN)
    syllables = [*(korean(myriads) if myriads > 1 else []), "만"] if myriads else []
    return syllables if syllables and not rest else [*syllables, *_table("korean")[rest]]


@cache
def _table(language: str) -> list[str]:
    """Where num2words is missing: the words of the numbers that the others are put together from."""
    words: list[str] = json.loads(stored.read("number_words.json", "num2words"))[language]
    return words


def romanised(ids: Iterable[int]) -> str:
    """Target tokens (T,) in the Latin alphabet."""
    return " ".join(ROMAN.get(TARGET_WORDS[i], TARGET_WORDS[i]) for i in ids)


@dataclass(frozen=True)
class Pairs:
    """Sentence pairs: source (N, S), lengths (N,), target (N, T), padded with 0; targets end with EOS."""

    source: np.ndarray
    lengths: np.ndarray
    target: np.ndarray

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, rows: slice | list[int] | np.ndarray) -> Pairs:
        """Some of the pairs, without the columns in which they hold padding only."""
        source, target = self.source[rows], self.target[rows]
        return Pairs(source[:, (source != PAD).any(0)], self.lengths[rows], target[:, (target != PAD).any(0)])

    @property
    def references(self) -> list[np.ndarray]:
        """The targets as a list of ids without EOS and padding, as `exact_match` wants them."""
        return [row[: np.flatnonzero(row == EOS)[0]] for row in self.target]


def make_pairs(numbers: Iterable[int]) -> Pairs:
    """Integers -> their sentence pairs."""
    sources = [[SOURCE_IDS[word] for word in english(int(n))] for n in numbers]
    targets = [[TARGET_IDS[word] for word in korean(int(n))] + [EOS] for n in numbers]
    return Pairs(_padded(sources), np.array([len(ids) for ids in sources]), _padded(targets))


def _padded(sentences: list[list[int]]) -> np.ndarray:
    table = np.full((len(sentences), max(map(len, sentences))), PAD)
    for row, ids in zip(table, sentences, strict=True):
        row[: len(ids)] = ids
    return table


@cache
def number_pairs(count: int = 20_000, tested: int = 150) -> tuple[Pairs, dict[int, Pairs]]:
    """Training pairs of 1 to 6 digits, and held-out pairs by length: train, {digits: pairs}."""
    rng = np.random.default_rng(14)
    every = {d: np.arange(10 ** (d - 1), 10**d) for d in TESTED}
    test = {d: rng.choice(n, tested, replace=False) for d, n in every.items()}
    digits = rng.integers(1, MOST_DIGITS + 1, count)
    numbers = rng.integers(10 ** (digits - 1), 10**digits)
    train = numbers[~np.isin(numbers, np.concatenate(list(test.values())))]
    return make_pairs(train), {d: make_pairs(n) for d, n in test.items()}
