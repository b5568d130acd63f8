"""Which names a student may have: they are folders, keys of the gradebook, words in formgrader's pages."""

from __future__ import annotations

import unicodedata

from autograder.grading import limits

#: Beside letters, digits and marks of any script. Formgrader writes names into pages and scripts as they are.
SIGNS = " ._-,'’()+@"
REFUSED = "{}: no student can be called that (letters, digits and {} only): rename the folder."


def is_name(name: str) -> bool:
    """May a student be called that? No markup, no parts of a path, nothing invisible, nothing too long."""
    letters = all(unicodedata.category(c)[0] in "LMN" or c in SIGNS for c in name)
    long = len(name.encode("utf-8", "replace")) > limits.NAME_BYTES
    return bool(name) and letters and not long and name == name.strip(" .") and any(map(str.isalnum, name))


def shown(name: str) -> str:
    """Any name, as it may stand in a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[:80]


def refusal(name: str) -> str:
    """The sentence for a name that no student can have."""
    return REFUSED.format(shown(name), SIGNS.strip())
