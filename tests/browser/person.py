"""A person at a notebook: looks for a cell, types into it, runs it, reads what stands below."""

import contextlib
import re
import time

from playwright.sync_api import Download, Locator, Page, expect

from tests.browser.chromium import SCREENSHOTS

#: Milliseconds until something that starts Python has to be there, on a busy machine.
PATIENCE = 240_000
#: What the cell holds that comes before all others.
IMPORTS = "import numpy as np"


def screenshot(page: Page, name: str, *, full_page: bool = False) -> None:
    """Keep what a page looks like, for people."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full_page)


class Notebook:
    """The notebook that a page shows."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def cell(self, text: str) -> Locator:
        """The first code cell that holds a text."""
        return self.page.locator(".jp-CodeCell", has_text=text).first

    def write(self, text: str, source: str) -> None:
        """Type over the code cell that holds a text."""
        self.cell(text).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, text: str) -> str:
        """Run the code cell that holds a text, unfolded first; returns what it shows."""
        cell = self.cell(text)
        if (folded := cell.locator(".jp-Placeholder-content")).is_visible():
            folded.click()
        before = cell.locator(".jp-InputPrompt").inner_text()
        self._press(cell, before)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=PATIENCE)
        return "\n".join(cell.locator(".jp-OutputArea-output").all_inner_texts())

    def _press(self, cell: Locator, before: str) -> None:
        """Shift + Enter; again, if nothing happens because Python is not there yet."""
        end = time.monotonic() + PATIENCE / 1_000
        while cell.locator(".jp-InputPrompt").inner_text() == before and time.monotonic() < end:
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Shift+Enter")
            with contextlib.suppress(AssertionError):
                expect(cell.locator(".jp-InputPrompt")).not_to_have_text(before, timeout=5_000)

    def answer(self, name: str, source: str) -> str:
        """Write an exercise's function, run it and its check; returns the report."""
        start = f"def {name}("
        self.write(start, source)
        self.run(start)
        return self.run(f"check({name})")

    def add(self, source: str) -> str:
        """Write a new cell below the one that is selected, and run it; returns what it shows."""
        self.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="insert"]').click()
        self.page.locator(".jp-CodeCell.jp-mod-active .cm-content").click()
        self.page.keyboard.insert_text(source)
        return self.run(source)

    def download(self) -> Download:
        """File → Download."""
        with self.page.expect_download() as found:
            self.page.get_by_role("menuitem", name="File", exact=True).click()
            self.page.get_by_role("menuitem", name="Download", exact=True).click()
        return found.value

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(1_500)
