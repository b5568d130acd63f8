"""`autograder release`: the due date where students and teachers look for it, and a word on an exchange."""

import contextlib
import tempfile
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.releasing import due_date, is_private


def release(*arguments: str):
    return CliRunner().invoke(app, ["release", "00", *arguments])


@pytest.fixture
def public(root, monkeypatch):
    """An exchange that everybody can come to: pytest's own folders are private."""
    monkeypatch.setattr("autograder.grading.releasing.is_private", lambda _folder: False)
    return root / ".autograder" / "exchange" / "sequence-models" / "outbound" / "00_start_here"


def test_a_due_date_stands_in_the_notebook_and_in_the_gradebook(root, public):
    before = (root / "course" / "00_start_here" / "start_here.ipynb").read_bytes()
    done = release("--due", "2026-11-20 12:00 Europe/Berlin")
    assert done.exit_code == 0, done.output
    head = nbformat.read(public / "start_here.ipynb", as_version=4).cells[0]
    assert head.source == "# A lesson for tests\n\n**Due:** 2026-11-20 12:00 Europe/Berlin"
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "sequence-models") as book:
        assert f"{book.find_assignment('00_start_here').duedate:%Y-%m-%d %H:%M}" == "2026-11-20 11:00"
    assert (root / "course" / "00_start_here" / "start_here.ipynb").read_bytes() == before


def test_releasing_again_replaces_what_is_handed_out_and_the_date(root, public):
    release("--due", "2026-11-20 12:00")
    assert "12:00 UTC" in (public / "start_here.ipynb").read_text()
    assert release("--due", "2026-11-27 12:00").exit_code == 0
    assert "**Due:** 2026-11-27 12:00 UTC" in (public / "start_here.ipynb").read_text()


def test_nbgraders_own_release_says_the_date_that_stands_in_the_gradebook(root, public):
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "sequence-models") as book:
        book.update_or_create_assignment("00_start_here", duedate=datetime(2026, 11, 20, 11, 0))
    before = (root / "course" / "00_start_here" / "start_here.ipynb").read_bytes()
    made = api(root).release_assignment("00_start_here")  # as formgrader's button does
    assert made["success"], made
    assert "**Due:** 2026-11-20 11:00 UTC" in (public / "start_here.ipynb").read_text()
    assert (root / "course" / "00_start_here" / "start_here.ipynb").read_bytes() == before


def test_a_lesson_without_a_date_is_released_as_it_is(root, public):
    assert api(root).release_assignment("00_start_here")["success"]
    assert "**Due:**" not in (public / "start_here.ipynb").read_text()


def api(root) -> NbGraderAPI:
    app = NbGrader()
    with contextlib.chdir(root):
        app.load_config_file()
    return NbGraderAPI(CourseDirectory(config=app.config), config=app.config)


def test_a_time_in_doubt_is_refused_before_anything_is_released(root, public):
    done = release("--due", "2026-11-20 12:00 CEST")
    assert done.exit_code == 1
    assert "The due date '2026-11-20 12:00 CEST' names the zone CEST" in done.output
    assert not public.exists()


def test_a_private_exchange_is_said(root):
    done = release()
    assert done.exit_code == 1
    assert "Only you can see the exchange" in done.output
    assert str(root / ".autograder" / "release" / "00_start_here" / "start_here.ipynb") in done.output


@pytest.mark.parametrize(("mode", "private"), [(0o777, False), (0o1777, False), (0o755, True), (0o770, True)])
def test_what_makes_an_exchange_private(mode, private):
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        above, folder = Path(name), Path(name) / "exchange"
        above.chmod(0o755)
        folder.mkdir()
        folder.chmod(mode)
        assert is_private(folder) is private
        above.chmod(0o700)
        assert is_private(folder)


def test_a_due_date_without_a_zone_is_utc_and_says_so():
    assert due_date("2026-11-20 12:00")[0] == "2026-11-20 12:00 UTC"
    assert due_date(" 2026-11-20 12:00 +02:00")[1].hour == 10
