"""Draw docs/overview.png: the overview of a made-up class of 300, as Chromium shows it.

.venv/bin/python benchmarks/overview_picture.py
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image
from playwright.sync_api import sync_playwright

from autograder.grading.teaching.overview import write_overview
from autograder.lessons import ROOT, find_lessons
from benchmarks.graded_class import make_graded_class

PICTURE = ROOT / "docs" / "overview.png"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WIDTH, HEIGHT = 1000, 1250
#: More than the page has, but for the edges of letters.
COLOURS = 64


def main() -> None:
    lesson = find_lessons(["04"])[0]
    with tempfile.TemporaryDirectory() as place, sync_playwright() as started:
        root = Path(place) / "class"
        make_graded_class(root, lesson, 300)
        page, _ = write_overview(root, lesson)
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        shown.goto(page.as_uri())
        shown.screenshot(path=PICTURE)
        browser.close()
    Image.open(PICTURE).quantize(COLOURS).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
