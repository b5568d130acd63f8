"""A report as HTML, for a notebook and for a graded class (light and dark theme)."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.learner.report import Report

STYLE = (
    "border-left:4px solid {colour};padding:.4em .8em;margin:.3em 0;line-height:1.45;"
    "color:var(--jp-content-font-color1,inherit);background:var(--jp-layout-color1,transparent)"
)
STRESSED = re.compile(r"(?<![\w*])\*(\w[\w ]*)\*(?![\w*])")
GREEN, RED = "var(--jp-success-color1,#0a8f5b)", "var(--jp-error-color1,#d1495b)"


def report_html(made: Report) -> str:
    """A self-contained fragment. Everything a learner wrote is escaped."""
    rows = [f"<div><b>{'✓' if made.passed else '✗'} {sentence(made.headline)}</b></div>"]
    rows += [f"<div style='margin:.3em 0'>{sentence(line)}</div>" for line in made.diagnosis]
    rows += [
        f"<div style='color:{GREEN if right else RED}'>{'✓' if right else '✗'} {sentence(text)}</div>"
        for right, text in made.results
    ]
    rows += [
        f"<div style='opacity:.85;margin-top:.3em'>{sentence(part)}</div>"
        for part in (made.case, made.next_step)
        if part
    ]
    if made.printed:
        rows.append(
            "<details><summary>What your function printed</summary>"
            f"<pre>{escape(made.printed)}</pre></details>"
        )
    style = STYLE.format(colour=GREEN if made.passed else RED)
    return f'<div role="status" style="{style}">{"".join(rows)}</div>'


def sentence(text: str) -> str:
    """Escape, and set `backticked` parts in code type and *stressed* words in italics."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:  # an odd backtick is a character like any other
        return escape(text)
    return "".join(
        f"<code>{part}</code>" if i % 2 else STRESSED.sub(r"<em>\1</em>", part)
        for i, part in enumerate(parts)
    )
