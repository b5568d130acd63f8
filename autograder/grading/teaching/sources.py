"""The code that students handed in, as it was graded; and what is left of it without words of their own.

Students' code is tokenized here, never run and never parsed.
"""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path

from autograder.grading.limits import CELL_CHARACTERS
from autograder.grading.notebooks import MISSING
from autograder.lessons import Lesson

LAYOUT = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
#: Texts in quotes; since Python 3.12 the words inside an f-string are tokens of their own.
TEXTS = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1))
#: A text in quotes that can be no name, such as the letters of an einsum.
HARMLESS = re.compile(r"""[a-z]{0,2}(["'])[a-z,>.\-]{0,24}\1""")
#: Lines of code that are shown as an example.
MOST_LINES = 30
#: Answers that are looked through for a typical one.
MOST_LOOKED_AT = 60


def answers(root: Path, lesson: Lesson, student: str) -> dict[str, str]:
    """Exercise -> the source that was graded; nothing where the notebook cannot be read."""
    path = root / "autograded" / student / lesson.name / f"{lesson.stem}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        marked = [(cell, cell["metadata"]["nbgrader"]) for cell in cells if "nbgrader" in cell["metadata"]]
        found = {m["grade_id"]: "".join(cell["source"]) for cell, m in marked if m["solution"]}
        return {name: source for name, source in found.items() if source.strip() not in ("", MISSING)}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def typical(root: Path, lesson: Lesson, exercise: str, students: Iterable[str]) -> str:
    """The answer that most of these students gave, in words that name nobody; '' if none can be shown."""
    sources = (answers(root, lesson, s).get(exercise, "") for s in list(students)[:MOST_LOOKED_AT])
    bare = Counter(filter(None, map(anonymous, sources)))
    short = [code for code in bare if code.count("\n") < MOST_LINES]
    return min(short, key=lambda code: (-bare[code], len(code)), default="")


def tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a source without layout, comments and docstrings; as far as it is Python."""
    return (token for token, told in _read(source) if not told and token.type not in LAYOUT)


def anonymous(source: str) -> str:
    """The source without comments, docstrings and texts in quotes; '' where it is no Python."""
    read = list(_read(source))
    if not read or read[-1][0].type != tokenize.ENDMARKER:
        return ""
    starts = list(accumulate(map(len, io.StringIO(source)), initial=0))
    for token, told in reversed(read):
        begin, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        if told:
            source = source[:begin] + source[end:]
        elif token.type in TEXTS and not HARMLESS.fullmatch(token.string):
            source = source[:begin] + ('"…"' if token.type == tokenize.STRING else "…") + source[end:]
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


def _read(source: str) -> Iterator[tuple[tokenize.TokenInfo, bool]]:
    """Each token, and whether it is a comment or a docstring: what its author tells a reader."""
    begins = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(source[:CELL_CHARACTERS]).readline):
            comment = token.type == tokenize.COMMENT
            yield token, comment or (begins and token.type == tokenize.STRING)
            begins = begins if comment else token.type in LAYOUT
    except (tokenize.TokenError, SyntaxError, ValueError):
        return
