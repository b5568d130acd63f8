"""The wheel in a fresh environment, without a clone: from `autograder start` to a new edition of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from autograder.edition.notebooks import fingerprint, parse, write
from autograder.lessons import ROOT
from tests import environments

NAME = Path("course", "00_start_here", "start_here.ipynb")
WRONG, RIGHT = (f"def time_average(x):\n    return x.{what}(axis=1)" for what in ("sum", "mean"))
#: Runs the cells of a notebook up to the first check, in the way of a kernel, and shows what the check says.
LEARNER = """
import json, sys
space = {}
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code" and "demo" not in cell["metadata"].get("tags", []):
        try:
            exec("".join(cell["source"]), space)
        except Exception as error:
            print(type(error).__name__)
    if cell["id"] == "test_time_average":
        break
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="environments lie differently there")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return environments.build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory) -> Path:
    """What `pip install "sequence-course[lab] @ ..."` gives."""
    place = tmp_path_factory.mktemp("fresh") / "env"
    return environments.make(place, sys.executable, f"{wheel}[lab]")


@pytest.fixture
def run(programs, tmp_path):
    def ran(*command: str, code: int | None = 0) -> str:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AUTOGRADER", "PYTHON"))}
        env = clean | {
            "AUTOGRADER_HOME": str(tmp_path / "home"),
            "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
        }
        done = subprocess.run(
            [str(programs / command[0]), *command[1:]],
            cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert code is None or done.returncode == code, done.stderr
        return done.stdout + done.stderr

    return ran


def answer(path: Path, code: str) -> None:
    notebook = parse(path.read_bytes(), path.name)
    next(cell for cell in notebook["cells"] if cell["id"] == "time_average")["source"] = code
    write(path, notebook)


def test_a_learner_without_a_clone(run, tmp_path):
    """Start, a wrong answer by its name, a right one, progress, the whole notebook checked, a new edition."""
    assert "20 notebooks laid out in" in run("autograder", "start", "mine", "--no-lab")
    mine = tmp_path / "mine" / NAME
    answer(mine, WRONG)
    said = run("python", "-c", LEARNER, str(mine))
    assert "You added up the values, but did not divide" in said
    assert said.endswith("CheckFailed\n")
    answer(mine, RIGHT)
    assert "✓ time_average: right." in run("python", "-c", LEARNER, str(mine))
    told = run("autograder", "progress")
    assert "00 start here" in told
    assert "1 of  2 exercises" in told
    assert sum(line[:2].isdecimal() for line in told.splitlines()) == 20
    checked = run("autograder", "check", str(mine), code=1)
    assert "1 of 2 points" in checked
    assert "which needs PyTorch: pip install torch" in checked
    refused = run("autograder", "grade", "00", code=1)
    assert "A class is graded in a clone of the course" in refused


def test_a_new_edition_comes_in_around_the_answer(run, programs, wheel, tmp_path):
    run("autograder", "start", "mine", "--no-lab")
    mine = tmp_path / "mine" / NAME
    answer(mine, RIGHT)
    try:
        sources = tmp_path / "sources"
        sources.mkdir()
        newer = environments.copy_sources(sources)
        notebook = parse((newer / NAME).read_bytes(), NAME.name)
        notebook["cells"][0]["source"] = "# A better title"
        notebook["metadata"]["autograder"]["release"] = fingerprint(notebook)
        write(newer / NAME, notebook)
        environments.add(programs, str(environments.build_wheel(newer, tmp_path / "dist")))
        told = run("autograder", "update", "mine")
    finally:
        environments.add(programs, str(wheel))
    assert told.startswith(f"{NAME.as_posix()} brought up to date; all that you wrote is as you left it.\n")
    sources_now = [cell["source"] for cell in parse(mine.read_bytes(), NAME.name)["cells"]]
    assert sources_now[0] == "# A better title"
    assert RIGHT in sources_now


def test_start_opens_jupyterlab_in_the_folder(programs, tmp_path):
    settings = tmp_path / "jupyter"
    settings.mkdir()
    server = {"open_browser": False, "port": 0, "token": "known"}
    (settings / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": server}))
    runtime = tmp_path / "runtime"
    env = {**os.environ, "JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_RUNTIME_DIR": str(runtime)}
    started = subprocess.Popen(
        [programs / "autograder", "start", "mine"], cwd=tmp_path, env=env, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 120
        while not (found := [*runtime.glob("jpserver-*.json")]) and time.monotonic() < end:
            time.sleep(0.3)
        address = json.loads(found[0].read_text())["url"]
        path = f"{address}api/contents/{NAME.as_posix()}?token=known"
        with urllib.request.urlopen(path, timeout=30) as reply:
            assert json.load(reply)["name"] == NAME.name
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(30)


@pytest.mark.parametrize("python", ["3.11.2", "3.12", "3.13", "3.14"])
def test_the_core_judges_on_every_python_that_is_at_hand(python, wheel, tmp_path):
    interpreter = environments.interpreter(python)
    if not interpreter:
        pytest.skip(f"there is no Python {python} here; test_setup resolves the pins for it")
    programs = environments.make(tmp_path / "env", interpreter, str(wheel))
    code = f"from autograder import check\n{WRONG}\ncheck(time_average)"
    env = {**os.environ, "AUTOGRADER_HOME": str(tmp_path)}
    done = subprocess.run(
        [programs / "python", "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert "You added up the values, but did not divide" in done.stdout, done.stderr
    shutil.rmtree(tmp_path / "env")
