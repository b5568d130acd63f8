"""Build the site: python -m website [--answers] [FOLDER]. By default into website/_build/site."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from website.front import front_page, install_page, notation_page
from website.npm import MATHJAX, from_npm
from website.pages import write_lessons

HERE = Path(__file__).resolve().parent
BUILD = HERE / "_build"
#: Where `make lite` leaves the browser edition; it becomes a folder of the site.
LITE = BUILD / "lite"


def build_site(folder: Path = BUILD / "site", *, answers: bool = False) -> None:
    """Write the pages' sources beside `folder`, and the site into it. Raises CalledProcessError."""
    source = folder.parent / f"{folder.name}-source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(HERE / "static", source / "_static")
    write_lessons(source, answers=answers)
    (source / "index.md").write_text(front_page(lite=(LITE / "index.html").exists()), encoding="utf-8")
    (source / "install.md").write_text(install_page(), encoding="utf-8")
    (source / "notation.md").write_text(notation_page(), encoding="utf-8")
    if mathjax := from_npm(MATHJAX, BUILD / "npm"):
        shutil.copy(mathjax, source / "_static")
    else:
        print("There is no npm here: the site's equations will need the network.")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2", "-c", str(HERE)]
    subprocess.run([*command, str(source), str(folder)], check=True)
    if LITE.exists():
        shutil.copytree(LITE, folder / "lite", dirs_exist_ok=True)


def main() -> None:
    """The command line."""
    asked = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path, default=BUILD / "site")
    asked.add_argument("--answers", action="store_true", help="solutions folded into the pages")
    given = asked.parse_args()
    try:
        build_site(given.folder.resolve(), answers=given.answers)
    except subprocess.CalledProcessError:
        sys.exit("The site was not built; what is wrong stands above.")
    print(f"open {given.folder / 'index.html'}")


if __name__ == "__main__":
    main()
