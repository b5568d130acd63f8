"""The site as a reader finds it: on a phone and on a desk, light and dark, asking no other host."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import expect

from autograder.lessons import ROOT, all_lessons
from tests.browser.chromium import missing
from tests.browser.person import screenshot
from website.npm import AXE, from_npm

LESSONS = [lesson.name for lesson in all_lessons()]
PAGES = ["index", "install", "notation", "search", *(f"lessons/{name}" for name in LESSONS)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SERIOUS = """async ([places, options]) => {
    const there = places.filter((place) => document.querySelector(place));
    return (await axe.run({include: there}, {...options, resultTypes: ['violations']})).violations
        .filter((found) => ['serious', 'critical'].includes(found.impact))
        .map((found) => `${found.id}: ${found.help}: ${found.nodes.slice(0, 3).map((node) => node.html)}`);
}"""
STRUCTURE = [["html"], {"rules": {"color-contrast": {"enabled": False}}}]
#: Contrast takes axe a quarter of a minute for a lesson. Text and code have their colours from one sheet,
#: and the first lesson shows all of them; of the others it sees what they bring along.
CONTRAST = {"runOnly": ["color-contrast"]}
BROUGHT_ALONG = [".bd-header-article", ".cell_output", ".exercise", "summary"]
#: Is MathJax done, and are the boxes that scroll marked?
READY = "document.documentElement.dataset.ready === 'yes'"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "html"
    command = [sys.executable, "-m", "website", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if not (folder / "_static" / "tex-svg-full.js").exists():
        missing("npm")
    return folder


@pytest.fixture(scope="module")
def axe() -> Path:
    found = from_npm(AXE, ROOT / "website" / "_build" / "npm")
    if found is None:
        missing("npm")
    assert found
    return found


@pytest.fixture
def reader(browser):
    """Opens a page in a window of a size; what it asks of any other place than the site is a failure."""
    opened, asked = [], []

    def read(site, name, size, scheme="light"):
        page = browser.new_page(viewport=size, color_scheme=scheme)
        page.set_default_timeout(120_000)
        opened.append(page)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{site.as_uri()}/{name}.html")
        page.wait_for_function(READY)
        return page

    yield read
    for page in opened:
        page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


class Links(HTMLParser):
    """The targets of a page's links and pictures, and the places in it that a link can name."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.places = [], {""}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.places |= {given.get("id", ""), given.get("name", "")}
        self.targets += [value for name, value in attrs if name in ("href", "src") and value]


def test_every_link_within_the_site_leads_somewhere(site):
    paths = [
        path for path in site.rglob("*.html") if path.relative_to(site).parts[0] not in ("_static", "lite")
    ]
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in paths}
    broken = []
    for path, page in pages.items():
        for target in page.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            goal = goal / "index.html" if goal.is_dir() else goal
            known = pages[goal].places if goal in pages else {unquote(parts.fragment)}
            if not goal.exists() or unquote(parts.fragment) not in known:
                broken.append(f"{path.relative_to(site)}: {target}")
    assert broken == []
    assert {f"{name}.html" for name in PAGES} <= {path.relative_to(site).as_posix() for path in pages}


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_excludes_nobody(reader, site, axe, name):
    page = reader(site, name, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.add_script_tag(path=axe)
    assert page.evaluate(SERIOUS, STRUCTURE) == []
    coloured = BROUGHT_ALONG if name in PAGES[5:] else ["html"]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        assert page.evaluate(SERIOUS, [coloured, CONTRAST]) == []
    for box in page.locator("img").all():
        assert box.evaluate("(image) => image.complete && image.naturalWidth > 0"), "a picture is missing"


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_sees_what_a_wrong_answer_is_told_and_goes_on_to_a_lesson(reader, site, size, scheme):
    page = reader(site, "index", size, scheme)
    expect(page.locator(".report").first).to_contain_text("You added b_h after tanh")
    expect(page.locator(".part li")).to_have_count(len(LESSONS))
    screenshot(page, f"site_{size['width']}_{scheme}")
    page.get_by_role("link", name="Read", exact=True).click()
    page.wait_for_url("**/lessons/00_start_here.html")
    page.locator(".prev-next-area .right-next").click()
    page.wait_for_url("**/lessons/01_sequences.html")
    page.wait_for_function(READY)
    assert page.locator(".picture img").count() > 3
    assert page.locator("mjx-container svg").count() > 10
    screenshot(page, f"site_lesson_{size['width']}_{scheme}")


@pytest.mark.browser
def test_code_that_draws_is_folded_and_unfolds(reader, site):
    page = reader(site, "lessons/04_numpy_rnn", DESK)
    fold = page.locator("details.hide", has_text="Show the code").first
    expect(fold.locator("pre")).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.locator("pre")).to_be_visible()


@pytest.mark.browser
def test_search_finds_a_lesson(reader, site):
    page = reader(site, "search", DESK)
    page.goto(f"{site.as_uri()}/search.html?q=perplexity")
    expect(page.locator("#search-results li a").first).to_be_visible()


@pytest.mark.browser
def test_a_printed_lesson_is_the_lesson(reader, site):
    page = reader(site, "lessons/04_numpy_rnn", DESK)
    page.emulate_media(media="print")
    for hidden in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-area"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".picture img").first).to_be_visible()
