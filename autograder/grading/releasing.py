"""Hand out a lesson through nbgrader's exchange, its due date in the gradebook and in the notebook's head."""

from __future__ import annotations

import contextlib
import shutil
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGrader
from nbgrader.exchange.default import ExchangeReleaseAssignment

from autograder.edition.notebooks import read, write
from autograder.grading.gradebook import open_gradebook
from autograder.grading.times import WHEN, moment
from autograder.lessons import Lesson

#: Where the notebook with its due date lies, as nbgrader's release folder.
RELEASED = Path(".autograder") / "release"
PRIVATE = (
    "Only you can see the exchange, {}: no student will find this lesson there. Set AUTOGRADER_EXCHANGE to a "
    "folder that all can write to (docs/jupyterhub.md), or hand out {} by other means."
)


class DatedRelease(ExchangeReleaseAssignment):
    """nbgrader's release, also behind formgrader's button: the notebook says the gradebook's due date."""

    src_path: str

    def init_src(self) -> None:
        """Release the copy with the date instead of a lesson's folder in course/."""
        super().init_src()
        root, name = Path(self.coursedir.root), self.coursedir.assignment_id
        lesson = Lesson(root / "lessons" / f"{name}.py")
        if Path(self.src_path).resolve() == lesson.notebook("course", root).parent.resolve():
            self.src_path = str(with_due_date(root, lesson).parent)


def with_due_date(root: Path, lesson: Lesson, due: str = "") -> Path:
    """A copy of the lesson's released folder whose notebook says when it is due; returns the notebook's path.

    A date that is not given is the gradebook's, if it has one. Raises ValueError for a time that cannot be
    read without doubt, and where there is no such notebook.
    """
    source, made = lesson.notebook("course", root), root / RELEASED / lesson.name
    if not source.exists():
        raise ValueError(f"{source} is missing: run `autograder build {lesson.number}`.")
    said, at = due_date(due) if due else ("", None)
    with open_gradebook(root) as gradebook:
        if at:
            gradebook.update_or_create_assignment(lesson.name, duedate=at)
        else:
            said = _known_date(gradebook, lesson.name)
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(source.parent, made, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    if said:
        notebook = read(source)
        head = notebook["cells"][0]
        head["source"] = f"{head['source'].rstrip()}\n\n**Due:** {said}"
        write(made / source.name, notebook)
    return made / source.name


def _known_date(gradebook: Gradebook, name: str) -> str:
    """The due date that the gradebook holds, as students read it; '' if there is none."""
    try:
        at = gradebook.find_assignment(name).duedate
    except MissingEntry:
        return ""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def due_date(due: str) -> tuple[str, datetime]:
    """How students read a due date, and its moment in UTC. Raises ValueError as `moment` does."""
    found = WHEN.fullmatch(due.strip())
    try:
        at = moment(due)
    except ValueError as error:
        raise ValueError(f"The due date {due!r} {error}.") from None
    assert found  # moment read it
    return (due.strip() if found[3] else f"{due.strip()} UTC"), at


def exchange(root: Path) -> Path:
    """The exchange that nbgrader's commands use in the course `root`."""
    app = NbGrader()
    with contextlib.chdir(root):
        app.load_config_file()
    return Path(app.config.Exchange.root)


def is_private(folder: Path) -> bool:
    """Can others not come to this folder, or not write in it?"""
    above = [*folder.resolve().parents]
    return folder.stat().st_mode & 0o007 != 0o007 or any(not place.stat().st_mode & 0o001 for place in above)
