"""What works with which packages: whoever left an extra out is told its name, not a traceback."""

import subprocess
import sys

import pytest

from autograder.address import pip_line
from autograder.lessons import ROOT


def without(*packages: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run `autograder COMMAND` in a Python in which these packages are not installed."""
    blocked = "".join(f"sys.modules[{name!r}] = None\n" for name in packages)
    start = f"sys.argv[1:] = {command.split()!r}\nfrom autograder.__main__ import main\nmain()"
    code = f"import sys\n{blocked}{start}"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("nbformat", "check course/00_start_here/start_here.ipynb"),
        ("jupytext", "build 00"),
        ("nbgrader", "export"),
    ],
)
def test_a_missing_package_is_named_with_the_line_that_brings_it(package, command):
    done = without(package, command=command)
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert line == f"This command needs {package}, which is not installed: {pip_line('class')}"


def test_progress_needs_the_core_alone():
    done = without(
        "torch", "jupyterlab", "nbgrader", "nbformat", "jupytext", "statsmodels", command="progress"
    )
    assert done.returncode == 0, done.stderr
    assert "start here" in done.stdout


CORE = """
import sys
for name in "torch typer nbgrader nbformat jupytext statsmodels babel num2words".split():
    sys.modules[name] = None
from autograder import check, hint, replay, progress

def time_average(x):
    return x.mean(axis=1)

check(time_average); hint(time_average); replay(time_average); progress()
"""


def test_the_core_is_enough_for_the_four_words(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CORE],
        cwd=ROOT,
        env={"AUTOGRADER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("✓ time_average: right.")
