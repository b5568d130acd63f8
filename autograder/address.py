"""Where the project lives, and the lines that are made of it.

The addresses stand once, in `[project.urls]` of pyproject.toml, and are read from the installed package's
metadata. Badges, buttons and pip lines come from here; a test holds those written in Markdown to it.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import metadata

PACKAGE = "sequence-course"


@lru_cache(maxsize=1)
def _urls() -> dict[str, str]:
    lines = metadata(PACKAGE).get_all("Project-URL") or []
    return {name: address.rstrip("/") for name, address in (line.split(", ", 1) for line in lines)}


def homepage() -> str:
    """The course as a web site."""
    return _urls()["Homepage"]


def repository() -> str:
    """The repository on GitHub: https://github.com/OWNER/NAME."""
    return _urls()["Repository"]


def archive() -> str:
    """The repository as a zip file, which pip installs without git."""
    return f"{repository()}/archive/HEAD.zip"


def pip_line(extra: str = "") -> str:
    """The line that installs the course from nothing, with one of pyproject's extras: 'lab', say."""
    wanted = f"{PACKAGE}[{extra}]" if extra else PACKAGE
    return f'pip install "{wanted} @ {archive()}"'


def binder(path: str) -> str:
    """What opens a file of the repository in JupyterLab on mybinder.org."""
    return f"https://mybinder.org/v2/gh/{repository().split('github.com/')[1]}/HEAD?urlpath=lab/tree/{path}"
