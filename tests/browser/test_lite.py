"""The browser edition as a person meets it: served as files, with nothing asked of anybody else."""

import shutil
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from autograder.lessons import ROOT
from tests.browser.conftest import SCREENSHOTS
from tests.browser.person import PATIENCE, Notebook
from tests.browser.served import Server, build

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
IMPORTS = "import numpy as np"
AVERAGE = "def time_average(x):\n    return x.mean(axis={})"
STEP = "def rnn_step(x, h_prev, W_xh, W_hh, b_h):\n    {}"


@pytest.fixture(scope="module")
def site():
    server = Server(build())
    yield server
    server.close()


@pytest.fixture
def visit(site, browser):
    """Open notebooks of the site in one browser profile; fails if a page asks anything of another address."""
    elsewhere: list[str] = []
    contexts = []

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


def screenshot(notebook: Notebook, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    notebook.page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_start_here_on_a_phone_and_again_after_a_reload(visit, tmp_path):
    notebook = visit(PHONE, "course/00_start_here/start_here.ipynb")
    notebook.run(IMPORTS)
    said = notebook.answer("time_average", AVERAGE.format(0))
    assert "You averaged over the batch (axis 0); time is axis 1." in said
    assert "Smallest failing case" in said
    assert "CheckFailed" in said
    screenshot(notebook, "lite_phone_wrong")
    assert "✓ time_average: right." in notebook.answer("time_average", AVERAGE.format(1))
    notebook.save()
    notebook.page.close()

    again = visit(PHONE, "course/00_start_here/start_here.ipynb")
    expect(again.cell("def time_average")).to_contain_text("return x.mean(axis=1)", timeout=PATIENCE)
    again.run(IMPORTS)
    assert "1 of 2" in again.run("progress()")
    screenshot(again, "lite_phone_progress")
    again.page.get_by_role("menuitem", name="File", exact=True).click()
    with again.page.expect_download() as download:
        again.page.get_by_role("menuitem", name="Download", exact=True).click()
    grade(download.value.path(), tmp_path)


def grade(downloaded, root) -> None:
    """A class of one hands in the downloaded file."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for kind in ("course", "solutions"):
        shutil.copytree(ROOT / kind / "00_start_here", root / kind / "00_start_here")
    submitted = root / "submitted" / "ana" / "00_start_here"
    submitted.mkdir(parents=True)
    shutil.copy(downloaded, submitted / "start_here.ipynb")
    command = [sys.executable, "-m", "autograder", "grade", "00", "--jobs", "1"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-m", "autograder", "export", "--to", "grades.csv"]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    assert "1.0" in (root / "grades.csv").read_text(), done.stdout


def test_lesson_04_names_the_mistake_finds_the_line_and_stops_what_never_ends(visit):
    notebook = visit(DESK, "course/04_numpy_rnn/numpy_rnn.ipynb")
    notebook.run(IMPORTS)
    said = notebook.answer("rnn_step", STEP.format("return np.tanh(x @ W_xh + h_prev @ W_hh) + b_h"))
    assert "You added b_h after tanh" in said
    screenshot(notebook, "lite_desk_wrong")
    began = time.monotonic()
    said = notebook.answer("rnn_step", STEP.format("return np.tanh(x @ W_xh + h_prev @ W_hh + 3 * b_h)"))
    print(said, time.monotonic() - began)
    began = time.monotonic()
    said = notebook.answer("rnn_step", STEP.format("while True: pass"))
    print(said, time.monotonic() - began)
    assert "✓ rnn_step: right." in notebook.answer(
        "rnn_step", STEP.format("return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)")
    )


def test_a_slider_moves_its_picture(visit):
    notebook = visit(DESK, "course/19_return_of_recurrence/return_of_recurrence.ipynb")
    notebook.run(IMPORTS)
    notebook.run("factors = np.random.default_rng")
    cell = notebook.cell("factors = np.random.default_rng")
    before = cell.locator("img").get_attribute("src")
    cell.get_by_role("slider").press("ArrowRight")
    moved = cell.get_by_alt_text("The same picture for rounds = 2")
    expect(moved).to_be_visible(timeout=PATIENCE)
    assert moved.get_attribute("src") != before
    screenshot(notebook, "lite_slider")
