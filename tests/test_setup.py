"""The files that set the course up agree with each other and with what is there."""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

from autograder.lessons import ROOT, all_lessons

#: Where conda-forge calls a package by another name than PyPI.
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {normal(name): version for name, version in (line.split("==") for line in lines if "==" in line)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(group: list[str]) -> dict[str, str]:
    """name -> lower bound"""
    found = {}
    for line in group:
        match = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(?:>=([\d.]+))?(?:; .*)?", line)
        assert match, line
        found[match[1]] = match[2]
    return found


def test_conda_environment_equals_pyproject():
    conda = requirements([line for line in ENVIRONMENT["dependencies"] if isinstance(line, str)])
    assert conda.pop("python") == PROJECT["requires-python"].removeprefix(">=")
    conda.pop("pip")
    extras = PROJECT["optional-dependencies"]
    wanted = requirements(PROJECT["dependencies"])
    for extra in ("torch", "lab", "data", "class"):
        wanted |= requirements(extras[extra])
    wanted.pop(PROJECT["name"])  # an extra may contain another one
    assert conda == {CONDA_NAMES.get(name, name): bound for name, bound in wanted.items()}


def test_constraints_pin_every_requirement_within_its_range():
    pins = pinned()
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for name, bound in requirements([line for group in groups for line in group]).items():
        if name != PROJECT["name"]:
            version = pins[normal(name)]
            assert numbers(version) >= numbers(bound), f"{name}: {version} < {bound}"


@pytest.mark.parametrize("python", ["3.11.2", "3.12", "3.13", "3.14"])
def test_pins_resolve_from_the_oldest_python_to_the_newest(python, tmp_path):
    if not os.environ.get("CI"):
        pytest.skip("resolving asks the package index, which is left to CI")
    links = os.environ.get("UV_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS", "")
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--extra", "dev"]
    command += ["-c", "constraints.txt", "--python-version", python, "-o", str(tmp_path / "resolved.txt")]
    environment = {**os.environ, "UV_FIND_LINKS": links}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_readme_asks_for_the_python_that_the_package_asks_for():
    [asked] = re.findall(r"You need Python ([\d.]+) or newer", (ROOT / "README.md").read_text())
    assert PROJECT["requires-python"] == f">={asked}"


def test_the_core_is_small():
    core = set(requirements(PROJECT["dependencies"]))
    assert core == {"matplotlib", "numpy", "platformdirs", "threadpoolctl", "tqdm", "typer"}


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def rendered_by_binder(folder) -> str:
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_binder_installs_the_course_without_torch_and_shows_what_is_recorded():
    dockerfile = rendered_by_binder(ROOT)
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    asked = (ROOT / "binder" / "requirements.txt").read_text()
    assert "-e .[lab,data]" in asked.splitlines() and "[torch" not in asked


def test_repo2docker_accepts_the_conda_environment(tmp_path):
    shutil.copy(ROOT / "environment.yml", tmp_path)
    assert "environment.yml" in rendered_by_binder(tmp_path)


def test_readme_lists_every_lesson():
    readme = (ROOT / "README.md").read_text()
    for lesson in all_lessons():
        path = lesson.notebook("course").relative_to(ROOT)
        assert f"({path})" in readme, f"README.md has no row for {path}"


@pytest.mark.parametrize("page", [str(p.relative_to(ROOT)) for p in PAGES])
def test_links_between_pages_lead_somewhere(page):
    if not (ROOT / page).exists():
        pytest.fail(f"{page} is missing")
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}, which does not exist"


def test_readme_names_the_commands_that_exist():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    for target in re.findall(r"`?make ([a-z-]+)", readme):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"README.md names `make {target}`"


def test_readme_quotes_a_report_as_it_is():
    import autograder.exercises  # noqa: F401  fills the registry
    from autograder.exercise import EXERCISES
    from autograder.judging.judge import judge
    from autograder.judging.outcome import call
    from autograder.learner.report import make_report

    exercise = EXERCISES["rnn_step"]
    mistake = next(m for m in exercise.mistakes if m.name == "bias_outside_tanh")
    verdict = judge(exercise, lambda arguments: call(mistake.function, arguments))
    assert str(make_report(verdict, hints_left=3)) in (ROOT / "README.md").read_text(encoding="utf-8")
