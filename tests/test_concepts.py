"""docs/concepts.md, the lessons' headers and the cells with evidence agree."""

import re

import pytest

from autograder.lessons import ROOT, all_lessons

LESSONS = {lesson.name: lesson.path.read_text(encoding="utf-8") for lesson in all_lessons()}
each_lesson = pytest.mark.parametrize("name", LESSONS)


def listed() -> dict[str, set[str]]:
    """Lesson name -> ids under its heading in docs/concepts.md."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8").splitlines():
        if head := re.match(r"## (\d\d [a-z ]+)", line):
            rows = found.setdefault(head[1].replace(" ", "_"), set())
        elif row := re.match(r"- (E\d+|\d\.\d+) ", line):
            rows.add(row[1])
    return found


def expand(text: str) -> set[str]:
    """'1.1-1.3 E2' -> {'1.1', '1.2', '1.3', 'E2'}"""
    rows = set()
    for token in text.replace(",", " ").split():
        if span := re.fullmatch(r"(E|\d\.)(\d+)-(?:E|\d\.)(\d+)", token):
            rows |= {f"{span[1]}{n}" for n in range(int(span[2]), int(span[3]) + 1)}
        elif re.fullmatch(r"E\d+|\d\.\d+", token):
            rows.add(token)
    return rows


def covered(text: str) -> set[str]:
    return expand(" ".join(re.findall(r"covers:(.*)", text)))


@each_lesson
def test_header_covers_what_the_page_lists(name):
    assert covered(LESSONS[name]) == listed().get(name, set())


@each_lesson
def test_every_erratum_is_confronted_by_a_cell_that_asserts(name):
    shown = set()
    for cell in re.split(r"^# %%", LESSONS[name], flags=re.MULTILINE):
        if claims := re.search(r'claims="([^"]*)"', cell.split("\n", 1)[0]):
            asserts = re.search(r"^\s*(assert |np\.testing\.)", cell, re.MULTILINE)
            assert asserts or "E" not in claims[1], cell[:200]
            shown |= expand(claims[1])
    rows = covered(LESSONS[name])
    missing = {row for row in rows if row.startswith("E")} - shown
    assert not missing, f"no code cell computes the evidence for {sorted(missing)}"
    assert shown <= rows


def test_every_listed_lesson_exists():
    assert set(listed()) <= set(LESSONS)
