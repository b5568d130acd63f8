"""Links of the repository's texts, as the site has them."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.address import repository
from autograder.lessons import ROOT

#: [text](target), where the target is neither an address nor a place on the same page.
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^()\s]+)(?=\))")


def for_the_site(text: str, file: Path, page: str) -> str:
    """The Markdown of `file` (a path in the repository) with the links that `page` (a page's path) needs."""
    up = "../" * page.count("/")

    def replaced(match: re.Match[str]) -> str:
        target, _, place = match[1].partition("#")
        goal = (ROOT / file.parent / target).resolve().relative_to(ROOT)
        where = up + known if (known := _page(goal)) else f"{repository()}/blob/HEAD/{goal.as_posix()}"
        return where + (f"#{place}" if place else "")

    return LINK.sub(replaced, text)


def _page(goal: Path) -> str | None:
    """The page that shows a file of the repository, if there is one."""
    if goal.suffix == ".ipynb":
        return f"lessons/{goal.parent.name}.ipynb"
    return {"NOTATION.md": "notation.md", "README.md": "index.md"}.get(goal.as_posix())
