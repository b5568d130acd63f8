"""The overview of a graded lesson: what a class misunderstands, as one page and one table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.grading.teaching.concepts import concept_rows, concepts_of
from autograder.grading.teaching.figures import SMALLEST_GROUP, Figures, class_figures
from autograder.grading.teaching.marks import Marks, class_marks
from autograder.grading.teaching.misunderstandings import Group, located, named_mistakes, unnamed
from autograder.grading.teaching.sources import typical
from autograder.grading.teaching.standing import Standing, class_standing
from autograder.lessons import Lesson

FOLDER = "overview"
#: How many misunderstandings are told in words, with an example.
FIRST = 3
TOO_SMALL = (
    "Lesson {} is graded for {} students: an edition that a class may see needs {} at least, so that nobody "
    "is known by a group."
)


@dataclass
class Overview:
    """All that the page and the table show."""

    marks: Marks
    standing: Standing
    figures: list[Figures]
    named: list[Group]
    located: list[Group]
    unnamed: list[Group]
    #: The first misunderstandings' examples, in their order.
    examples: list[str]
    #: The lesson's rows of docs/concepts.md, and which of them each exercise is about.
    rows: dict[str, str]
    concepts: dict[str, list[str]]
    anonymous: bool

    @property
    def students(self) -> int:
        return len(self.marks.tests)

    @property
    def mean_after_penalties(self) -> float:
        taken = sum(self.standing.penalty.get(student, 0.0) for student in self.marks.tests)
        return (sum(map(self.marks.total, self.marks.tests)) - taken) / self.students


def class_overview(root: Path, lesson: Lesson, *, anonymous: bool = False) -> Overview:
    """Look at what grading recorded of a class. Raises ValueError where there is nothing to show.

    The anonymous edition holds no names, no single students, and no groups under five.
    """
    marks = class_marks(root, lesson)
    if anonymous and len(marks.tests) < SMALLEST_GROUP:
        raise ValueError(TOO_SMALL.format(lesson.name, len(marks.tests), SMALLEST_GROUP))
    named, found, others = named_mistakes(marks), located(marks), unnamed(marks)
    if anonymous:
        named, found, others = [g for g in named if len(g.students) >= SMALLEST_GROUP], [], []
        standing = Standing()
    else:
        standing = class_standing(root, lesson.name, {*marks.tests, *marks.outdated, *marks.ungraded})
    examples = [typical(root, lesson, g.exercise, g.students) for g in named[:FIRST]]
    return Overview(
        marks,
        standing,
        class_figures(marks),
        named,
        found,
        others,
        examples,
        concept_rows(lesson),
        concepts_of(lesson),
        anonymous,
    )


def write_overview(root: Path, lesson: Lesson, *, anonymous: bool = False) -> list[Path]:
    """Write the page and the table into overview/; returns their paths.

    Raises ValueError where there is nothing to show, FaultError for a gradebook that cannot be read.
    """
    from autograder.grading.teaching.overview_page import overview_page
    from autograder.grading.teaching.overview_table import overview_table

    made = class_overview(root, lesson, anonymous=anonymous)
    stem = f"{lesson.name}-anonymous" if anonymous else lesson.name
    texts = {f"{stem}.html": overview_page(made), f"{stem}.csv": overview_table(made)}
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in texts]
