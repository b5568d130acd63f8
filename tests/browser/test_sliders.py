"""A slider is moved in a real JupyterLab, and the picture below it follows."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import screenshot
from tests.browser.test_lab import FIRST_CELL, open_notebook, run_cell

pytestmark = pytest.mark.browser

#: By notebook: how the cells to run start, the last of them with the slider; its name; two places on.
SLIDERS = {
    "19_return_of_recurrence/return_of_recurrence.ipynb": (["factors = np.random"], "rounds", "3"),
    "17_training_a_transformer/training_a_transformer.ipynb": (
        ["# From earlier lessons", "def attention_backward", "BASE, ARRIVES"],
        "size",
        "4",
    ),
}


def picture(page: Page) -> str:
    """The address of the picture in the active cell: its bytes, in base64."""
    return page.locator(".jp-Cell.jp-mod-active .jp-OutputArea img").first.get_attribute("src") or ""


@pytest.mark.parametrize("notebook", SLIDERS)
def test_the_picture_follows_the_slider(page, lab, notebook):
    cells, name, reached = SLIDERS[notebook]
    open_notebook(page, lab, f"solutions/{notebook}")
    for start in (FIRST_CELL, *cells):
        run_cell(page, start)
    row = page.locator(".jp-Cell.jp-mod-active .widget-inline-hbox", has_text=name)
    expect(row).to_have_count(1)
    before = picture(page)
    handle = row.locator(".noUi-handle")
    for _ in range(2):
        handle.press("ArrowRight")
    expect(row.locator(".widget-readout")).to_have_text(reached)
    page.wait_for_function(
        "before => document.querySelector('.jp-Cell.jp-mod-active .jp-OutputArea img').src !== before",
        arg=before,
    )
    screenshot(page, f"slider_{name}")
