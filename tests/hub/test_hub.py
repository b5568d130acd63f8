"""A lesson's way through a hub: released, fetched, answered, submitted, collected, graded, fed back."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import IMPORTS, PATIENCE, Notebook, screenshot
from tests.hub.hub import CLONE, Hub, python_for_all

pytestmark = pytest.mark.browser

COURSE, LESSON = "sequence-models", "00_start_here"
WRONG = "def time_average(x):\n    return x.sum(axis=1)"
RIGHT = "def layer_at_every_step(x, W, b):\n    return x @ W + b"


def lacking() -> str:
    """What a hub needs and this machine has not; '' if it is all there."""
    if not hasattr(os, "geteuid") or os.geteuid():
        return "root, to make users"
    programs = [name for name in ("useradd", "userdel", "runuser", "npm") if not shutil.which(name)]
    return ", ".join(programs) or ("" if python_for_all() else "a Python that all users can run")


@pytest.fixture(scope="module")
def hub():
    if lack := lacking():
        pytest.skip(f"a hub needs {lack}")
    folder = Path(tempfile.mkdtemp(prefix="hub-", dir="/tmp"))
    folder.chmod(0o755)
    made = Hub(folder)
    try:
        made.set_up()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def user(name: str, path: str) -> str:
    return f"user/{name}/{path}"


def opened(hub: Hub, page: Page, path: str) -> Notebook:
    """The student logs in, and the server of their own shows a notebook."""
    page.goto(hub.address(f"hub/login?next=/user/{hub.student}/lab/tree/{path}"))
    page.locator("#username_input").fill(hub.student)
    page.locator("#login_submit").click()
    expect(page.locator(".jp-CodeCell").last).to_be_attached(timeout=PATIENCE)
    return Notebook(page)


def test_a_lesson_goes_through_the_hub(hub, page):
    teacher, student, clone = hub.teacher, hub.student, hub.folder / hub.teacher / CLONE
    due = "2030-11-20 12:00 Europe/Berlin"
    done = hub.run(teacher, "autograder", "release", "00", "--due", due, cwd=clone)
    assert done.returncode == 0, done.stderr
    assert f"{LESSON} is released in {hub.exchange}." in done.stdout

    [offered] = hub.ask("GET", user(student, f"assignments?course_id={COURSE}"))["value"]
    assert (offered["assignment_id"], offered["status"]) == (LESSON, "released")
    which = {"assignment_id": LESSON, "course_id": COURSE}
    assert hub.ask("POST", user(student, "assignments/fetch"), which)["success"]
    mine = hub.folder / student / LESSON / "start_here.ipynb"
    assert f"**Due:** {due}" in mine.read_text()

    notebook = opened(hub, page, f"{LESSON}/{mine.name}")
    notebook.run(IMPORTS)
    told = notebook.answer("time_average", WRONG)
    assert "You added up the values, but did not divide" in told
    screenshot(page, "hub")
    assert "✓ layer_at_every_step: right." in notebook.answer("layer_at_every_step", RIGHT)
    notebook.save()
    assert hub.ask("POST", user(student, "assignments/submit"), which)["success"]

    api = user(teacher, "formgrader/api")
    assert hub.ask("POST", f"{api}/assignment/{LESSON}/collect")["success"]
    graded = hub.run(teacher, "autograder", "grade", "00", "--jobs", "1", cwd=clone)
    assert graded.returncode == 0, graded.stderr
    [submission] = hub.ask("GET", f"{api}/submissions/{LESSON}")
    assert (submission["student"], submission["score"], submission["max_score"]) == (student, 1.5, 2.0)
    assert LESSON in [one["name"] for one in hub.ask("GET", f"{api}/assignments")]

    assert hub.ask("POST", f"{api}/assignment/{LESSON}/generate_feedback")["success"]
    assert hub.ask("POST", f"{api}/assignment/{LESSON}/release_feedback")["success"]
    assert hub.ask("POST", user(student, "assignments/fetch_feedback"), which)["success"]
    [page] = (hub.folder / student / LESSON / "feedback").rglob("*.html")
    assert "You added up the values, but did not divide" in page.read_text()


def test_students_cannot_see_or_replace_what_others_put_into_the_exchange(hub):
    course = hub.exchange / COURSE
    for command in ("ls inbound", "touch outbound/x", "mv outbound other", "touch x"):
        assert hub.run(hub.student, "sh", "-c", command, cwd=course).returncode, command
    clone = hub.folder / hub.teacher / CLONE
    assert hub.run(hub.student, "ls", str(clone), cwd=Path("/")).returncode
    assert subprocess.run(["ls", str(clone)], capture_output=True, check=False).returncode == 0
