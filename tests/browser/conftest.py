"""A JupyterLab of its own on a copy of the course, and a Chromium to look at it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.lessons import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: Chromium cannot use its own sandbox as root or in most containers; the other flags keep it off the network.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
SCREENSHOTS = ROOT / "screenshots"


def missing(what: str) -> None:
    """A skip here, a failure in CI, where everything has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing; .ci/run should have installed it")
    pytest.skip(f"{what} is missing: these tests need Debian's or your system's chromium")


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Path:
    """A copy of what a learner opens, so that typing into it changes nothing here."""
    root = tmp_path_factory.mktemp("course")
    for name in ("course", "solutions", "README.md", "nbgrader_config.py"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, root / name)
    return root


@pytest.fixture(scope="session")
def lab(course, tmp_path_factory) -> Iterator[str]:
    """The address of a running JupyterLab."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("jupyter")
    environment = {
        **os.environ,
        "AUTOGRADER_HOME": str(home / "progress"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--port-retries=0"]
    command += [
        "--IdentityProvider.token=",
        "--LabApp.expose_app_in_browser=True",
        "--allow-root",
        "--LabApp.news_url=",
    ]
    log = (home / "log").open("w")
    process = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address + "/api/status", process, home / "log")
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        missing("Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    made = browser.new_page(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(60_000)
    yield made
    made.close()
