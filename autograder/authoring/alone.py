"""What a notebook says that was opened without the course: on Colab, on Kaggle, in VS Code, out of a mail.

The build puts these lines over the imports of every notebook. They are no part of a lesson's code: none is
executed anew because they changed.
"""

from __future__ import annotations

import re

from autograder.address import archive

LINES = """try:
    import autograder
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "The course is not installed here: run the next line in a cell of its own, then this cell again.\\n"
        '%pip install "sequence-course[data] @ '
        '{archive}"'
    ) from None

"""
WRITTEN = re.compile(re.escape(LINES).replace(re.escape("{archive}"), r"[^'\n]*"))


def lines() -> str:
    """The lines that say what is missing, and the one line that installs it."""
    return LINES.format(archive=archive())


def without(code: str) -> str:
    """A cell's code without those lines, whatever address they name."""
    return WRITTEN.sub("", code, count=1)
