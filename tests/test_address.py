"""The project's address stands once; whatever is written in Markdown agrees with it."""

import re
import tomllib

from autograder import address
from autograder.lessons import ROOT

URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def test_addresses_are_those_of_pyproject():
    assert address.homepage() == URLS["Homepage"]
    assert address.repository() == URLS["Repository"]
    assert address.archive() == f"{URLS['Repository']}/archive/HEAD.zip"
    assert address.pip_line() == f'pip install "sequence-course @ {address.archive()}"'
    assert address.pip_line("lab") == f'pip install "sequence-course[lab] @ {address.archive()}"'


def test_pages_name_no_other_address_of_the_project():
    """To move the project: change pyproject.toml, install, and replace what this test lists."""
    owner = address.repository().removeprefix("https://github.com/")
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in re.findall(r"mybinder\.org/v2/gh/([\w.-]+/[\w.-]+)", text):
            assert found == owner, f"{page.name}: {found}"
        for found in re.findall(r'sequence-course(?:\[[\w,]+\])? @ ([^\s"]+)', text):
            assert found == address.archive(), f"{page.name}: {found}"
        for found in re.findall(r"git clone (https:\S+)", text):
            assert found == address.repository(), f"{page.name}: {found}"


def test_binder_opens_the_readme_by_the_badge():
    assert f"({address.binder('README.md')})" in (ROOT / "README.md").read_text(encoding="utf-8")
