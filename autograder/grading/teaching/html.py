"""A page that stands alone: no network, no style and script but its own, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
STYLE = (HERE / "page.css").read_text(encoding="utf-8")
SCRIPT = (HERE / "page.js").read_text(encoding="utf-8")
BAR = 1000


def page(title: str, sections: Iterable[str]) -> str:
    """A whole page. Of styles and scripts the browser takes only these, by their hashes."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_sha(STYLE)}'; script-src 'sha256-{_sha(SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(filter(None, sections))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n<script>{SCRIPT}</script></body></html>\n"
    )


def bar(kind: str, share: float, told: str) -> str:
    """A bar of a share of the whole width; `told` is what somebody hears who does not see it."""
    rect = f'<rect class="{kind}" width="{share * BAR:.0f}" height="10" rx="2"/>'
    return _svg(rect, told)


def stack(parts: Iterable[tuple[str, float]], told: str) -> str:
    """Shares of the whole width, side by side."""
    rects, x = [], 0.0
    for kind, share in parts:
        rects.append(f'<rect class="{kind}" x="{x * BAR:.1f}" width="{share * BAR:.1f}" height="10"/>')
        x += share
    return _svg("".join(rects), told)


def table(head: Iterable[str], rows: Iterable[Iterable[str | float]]) -> str:
    """A table of texts and numbers; texts are HTML already."""
    first = "".join(f"<th>{escape(h)}</th>" for h in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: str | float) -> str:
    return f"<td>{value}</td>" if isinstance(value, str) else f'<td class="n">{value:g}</td>'


def _svg(inside: str, told: str) -> str:
    return (
        f'<svg viewBox="0 0 {BAR} 10" preserveAspectRatio="none" role="img" aria-label="{escape(told)}">'
        f"<title>{escape(told)}</title>{inside}</svg>"
    )


def _sha(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
