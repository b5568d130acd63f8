"""The front page, made from what the course says and does, and two pages of the repository's own texts."""

from __future__ import annotations

from html import escape
from pathlib import Path

from autograder.address import repository
from autograder.judging import judge_source
from autograder.learner.report import make_report
from autograder.lessons import ROOT
from website.lesson_map import Entry, parts
from website.links import for_the_site

HERE = Path(__file__).resolve().parent
#: Two answers as learners write them: a mistake that has a name, and one that nobody foresaw.
NAMED = """def rnn_step(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh) + b_h
"""
UNFORESEEN = """def rnn_forward(x, h0, W_xh, W_hh, b_h):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    state = h0
    for t in range(1, T):
        state = rnn_step(x[:, t], state, W_xh, W_hh, b_h)
        h[:, t] = state
    return h
"""


def front_page(*, lite: bool) -> str:
    """`index.md` with its blanks filled; the button for the browser edition only where there is one."""
    lessons = parts()
    first = lessons[next(iter(lessons))][0]
    blanks = {
        "READ": f"lessons/{first.name}.html",
        "TRY": '<a class="way try" href="lite/index.html">Try here</a>' if lite else "",
        "NAMED": _told("rnn_step", NAMED),
        "UNFORESEEN": _told("rnn_forward", UNFORESEEN),
        "MAP": "\n".join(_part(name, entries) for name, entries in lessons.items()),
        "CONTENTS": "\n".join(_contents(name, entries) for name, entries in lessons.items()),
        "ADDRESS": repository(),
    }
    text = (HERE / "index.md").read_text(encoding="utf-8")
    for name, filling in blanks.items():
        text = text.replace(f"%{name}%", filling)
    return text


def install_page() -> str:
    """How to get the course, from README.md."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    start = readme.partition("\n## Start\n")[2].partition("\n## ")[0]
    learners = readme.partition("\n## For learners\n")[2].partition("\n## ")[0]
    text = f"# Install the course\n\n{start}\n\n## Good to know\n\n{learners}"
    return f"{for_the_site(text, Path('README.md'), 'install.md')}\n\nThe course lives at <{repository()}>.\n"


def notation_page() -> str:
    """NOTATION.md."""
    text = (ROOT / "NOTATION.md").read_text(encoding="utf-8")
    return for_the_site(text, Path("NOTATION.md"), "notation.md")


def _told(name: str, answer: str) -> str:
    """An answer and what the judge says of it, now."""
    report = make_report(judge_source(name, answer), hints_left=3).to_html()
    return (
        f'<div class="told">\n\n```python\n{answer}\ncheck({name})\n```\n\n'
        f'<div class="report">{report}</div>\n\n</div>'
    )


def _part(name: str, entries: list[Entry]) -> str:
    rows = "".join(map(_row, entries))
    return f'<section class="part"><h3>{escape(name)}</h3><ol>{rows}</ol></section>'


def _row(entry: Entry) -> str:
    exercises = f"{entry.exercises} exercise{'s' if entry.exercises != 1 else ''}"
    return (
        f'<li><a href="lessons/{entry.name}.html"><span class="number">{entry.name[:2]}</span>'
        f'<span class="title">{escape(entry.title)}</span>'
        f'<span class="question">{escape(entry.question)}</span>'
        f'<span class="time">{escape(entry.time)} · {exercises}</span></a></li>'
    )


def _contents(name: str, entries: list[Entry]) -> str:
    pages = "\n".join(f"lessons/{entry.name}" for entry in entries)
    return f'```{{toctree}}\n:hidden:\n:caption: "{name}"\n:maxdepth: 1\n\n{pages}\n```\n'
