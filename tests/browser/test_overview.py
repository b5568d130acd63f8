"""The overview in a real browser: it fits, sorts, hides names, needs no script, and runs nobody's."""

import json

import pytest
from playwright.sync_api import expect

from autograder.grading.teaching.overview import write_overview
from autograder.lessons import find_lessons
from benchmarks.graded_class import make_graded_class
from tests.browser.person import screenshot

pytestmark = pytest.mark.browser
HOSTILE = "</pre></title><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, str]:
    """Addresses of the teacher's page and the class's, of a class of 40 in which much is markup."""
    root, lesson = tmp_path_factory.mktemp("class") / "class", find_lessons(["04"])[0]
    make_graded_class(root, lesson, 40, book=False)
    for path in (root / ".autograder" / "results").rglob("*.json"):
        data = json.loads(path.read_text())
        for test in data["tests"].values():
            test["lines"] = [HOSTILE for _ in test["lines"]]
            for slip in test["slips"]:
                slip["code"] = slip["what"] = HOSTILE
        path.write_text(json.dumps(data))
    written = {
        kind: write_overview(root, lesson, anonymous=kind == "class")[0] for kind in ("teacher", "class")
    }
    return {kind: path.as_uri() for kind, path in written.items()}


@pytest.fixture
def complaints(page) -> list[str]:
    """What the browser says of the page: a script of somebody else's that it refused would be said, too."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("kind", ["teacher", "class"])
def test_it_fits_and_runs_nothing_but_its_own(page, pages, complaints, width, kind):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(pages[kind])
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.title().startswith("Lesson 04 numpy rnn")
    assert page.locator("img").count() == 0
    assert complaints == []
    screenshot(page, f"overview-{kind}-{width}", full_page=True)


def test_a_column_sorts_and_sorts_back(page, pages):
    page.goto(pages["teacher"])
    column = "() => [...document.querySelectorAll('.map tbody tr')].map(r => +r.children[4].dataset.v)"
    page.get_by_role("button", name="count_rnn_parameters").click()
    down = page.evaluate(column)
    assert down == sorted(down, reverse=True)
    assert len(set(down)) > 1
    page.get_by_role("button", name="count_rnn_parameters").click()
    assert page.evaluate(column) == sorted(down)


def test_names_can_be_hidden_and_all_is_read_without_a_script(browser, pages):
    plain = browser.new_context(java_script_enabled=False)
    shown = plain.new_page()
    shown.goto(pages["teacher"])
    name = shown.locator(".map tbody .who i").first
    expect(name).to_be_visible()
    assert shown.locator(".map tbody tr").count() == 40
    shown.get_by_label("hide names").check()
    expect(name).not_to_be_visible()
    plain.close()
