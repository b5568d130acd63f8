"""A learner's folder: laid out, worked in, brought to a new edition, and damaged as people damage it."""

import json

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.edition import commands, layout
from autograder.edition.layout import KEPT, edition, find_folder, lay_out
from autograder.edition.notebooks import parse
from autograder.edition.update import update

NAME = "course/00_start_here/start_here.ipynb"
ANSWER = "def time_average(x):\n    return x.mean(axis=1)"


def rewritten(content: bytes, **sources: str) -> bytes:
    made = json.loads(content)
    for cell in made["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    return json.dumps(made).encode()


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return edition()


@pytest.fixture
def newer(files) -> dict[str, bytes]:
    """The next edition: another title, and a lesson more."""
    title = json.loads(files[NAME])["cells"][0]["id"]
    more = {"course/20_new/new.ipynb": files[NAME]}
    return {**files, NAME: rewritten(files[NAME], **{title: "# A better title"}), **more}


@pytest.fixture
def folder(tmp_path, files):
    lay_out(tmp_path, files)
    return tmp_path


def cells(path) -> dict[str, str]:
    return {cell["id"]: cell["source"] for cell in parse(path.read_bytes(), path.name)["cells"]}


def answer(path, code: str = ANSWER) -> None:
    path.write_bytes(rewritten(path.read_bytes(), time_average=code))


def test_an_edition_is_the_notebooks_and_the_notation(files):
    assert len(files) == 21
    assert "NOTATION.md" in files


def test_laying_out_again_changes_nothing_and_brings_back_what_is_missing(folder, files):
    answer(folder / NAME)
    (folder / "NOTATION.md").write_text("my own")
    (folder / "course/01_sequences/sequences.ipynb").unlink()
    before = (folder / NAME).read_bytes()
    assert lay_out(folder, files) == ["course/01_sequences/sequences.ipynb"]
    assert (folder / NAME).read_bytes() == before
    assert (folder / "NOTATION.md").read_text() == "my own"


def test_a_new_edition_comes_in_around_the_answer(folder, newer):
    answer(folder / NAME)
    told = update(folder, newer)
    assert told == [
        f"{NAME} brought up to date; all that you wrote is as you left it.",
        "course/20_new/new.ipynb laid out: it is new in the course.",
    ]
    assert cells(folder / NAME)["time_average"] == ANSWER
    assert "# A better title" in cells(folder / NAME).values()
    assert update(folder, newer) == []


def test_what_both_changed_is_said(folder, files):
    answer(folder / NAME)
    told = update(folder, {NAME: rewritten(files[NAME], time_average="def time_average(x, axis): ...")})
    assert told == [
        f"{NAME} brought up to date. 1 cell that you had changed was changed in the course too: "
        "yours stayed, the course's stands above it, and a line says so."
    ]
    assert cells(folder / NAME)["time_average"] == ANSWER


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": [1]}', b"\xff\xfe", b'{"cells": 3}'])
def test_a_damaged_notebook_stays_as_it_is_until_it_is_moved_away(folder, newer, content):
    (folder / NAME).write_bytes(content)
    [told] = [line for line in update(folder, newer) if line.startswith(NAME)]
    assert "cannot be read as a notebook, so it was left as it is" in told
    assert (folder / NAME).read_bytes() == content
    (folder / NAME).rename(folder / "moved")
    assert update(folder, newer) == [f"{NAME} was not there, and was laid out anew."]


def test_a_renamed_notebook_is_found_by_its_exercises(folder, newer):
    answer(folder / NAME)
    mine = (folder / NAME).rename((folder / NAME).with_name("my answers.ipynb"))
    [told] = [line for line in update(folder, newer) if line.startswith(NAME)]
    assert told == f"{NAME} is called my answers.ipynb now: that was brought up to date."
    assert cells(mine)["time_average"] == ANSWER
    assert "# A better title" in cells(mine).values()
    assert not (folder / NAME).exists()


def test_a_text_that_was_written_in_stays_and_the_new_one_is_kept_aside(folder, files):
    (folder / "NOTATION.md").write_text("my own")
    [told] = update(folder, {"NOTATION.md": b"new"})
    assert told.startswith("NOTATION.md is not as it was laid out, so it was left as it is")
    assert (folder / "NOTATION.md").read_text() == "my own"
    assert (folder / KEPT / "NOTATION.md").read_bytes() == b"new"


def test_the_folder_is_found_from_below_and_its_absence_is_said(folder):
    assert find_folder(folder / "course" / "00_start_here") == folder.resolve()
    with pytest.raises(ValueError, match="holds no course that `autograder start` laid out"):
        find_folder(folder.parent / "elsewhere")


def test_a_clone_that_was_worked_in_hands_nothing_out(tmp_path, files):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "00_start_here.py").touch()
    assert set(edition(tmp_path)) == {NAME, "NOTATION.md"}
    answer(tmp_path / NAME)
    with pytest.raises(ValueError, match=r"start_here.ipynb has been worked in"):
        edition(tmp_path)


def run(*arguments: str):
    return CliRunner().invoke(app, [*arguments])


def test_the_commands_say_what_they_did(tmp_path, monkeypatch, newer):
    monkeypatch.chdir(tmp_path)
    first = run("start", "--no-lab")
    assert first.output == f"20 notebooks laid out in {tmp_path / 'sequence-course'}.\n"
    assert run("update").output.startswith("Nothing new: ")
    monkeypatch.setattr(commands, "edition", lambda: newer)
    again = run("start", "--no-lab")
    assert again.output.startswith("1 notebook laid out in ")
    assert "Of 21 notebooks 20 were there, and are as they were." in again.output
    assert "`autograder update` brings it in, around your work." in again.output
    told = run("update")
    assert "brought up to date" in told.output
    assert told.output.endswith("before you go on.\n")


def test_without_jupyterlab_the_first_notebook_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "find_spec", lambda _name: None)
    said = run("start", str(tmp_path))
    assert said.exit_code == 0
    assert "JupyterLab is not installed here. Open " in said.output
    assert "sequence-course[lab] @ https://" in said.output


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "course").write_text("a file in the way")
    said = run("start", str(tmp_path), "--no-lab")
    assert said.exit_code == 1
    assert "Nothing that you wrote was changed." in said.output
    assert (tmp_path / "course").read_text() == "a file in the way"
    assert layout.KEPT not in [path.name for path in tmp_path.iterdir()]
