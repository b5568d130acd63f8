"""Questions whose answer is folded: their first line is HTML, in which Markdown leaves $x$ and `x` alone."""

from __future__ import annotations

import re

SUMMARY = re.compile(r"(?<=<summary>)(.*?)(?=</summary>)", re.DOTALL)
PARAGRAPH = re.compile(r"(?<=<p>)(.*?)(?=</p>)", re.DOTALL)
MARKED = re.compile(
    r"\$(?P<maths>[^$]+)\$|`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*|\*(?P<slanted>[^*]+)\*"
)
WRITTEN = {
    "maths": r'<span class="math notranslate nohighlight">\({}\)</span>',
    "code": "<code>{}</code>",
    "strong": "<strong>{}</strong>",
    "slanted": "<em>{}</em>",
}


def summaries_with_maths(text: str) -> str:
    """Equations, code and emphasis inside <summary> and <p> as HTML; everything else is untouched."""
    for part in (SUMMARY, PARAGRAPH):
        text = part.sub(lambda match: _inline(match[1]), text)
    return text


def _inline(text: str) -> str:
    def written(found: re.Match[str]) -> str:
        kind = found.lastgroup
        assert kind is not None
        return WRITTEN[kind].format(found[kind].replace("<", "&lt;"))

    return MARKED.sub(written, text)
