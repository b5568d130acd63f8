"""Show something to a person: HTML that updates in place in a notebook, plain text elsewhere."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape
from typing import Protocol


class Showable(Protocol):
    """Anything with a plain text; `to_html` makes the notebook's version."""

    def __str__(self) -> str: ...

    def to_html(self) -> str: ...


@dataclass
class Notice:
    """A title and a paragraph."""

    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.title}: {self.text}"

    def to_html(self) -> str:
        return f"<div><b>{escape(self.title)}</b><br>{escape(self.text)}</div>"


class Place:
    """A place on the page. In a notebook `waiting` stands there until it is filled."""

    def __init__(self, waiting: str = "") -> None:
        self._handle = None
        if in_notebook() and waiting:
            from IPython.display import display

            self._handle = display(_bundle(Notice("", waiting)), raw=True, display_id=True)

    def wait(self, words: str) -> None:
        """Say in a notebook what takes a moment."""
        if self._handle:
            self._handle.update(_bundle(Notice("", words)), raw=True)

    def show(self, what: Showable) -> None:
        """Fill the place; outside a notebook, print."""
        if not in_notebook():
            print(what)
        elif self._handle:
            self._handle.update(_bundle(what), raw=True)
        else:
            from IPython.display import display

            display(_bundle(what), raw=True)


def _bundle(what: Showable) -> dict[str, str]:
    return {"text/html": what.to_html(), "text/plain": str(what)}


def in_notebook() -> bool:
    """Is there a notebook (or another Jupyter front end) to show HTML in?"""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
