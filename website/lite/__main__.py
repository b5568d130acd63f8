"""`make lite`: the browser edition in website/_build/lite, a folder for any static web server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from autograder.lessons import ROOT, all_lessons
from coursekit import stored
from website.lite.distribution import lay_out
from website.lite.notebooks import for_browser

HERE = Path(__file__).parent
BUILD = ROOT / "website" / "_build"
PAGES = ("NOTATION.md", "LICENSE", "LICENSE-PROSE")
APPS = ("lab", "notebooks", "tree")
KERNEL_SETTINGS = "@jupyterlite/pyodide-kernel-extension:kernel"
FIRST = "notebooks/index.html?path=course/00_start_here/start_here.ipynb"
#: JupyterLite's applications look for the element `jupyter-config-data` in the folder's first page.
FRONT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sequence models by hand</title>
<meta http-equiv="refresh" content="0; url={page}">
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script>
<p>The course opens: <a href="{page}">00 · Start here</a>.</p>
</html>
"""
#: Where the page keeps files: what is written there (progress, matplotlib's list of fonts) survives a reload.
KEPT = {"AUTOGRADER_HOME": "/drive/.progress", "MPLCONFIGDIR": "/drive/.matplotlib"}


def main() -> None:
    """Build all of it anew; what was downloaded is kept in website/_build/pyodide."""
    work, made = BUILD / "work", BUILD / "lite"
    for folder in (work, made):
        shutil.rmtree(folder, ignore_errors=True)
    write_contents(work / "contents")
    for name in ("jupyter-lite.json", "overrides.json"):
        shutil.copy(HERE / name, work)
    build_lite(work, made)
    packages = lay_out(made / "static" / "pyodide", BUILD / "pyodide", build_wheel(work))
    configure(made, packages)
    (made / "index.html").write_text(FRONT.format(page=FIRST), encoding="utf-8")
    shutil.rmtree(work)


def write_contents(folder: Path) -> None:
    """The notebooks and the pages that they link to, in the folders that they have in the repository."""
    for lesson in all_lessons():
        for kind in ("course", "solutions"):
            path = lesson.notebook(kind, folder)
            path.parent.mkdir(parents=True)
            nbformat.write(for_browser(lesson, kind), path)
    for page in PAGES:
        shutil.copy(ROOT / page, folder)


def build_wheel(folder: Path) -> Path:
    """The course as a wheel, with its data as files."""
    stored.write()
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def build_lite(work: Path, made: Path) -> None:
    """JupyterLite itself, without source maps; of its extensions the Python kernel and the sliders."""
    build = {
        "apps": APPS,
        "contents": [str(work / "contents")],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(made),
    }
    (work / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": build}))
    command = [str(tools()), "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"JupyterLite was not built:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def tools() -> Path:
    """The Python of JupyterLite's environment, which is made once: in a learner's it would be in the way."""
    wanted, folder = HERE / "requirements.txt", BUILD / "tools"
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", str(folder)], check=True)
        install = [*uv, "pip", "install", "--quiet", "--python", str(python)]
        subprocess.run([*install, "-c", str(ROOT / "constraints.txt"), "-r", str(wanted)], check=True)
        shutil.copy(wanted, done)
    return python


def configure(made: Path, packages: list[str]) -> None:
    """Tell the page what Python loads at its start, so that no cell has to."""
    path = made / "jupyter-lite.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    settings = config["jupyter-config-data"]["litePluginSettings"][KERNEL_SETTINGS]
    settings["loadPyodideOptions"] = {"packages": packages, "env": KEPT}
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
