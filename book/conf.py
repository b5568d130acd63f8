"""The course as a static web site, for reading: `make book`. Made from course/, so that no answer shows."""

import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
project = "Sequence models by hand"
author = "the authors of this course"
extensions = ["myst_nb"]
exclude_patterns = ["_build"]
html_theme = "sphinx_book_theme"
html_title = project
html_theme_options = {"show_toc_level": 2}
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
# Links to files of the repository that the site does not hold.
suppress_warnings = ["myst.xref_missing"]

# MathJax from npm (`make book` fetches it), so that the site needs no network; else Sphinx's default address.
if (HERE / "_static" / "tex-svg-full.js").exists():
    html_static_path = ["_static"]
    mathjax_path = "tex-svg-full.js"

LESSONS = HERE / "lessons"
shutil.rmtree(LESSONS, ignore_errors=True)
LESSONS.mkdir()
for notebook in sorted((HERE.parent / "course").glob("*/*.ipynb")):
    shutil.copy(notebook, LESSONS / f"{notebook.parent.name}.ipynb")
shutil.copy(HERE.parent / "NOTATION.md", LESSONS / "notation.md")
