"""Where packages are missing, the lessons' data come from files, and are what the packages would give."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from coursekit import data, number_words, stored, words


def everything() -> SimpleNamespace:
    numbers = [*range(1, 1_100), *range(9_900, 10_200), *np.random.default_rng(0).integers(0, 10**6, 3_000)]
    return SimpleNamespace(
        sunspots=data.sunspots(),
        text=data.english_text.__wrapped__(),
        paragraphs=words.paragraphs.__wrapped__(),
        english=[number_words.english(int(n)) for n in numbers],
        korean=[number_words.korean(int(n)) for n in numbers],
    )


def remove_packages(patch: pytest.MonkeyPatch) -> None:
    for name in ("statsmodels.datasets", "pydoc_data.topics"):
        patch.setitem(sys.modules, name, None)
    patch.setattr(number_words, "num2words", None)
    number_words._table.cache_clear()


def test_the_files_hold_what_the_packages_give(tmp_path, monkeypatch):
    from_packages = everything()
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "stored")
    stored.write()
    remove_packages(monkeypatch)
    monkeypatch.setattr(words, "STANDARD_LIBRARY", tmp_path)
    read = everything()
    for ours, theirs in zip(read.sunspots, from_packages.sunspots, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    assert read.text == from_packages.text
    assert read.paragraphs == from_packages.paragraphs
    assert read.english == from_packages.english
    assert read.korean == from_packages.korean


def test_without_packages_and_files_the_package_is_named(tmp_path, monkeypatch):
    remove_packages(monkeypatch)
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    with pytest.raises(ImportError, match=r"These data come from statsmodels.*sequence-course\[data\]"):
        data.sunspots()
    with pytest.raises(ImportError, match="These data come from num2words"):
        number_words.english(21)
