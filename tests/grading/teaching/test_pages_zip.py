"""Feedback goes back under the names by which Moodle and Canvas find a student."""

import re
import zipfile

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.pages_zip import zip_pages


def archive(folder, *names: str):
    path = folder / "submissions.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, "{}")
    return path


@pytest.fixture
def pages(root, lesson):
    """Feedback pages of Ann Lee and Bo Ek, and of the same two as Canvas calls them."""
    for student in ("Ann Lee", "Bo Ek", "leeann", "ekbo"):
        page = root / "feedback" / student / lesson.name / f"{lesson.stem}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<p>{student}</p>")
    return root


def moodles(path: str) -> tuple[int, str] | None:
    """Whom and which file Moodle takes it for, as assignfeedback_file_zip_importer does it."""
    parts = path.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) >= 4 and info[1].isdigit() and info[2:4] == ["assignsubmission", "file"]:
            return int(info[1]), "/".join([*info[4:], *parts])
    return None


def canvas(path: str) -> list[str]:
    """The person's and the file's number, as Canvas finds them: infer_comment_context_from_filename."""
    return [word for word in path.rpartition("/")[2].split("_") if re.fullmatch(r"\d+", word)][:2]


@pytest.mark.parametrize("between", ["/", "_/", "_"])
def test_moodle_finds_everybody_by_the_number_of_the_download(pages, lesson, tmp_path, between):
    names = [
        f"{who}_{n}_assignsubmission_file{between}start_here.ipynb"
        for who, n in (("Ann Lee", 41), ("Bo Ek", 7))
    ]
    made = zip_pages(pages, lesson, archive(tmp_path, *names), "moodle", tmp_path / "out.zip")
    with zipfile.ZipFile(made.path) as opened:
        read = {moodles(name): opened.read(name).decode() for name in opened.namelist()}
    assert read == {(41, "start_here.html"): "<p>Ann Lee</p>", (7, "start_here.html"): "<p>Bo Ek</p>"}


def test_canvas_finds_everybody_by_the_numbers_of_the_download(pages, lesson, tmp_path):
    names = [
        "leeann_LATE_4711_90210_start_here.ipynb",
        "ekbo_4712_90211_start_here.ipynb",
        "ekbo_4712_90299_start_here-1.ipynb",
        "ekbo_4712_90300_notes.txt",
    ]
    made = zip_pages(pages, lesson, archive(tmp_path, *names), "canvas", tmp_path / "out.zip")
    with zipfile.ZipFile(made.path) as opened:
        read = {tuple(canvas(name)): opened.read(name).decode() for name in opened.namelist()}
        assert all(name.endswith(".html") for name in opened.namelist())
    assert read == {("4711", "90210"): "<p>leeann</p>", ("4712", "90299"): "<p>ekbo</p>"}


def test_who_has_no_page_is_said(pages, lesson, tmp_path):
    names = ["Cy Oh_9_assignsubmission_file/x.ipynb", "Bo Ek_7_assignsubmission_file/x.ipynb"]
    made = zip_pages(pages, lesson, archive(tmp_path, *names), "moodle", tmp_path / "out.zip")
    assert str(made).startswith("No page for Cy Oh.\n1 feedback pages: ")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (
            ["Cy Oh_9_assignsubmission_file/x.ipynb"],
            "There are no feedback pages: run `nbgrader generate_feedback",
        ),
        (["readme.txt"], "holds no file that Moodle names"),
    ],
)
def test_nothing_to_send_is_a_sentence(pages, tmp_path, monkeypatch, lesson, names, sentence):
    monkeypatch.setattr("autograder.grading.commands.find_lessons", lambda _words, _root=None: [lesson])
    there = str(archive(tmp_path, *names))
    done = CliRunner().invoke(
        app, ["feedback", "00", there, "--for", "moodle", "--to", str(tmp_path / "o.zip")]
    )
    assert done.exit_code == 1
    assert sentence in done.output
    assert not (tmp_path / "o.zip").exists()
    done = CliRunner().invoke(app, ["feedback", "00", str(tmp_path / "none.zip"), "--for", "moodle"])
    assert "There is no file" in done.output
