"""A learner's first quarter of an hour in a real JupyterLab: wrong, diagnosed, right."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import screenshot

pytestmark = pytest.mark.browser

#: A lesson's first code cell holds its imports; every source starts with the empty text.
FIRST_CELL = ""
WRONG_AVERAGE = "def time_average(x):\n    return x.mean(axis=0)"
RIGHT_AVERAGE = "def time_average(x):\n    return x.mean(axis=1)"


def command(page: Page, name: str, **arguments) -> None:
    page.evaluate("([n, a]) => window.jupyterapp.commands.execute(n, a)", [name, arguments])


def open_notebook(page: Page, lab: str, path: str) -> None:
    page.goto(f"{lab}/lab/tree/{path}?reset")
    page.wait_for_function("window.jupyterapp && window.jupyterapp.shell.currentWidget")
    expect(page.locator(".jp-Notebook:visible .jp-Cell").first).to_be_visible()
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel")


def write_cell(page: Page, start: str, text: str | None) -> None:
    """Replace the source of the code cell that starts with `start`, as typing into it would."""
    page.evaluate(
        """([start, text]) => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            const index = notebook.widgets.findIndex(
                (cell) => cell.model.type === 'code' && cell.model.sharedModel.source.startsWith(start));
            if (index < 0) throw new Error('no cell starts with ' + start);
            notebook.activeCellIndex = index;
            if (text !== null) notebook.activeCell.model.sharedModel.setSource(text);
        }""",
        [start, text],
    )


def run_cell(page: Page, start: str) -> str:
    """Run the code cell that starts with `start`; returns the text of its outputs."""
    write_cell(page, start, None)
    return page.evaluate(
        """async () => {
            const panel = window.jupyterapp.shell.currentWidget;
            const cell = panel.content.activeCell;
            await window.jupyterapp.commands.execute('notebook:run-cell');
            cell.node.scrollIntoView({block: 'center'});
            await new Promise((resolve) => setTimeout(resolve, 600));
            return cell.outputArea.node.innerText;
        }"""
    )


def test_start_here_from_wrong_to_right(page, lab):
    open_notebook(page, lab, "course/00_start_here/start_here.ipynb")
    run_cell(page, FIRST_CELL)
    run_cell(page, "def time_average")
    assert "Not written yet" in run_cell(page, "check(time_average)")

    write_cell(page, "def time_average", WRONG_AVERAGE)
    run_cell(page, "def time_average")
    said = run_cell(page, "check(time_average)")
    assert "You averaged over the batch (axis 0); time is axis 1." in said
    assert "Smallest failing case" in said
    assert "CheckFailed" in said
    screenshot(page, "start_here_wrong")

    write_cell(page, "def time_average", RIGHT_AVERAGE)
    run_cell(page, "def time_average")
    said = run_cell(page, "check(time_average)")
    assert "✓ time_average: right." in said
    assert "CheckFailed" not in said
    assert "1 of 2" in run_cell(page, "progress()")
    screenshot(page, "start_here_right")

    command(page, "apputils:change-theme", theme="JupyterLab Dark")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    screenshot(page, "start_here_dark")
    command(page, "docmanager:save")


def test_lesson_01_from_wrong_to_right(page, lab):
    open_notebook(page, lab, "course/01_sequences/sequences.ipynb")
    run_cell(page, FIRST_CELL)
    write_cell(
        page, "def length_mask", "def length_mask(lengths, T):\n    return np.arange(T) >= lengths[:, None]"
    )
    run_cell(page, "def length_mask")
    said = run_cell(page, "check(length_mask)")
    assert "✗ length_mask: not right yet" in said
    screenshot(page, "lesson_01_wrong")

    right = "def length_mask(lengths, T):\n    return np.arange(T) < lengths[:, None]"
    write_cell(page, "def length_mask", right)
    run_cell(page, "def length_mask")
    assert "✓ length_mask: right." in run_cell(page, "check(length_mask)")
    screenshot(page, "lesson_01_right")


def test_formgrader_lists_the_lessons(page, lab):
    page.goto(f"{lab}/formgrader/manage_assignments")
    # nbgrader makes its gradebook on the first visit.
    expect(page.get_by_text("01_sequences").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("00_start_here").first).to_be_visible()
    screenshot(page, "formgrader")
