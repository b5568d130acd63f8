"""Figures in a lesson's text, and in its pictures' descriptions, are those that its cells print.

Figures are numbers with a decimal point, percentages, and "12-fold" or "12 times"; years, sizes and the
counting of sections are none. A figure is printed when a number in the outputs or in the code of the same
section equals it once rounded to as many places (57 % may be printed as .573), signs aside. What is taken
from a source or from another lesson stands in the lesson's head, in a line that the build removes:
`quoted: 0.95 1.74`.
"""

import io
import re
import tokenize

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.lessons import all_lessons

LESSONS = {lesson.name: lesson for lesson in all_lessons()}

NUMBER = re.compile(r"(?<![\w.])(?:\d+(?:,\d{3})*)?\.?\d+(?:e[-+]?\d+)?(?!\d)")
#: "39, 57 and 68 %": all three are percentages; so with "32-fold" and "12 times".
SHARE = re.compile(r"((?:[\d.]+(?: %)?(?:, | and | or | to |–))*[\d.]+)(?: ?%| per cent)")
RATIO = re.compile(r"(?<![\d,.])([\d,.]*\d)(?:-fold| times)\b")
#: An equation that is nothing but a number is prose.
LONE = re.compile(r"\$[-+]?([\d,.]*\d)(?:\\(?:times|cdot) ?10\^\{?(-?\d+)\}?)?\$")
NOT_PROSE = re.compile(
    r"^```.*?^```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)|[Ss]ections? [\d.]+", re.MULTILINE | re.DOTALL
)


def places(figure: str) -> int:
    """Decimal places that a number is written with; '6.4e13' has -12."""
    mantissa, _, power = figure.partition("e")
    return len(mantissa.partition(".")[2]) - int(power or 0)


def figures(prose: str) -> set[tuple[str, int]]:
    """Each figure with the factor by which a printed number may be smaller: 100 for percentages."""
    prose = LONE.sub(lambda lone: f" {lone[1]}e{lone[2]} " if lone[2] else f" {lone[1]} ", prose)
    prose = NOT_PROSE.sub(" ", prose)
    shares = {(number, 100) for part in SHARE.findall(prose) for number in NUMBER.findall(part)}
    prose = SHARE.sub(" ", prose)
    plain = {number for number in NUMBER.findall(prose) if "." in number or "e" in number}
    return shares | {(number, 1) for number in plain | set(RATIO.findall(prose))}


def printed(figure: str, factor: int, numbers: set[str]) -> bool:
    """Is there a number (or, with a factor, a part of it) that is the figure once rounded?"""
    wanted, half = float(figure.replace(",", "")), 0.5 * 10.0 ** -places(figure)
    for number in numbers:
        value = float(number.replace(",", ""))
        for times, more in {(1, 0), (factor, 2 * (factor == 100))}:
            fine = places(number) >= places(figure) + more
            if abs(value * times - wanted) <= (half * 1.000001 if fine else 1e-9 * wanted):
                return True
    return False


def sections(notebook: NotebookNode) -> list[list[NotebookNode]]:
    """The cells section by section; a markdown cell with a heading in its middle is cut there."""
    found: list[list[NotebookNode]] = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found[-1].append(cell)
        elif not cell.id.startswith("banner-"):
            first, *others = re.split(r"(?m)^(?=## )", cell.source)
            found[-1].append(nbformat.v4.new_markdown_cell(first))
            found += [[nbformat.v4.new_markdown_cell(part)] for part in others]
    return found


def numbers_of(cell: NotebookNode) -> set[str]:
    """All numbers that a code cell prints or is written with."""
    tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
    literals = {token.string.replace("_", "") for token in tokens if token.type == tokenize.NUMBER}
    shown = (out for out in cell.outputs if "image/png" not in out.get("data", {}))
    texts = (out.get("text") or out.get("data", {}).get("text/plain", "") for out in shown)
    return literals.union(*map(NUMBER.findall, texts))


def prose_of(cell: NotebookNode) -> str:
    """A markdown cell's text; the descriptions of a code cell's pictures."""
    if cell.cell_type == "markdown":
        return cell.source
    return "\n\n".join(out.get("metadata", {}).get("image/png", {}).get("alt", "") for out in cell.outputs)


def unprinted(cells: list[NotebookNode]) -> set[str]:
    """A section's figures that no code cell of it prints."""
    numbers = set().union(*(numbers_of(cell) for cell in cells if cell.cell_type == "code"))
    said = figures("\n\n".join(map(prose_of, cells)))
    return {figure for figure, factor in said if not printed(figure, factor, numbers)}


def quoted_in(text: str) -> set[str]:
    return {number for line in re.findall(r"^# quoted:(.*)", text, re.MULTILINE) for number in line.split()}


@pytest.mark.parametrize("name", LESSONS)
def test_every_figure_in_the_text_is_printed_in_its_section(name):
    notebook = nbformat.read(LESSONS[name].notebook("solutions"), as_version=4)
    missing = set().union(*(unprinted(cells) for cells in sections(notebook)))
    quoted = quoted_in(LESSONS[name].path.read_text(encoding="utf-8"))
    assert missing == quoted, "print it in a cell of its section, or name it in the head: `quoted: ...`"


def section(prose: str, output: str, code: str = "") -> list[NotebookNode]:
    shown = nbformat.v4.new_output("stream", text=output)
    return [nbformat.v4.new_markdown_cell(prose), nbformat.v4.new_code_cell(code, outputs=[shown])]


@pytest.mark.parametrize(
    ("prose", "output"),
    [
        ("It falls to .45 bits.", "best: -0.4512"),
        ("In 39, 57 and 68 % of runs", "0.394 0.571 0.68"),
        ("nine in ten: 90 %", "x = 0.9"),
        ("an 86-fold cost, 1,024 times", "86.2 1024"),
        (r"up to $6.4\times10^{13}$ and $0.98$", "6.41e+13 0.98"),
        ("`0.1`, $x = 0.2$, in section 3.5, since 1997", ""),
    ],
)
def test_printed_figures_pass(prose, output):
    assert unprinted(section(prose, output)) == set()


@pytest.mark.parametrize(
    ("prose", "output", "missing"),
    [
        ("It falls to .45 bits.", "0.4612 4.5 45 0.5", {".45"}),
        ("In 57 % of runs", "0.582 0.6", {"57"}),
        ("a 32-fold cost", "86 3.2", {"32"}),
        (r"some $7\times 10^{13}$", "6.4e+13", {"7e13"}),
        ("It says 1.740.", "1.74021 is not meant, 1.7406 is", set()),
        ("It says 1.74.", "1.7", {"1.74"}),
    ],
)
def test_other_figures_are_found(prose, output, missing):
    assert unprinted(section(prose, output)) == missing


def test_what_the_code_is_written_with_counts_as_printed():
    assert unprinted(section("at a rate of 0.02", "", "train(lr=0.02)  # not 0.03")) == set()
    assert unprinted(section("at a rate of 0.03", "", "train(lr=0.02)  # not 0.03")) == {"0.03"}
