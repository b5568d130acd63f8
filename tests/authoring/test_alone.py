"""A notebook opened without the course says what is missing, and the line that installs it."""

import re
import subprocess
import sysconfig
import tomllib
import venv

import nbformat
import pytest

from autograder.address import archive
from autograder.authoring import alone
from autograder.lessons import ROOT, all_lessons

LESSONS = {lesson.name: lesson for lesson in all_lessons()}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A Python that has what ours has (NumPy, matplotlib, a kernel), without the course."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    where = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    # A path named in a .pth file is searched, but its own .pth files, of which one leads here, are not read.
    (folder / where / "ours.pth").write_text(sysconfig.get_path("purelib"))
    return python


RUN = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    nbclient.execute(notebook)
except nbclient.exceptions.CellExecutionError:
    nbformat.write(notebook, sys.argv[2])
"""


def test_the_first_thing_that_fails_says_what_to_do(elsewhere, tmp_path):
    opened, executed = LESSONS["04_numpy_rnn"].notebook("course"), tmp_path / "executed.ipynb"
    subprocess.run([elsewhere, "-c", RUN, opened, executed], cwd=tmp_path, check=True)
    code = [cell for cell in nbformat.read(executed, as_version=4).cells if cell.cell_type == "code"]
    (said,) = code[0].outputs
    assert not any(cell.outputs for cell in code[1:])
    sentence, line = said.evalue.split("\n")
    assert (
        sentence
        == "The course is not installed here: run the next line in a cell of its own, then this cell again."
    )
    assert line == f'%pip install "sequence-course[data] @ {archive()}"'
    assert "During handling" not in "".join(said.traceback)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
@pytest.mark.parametrize("kind", ["course", "solutions"])
def test_every_notebook_asks_first_whether_the_course_is_there(lesson, kind):
    notebook = nbformat.read(lesson.notebook(kind), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].source.startswith(alone.lines())
    assert "nbgrader" not in code[0].metadata
    assert not code[0].get("outputs")
    assert not any("import autograder\n" in cell.source for cell in code[1:])


def test_the_line_names_the_package_and_its_address():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = re.search(r"(?s)install \"([\w-]+)\[(\w+)\] @ '.*?'(\S+)\"'", alone.lines())
    assert named
    name, extra, address = named.groups()
    assert name == project["name"]
    assert extra in project["optional-dependencies"]
    assert address == project["urls"]["Repository"] + "/archive/HEAD.zip"


def test_they_are_no_part_of_the_code():
    code = "import numpy as np\n\ntry:\n    import autograder\nexcept ImportError:\n    raise"
    assert alone.without(alone.lines() + code) == code
    moved = alone.lines().replace(archive(), "https://example.org/course.zip")
    assert alone.without(moved + code) == code
    assert alone.without(code) == code
