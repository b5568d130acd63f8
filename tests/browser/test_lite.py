"""The browser edition as a person meets it: served as files, with nothing asked of anybody else."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import SCREENSHOTS
from tests.browser.person import PATIENCE, Notebook
from tests.browser.served import Server, build

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
IMPORTS = "import numpy as np"
AVERAGE = "def time_average(x):\n    return x.mean(axis={})"


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


def screenshot(notebook: Notebook, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    notebook.page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_start_here_on_a_phone_and_again_after_a_reload(visit):
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
