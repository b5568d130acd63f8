"""Shared by all tests: an own progress file, one thread, one browser."""

import os
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import browser as browser
from tests.browser.chromium import page as page

# nbgrader calls `alembic` by name; it lies beside this Python also where the environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """No test reads or writes the progress of whoever runs it."""
    monkeypatch.setenv("AUTOGRADER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)
