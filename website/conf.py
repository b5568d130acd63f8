"""Sphinx's settings for the site; `python -m website` writes the sources that it reads."""

from pathlib import Path

from sphinx.application import Sphinx

project = "Sequence models by hand"
author = "the authors of this course"
extensions = ["myst_nb"]
language = "en"
html_theme = "sphinx_book_theme"
html_title = project
html_theme_options = {
    "show_toc_level": 2,
    "show_navbar_depth": 1,
    "use_download_button": False,
    "navbar_persistent": [],  # the search stands in the side bar
}
html_context = {"default_mode": "auto"}
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_show_copyright = False
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "text/html", 0)]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3


def setup(app: Sphinx) -> None:
    """Pages' files lie beside their sources. Without npm's MathJax, Sphinx's own address for it stays."""
    static = Path(app.srcdir) / "_static"
    app.config.html_static_path = [str(static)]
    if (static / "tex-svg-full.js").exists():
        app.config.mathjax_path = "tex-svg-full.js"
