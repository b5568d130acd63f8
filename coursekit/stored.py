"""The lessons' data as small files, for where the packages that they come from are missing.

`python -m coursekit.stored` writes the files from those packages, before a wheel or the browser edition is
built; they are never committed.
"""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "stored_data"
MISSING = (
    "These data come from {source}, which is not here, and this copy of the course carries no file of them. "
    "This brings what can be installed: {pip}"
)


def read(name: str, source: str) -> str:
    """The text of a stored file. Raises ImportError, naming the source, where there is none."""
    path = FOLDER / name
    if not path.exists():
        from autograder.address import pip_line  # not at hand where answers are graded, nor needed there

        raise ImportError(MISSING.format(source=source, pip=pip_line("data")))
    return path.read_text(encoding="utf-8")


def contents() -> dict[str, str]:
    """What every file should hold, from the sources: its name -> its text."""
    from coursekit.data import english_text, sunspots
    from coursekit.number_words import BELOW_ENGLISH, BELOW_KOREAN, english, korean
    from coursekit.words import paragraphs

    tables = {
        "english": [" ".join(english(n)) for n in range(BELOW_ENGLISH)],
        "korean": ["".join(korean(n)) for n in range(BELOW_KOREAN)],
    }
    return {
        "sunspots.json": json.dumps([column.tolist() for column in sunspots()]),
        "english.txt": english_text(),
        "words.txt": "\n".join(" ".join(line) for line in paragraphs()),
        "number_words.json": json.dumps(tables, ensure_ascii=False),
    }


def write() -> None:
    """Write all files anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in contents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
