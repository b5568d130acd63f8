"""The browser edition as a person meets it: served as files, with nothing asked of anybody else."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from autograder.exercise import EXERCISES
from autograder.grading.gradebook import open_gradebook
from autograder.lessons import ROOT, Lesson, all_lessons, solutions
from tests.browser.person import IMPORTS, PATIENCE, Notebook, screenshot
from tests.browser.served import Server, build
from website.front import NAMED

pytestmark = pytest.mark.browser

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
AVERAGE = "def time_average(x):\n    return x.mean(axis={})"
UNFORESEEN = NAMED.replace("x @ W_xh + h_prev @ W_hh) + b_h", "x @ W_xh - h_prev @ W_hh + b_h)")
ENDLESS = "def rnn_forward(x, h0, W_xh, W_hh, b_h):\n    while True:\n        h0 = h0 + 1"


@pytest.fixture(scope="module")
def site():
    server = Server(build())
    yield server
    server.close()


@pytest.fixture
def visit(site, browser):
    """Open notebooks of the site in one browser profile; fails if a page asks anything of another address."""
    elsewhere: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(size, path: str) -> Notebook:
        context = contexts[0] if contexts else browser.new_context(viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: elsewhere.append(r.url) if _is_outside(r.url, site.address) else None)
        page.goto(f"{site.address}/notebooks/index.html?path={path}")
        expect(page.locator(".jp-CodeCell").last).to_be_attached(timeout=PATIENCE)
        return Notebook(page)

    yield opened
    contexts[0].close()
    assert not elsewhere, f"asked of others: {sorted(set(elsewhere))}"


def _is_outside(url: str, address: str) -> bool:
    return url.startswith("http") and not url.startswith(address)


def test_start_here_on_a_phone_and_again_after_a_reload(visit):
    notebook = visit(PHONE, "course/00_start_here/start_here.ipynb")
    notebook.run(IMPORTS)
    said = notebook.answer("time_average", AVERAGE.format(0))
    assert "You averaged over the batch (axis 0); time is axis 1." in said
    assert "Smallest failing case" in said
    assert "CheckFailed" in said
    screenshot(notebook.page, "lite_phone_wrong")
    assert "✓ time_average: right." in notebook.answer("time_average", AVERAGE.format(1))
    with notebook.page.expect_download() as found:
        notebook.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="download"]').click()
    cells = json.loads(found.value.path().read_text())["cells"]
    assert AVERAGE.format(1) in ["".join(cell["source"]) for cell in cells]
    notebook.save()
    notebook.page.close()

    again = visit(PHONE, "course/00_start_here/start_here.ipynb")
    expect(again.cell("def time_average")).to_contain_text("return x.mean(axis=1)", timeout=PATIENCE)
    again.run(IMPORTS)
    assert "1 of 2" in again.run("progress()")
    screenshot(again.page, "lite_phone_progress")


def test_a_lesson_is_worked_on_found_again_handed_in_and_graded(visit, tmp_path):
    path, lesson = "course/04_numpy_rnn/numpy_rnn.ipynb", all_lessons()[4]
    notebook = visit(DESK, path)
    notebook.run(IMPORTS)
    said = notebook.answer("rnn_step", NAMED)
    assert "You added b_h after tanh, so a state can leave the interval from -1 to 1." in said
    assert "Look at line 2" in notebook.answer("rnn_step", UNFORESEEN)
    screenshot(notebook.page, "lite_desk_line")
    right = solutions()
    assert "✓ rnn_step: right." in notebook.answer("rnn_step", right["rnn_step"])
    assert "was still running after 10 seconds and was stopped" in notebook.answer("rnn_forward", ENDLESS)
    assert "✓ rnn_forward: right." in notebook.answer("rnn_forward", right["rnn_forward"])
    notebook.answer("count_rnn_parameters", "def count_rnn_parameters(D, H):\n    return 0")
    notebook.save()
    notebook.page.close()

    again = visit(DESK, path)
    expect(again.cell("def rnn_step")).to_contain_text("np.tanh", timeout=PATIENCE)
    told = again.add("from autograder import progress; progress()")
    assert "04 numpy rnn" in told and "2 of" in told
    file = again.download()
    file.save_as(tmp_path / file.suggested_filename)
    points = EXERCISES["rnn_step"].points + EXERCISES["rnn_forward"].points
    assert graded(tmp_path / file.suggested_filename, lesson, tmp_path / "class") == points


def graded(notebook: Path, lesson: Lesson, root: Path) -> float:
    """The points that a teacher finds, who collects the notebook from Moodle and grades it."""
    for kind in ("solutions", "course"):
        shutil.copytree(lesson.notebook(kind).parent, root / kind / lesson.name)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    with zipfile.ZipFile(root / "all.zip", "w") as archive:
        archive.write(notebook, f"Ann Lee_12_assignsubmission_file/{notebook.name}")
    for command in (["collect", "04", "all.zip", "--from", "moodle"], ["grade", "04", "--jobs", "1"]):
        subprocess.run([Path(sys.executable).parent / "autograder", *command], cwd=root, check=True)
    with open_gradebook(root) as gradebook:
        return gradebook.find_submission(lesson.name, "Ann Lee").score


def test_the_picture_follows_a_slider(visit):
    notebook = visit(DESK, "course/19_return_of_recurrence/return_of_recurrence.ipynb")
    notebook.run(IMPORTS)
    notebook.run("factors = np.random")
    cell = notebook.cell("factors = np.random")
    picture, row = cell.locator(".jp-OutputArea img").first, cell.locator(".widget-inline-hbox")
    before = picture.get_attribute("src")
    track = row.locator(".noUi-base").bounding_box()
    assert track
    notebook.page.mouse.click(track["x"] + 0.99 * track["width"], track["y"] + track["height"] / 2)
    expect(row.locator(".widget-readout")).to_have_text("4")
    expect(picture).not_to_have_attribute("src", before, timeout=PATIENCE)
    screenshot(notebook.page, "lite_slider")
