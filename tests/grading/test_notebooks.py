"""Submitted notebooks: what is damaged is said in one sentence, and only answers have an effect."""

import json
import os

import pytest

from autograder.grading import limits
from autograder.grading.course import rebuilt
from autograder.grading.notebooks import MISSING, is_solution, rebuild
from autograder.grading.seed import class_seed
from autograder.grading.submissions import SubmissionError, parse_submission, read_submission
from tests.grading.conftest import answered_text

ANSWER = "def time_average(x):\n    return x.mean(axis=1)"


@pytest.fixture
def submitted(lesson):
    """The released notebook as JSON, answered."""
    return json.loads(answered_text(lesson, ANSWER))


def answers(made) -> list[str]:
    return [cell.source for cell in made.notebook.cells if is_solution(cell)]


def read(data):
    return parse_submission(json.dumps(data).encode(), "start_here.ipynb")


def position(data, name) -> int:
    return [cell["id"] for cell in data["cells"]].index(name)


def test_an_honest_submission_is_taken_without_a_remark(instructor, submitted):
    made = rebuild(instructor, read(submitted))
    assert answers(made) == [ANSWER]
    assert made.remarks == []
    assert [c.source for c in made.notebook.cells if not is_solution(c)] == [
        c.source for c in instructor.cells if not is_solution(c)
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b'{"cells": [\n', "stops being JSON in line 2"),
        (b"\xff\xfe\x00", "is no JSON text"),
        (b"[" * 100_000, "is no JSON text"),
        (b"[1]", "is no Jupyter notebook"),
        (b'{"cells": 3}', "is no Jupyter notebook"),
        (b"nan", "stops being JSON"),
        (b"1" * 10_000, "is no JSON text"),
    ],
)
def test_a_damaged_file_gets_one_sentence(content, sentence):
    with pytest.raises(SubmissionError, match=sentence) as caught:
        parse_submission(content, "start_here.ipynb")
    assert str(caught.value).startswith("start_here.ipynb ")


def test_missing_and_oversized_files_are_said(tmp_path, monkeypatch):
    with pytest.raises(SubmissionError, match=r"a\.ipynb is missing"):
        read_submission(tmp_path / "a.ipynb")
    (tmp_path / "real").write_text("{}")
    (tmp_path / "link.ipynb").symlink_to("real")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("link", "folder", "pipe"):
        with pytest.raises(SubmissionError, match="is no ordinary file"):
            read_submission(tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(limits, "NOTEBOOK_BYTES", 10)
    (tmp_path / "c.ipynb").write_text("x" * 11)
    with pytest.raises(SubmissionError, match="clear its outputs"):
        read_submission(tmp_path / "c.ipynb")


def test_the_only_notebook_of_a_folder_is_taken_under_any_name(lesson, course, tmp_path):
    source = lesson.notebook("solutions", course)
    (tmp_path / "timestamp.txt").write_text("2026-11-20 12:00:00 UTC")
    (tmp_path / "start_here (1).ipynb").write_text(answered_text(lesson, ANSWER))
    made = rebuilt(source, tmp_path / "start_here.ipynb")
    assert answers(made) == [ANSWER]
    assert made.remarks == ["The notebook is called start_here (1).ipynb: it was taken as start_here.ipynb."]
    (tmp_path / "notes.ipynb").write_text("{}")
    assert answers(rebuilt(source, tmp_path / "start_here.ipynb")) == [ANSWER]
    (tmp_path / "start<b>.ipynb").write_text(answered_text(lesson, ANSWER))
    made = rebuilt(source, tmp_path / "start_here.ipynb")
    assert answers(made) == [MISSING]
    assert "is missing; the folder holds notes.ipynb, startb.ipynb, start_here (1).ipynb" in made.remarks[0]


def test_the_notebook_of_another_lesson_is_named_in_one_sentence(lesson, course, tmp_path):
    source = tmp_path / "solutions" / lesson.name / "start_here.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(lesson.notebook("solutions", course).read_text())
    other = tmp_path / "solutions" / "07_other" / "other.ipynb"
    other.parent.mkdir()
    other.write_text(source.read_text().replace("time_average", "space_average"))
    (tmp_path / "start_here.ipynb").write_text(other.read_text())
    made = rebuilt(source, tmp_path / "start_here.ipynb")
    assert answers(made) == [MISSING]
    assert made.remarks == ["start_here.ipynb holds the notebook of lesson 07_other, not this lesson's."]


def test_a_deleted_answer_counts_as_not_answered(instructor, submitted):
    del submitted["cells"][position(submitted, "time_average")]
    made = rebuild(instructor, read(submitted))
    assert answers(made) == [MISSING]
    assert made.remarks == ["The cell of exercise time_average is missing: it counts as not answered."]


def test_the_last_of_several_cells_is_graded(instructor, submitted):
    place = position(submitted, "time_average")
    copy = {**submitted["cells"][place], "source": ANSWER + " * 2"}
    submitted["cells"].insert(place + 1, copy)
    made = rebuild(instructor, read(submitted))
    assert answers(made) == [ANSWER + " * 2"]
    assert made.remarks == ["There are 2 cells of exercise time_average: the last one was graded."]


def test_order_tests_and_own_cells_have_no_effect(instructor, submitted):
    submitted["cells"].reverse()
    submitted["cells"].append({"cell_type": "code", "source": "check = print", "metadata": {}})
    del submitted["cells"][position({"cells": submitted["cells"][:-1]}, "test_time_average")]
    made = rebuild(instructor, read(submitted))
    assert answers(made) == [ANSWER]
    assert [cell.source for cell in made.notebook.cells if cell.id == "own-0"] == ["check = print"]
    assert len(made.notebook.cells) == len(instructor.cells) + 1
    assert any("test_time_average were missing" in remark for remark in made.remarks)


def test_changed_test_cells_are_said(instructor, submitted, lesson, course):
    submitted["cells"][position(submitted, "test_time_average")]["source"] = ["print('right!')\n"]
    made = rebuild(instructor, read(submitted))
    assert made.remarks == ["The test cells test_time_average were changed: the course's own were run."]
    solved = parse_submission(lesson.notebook("solutions", course).read_bytes(), "start_here.ipynb")
    assert rebuild(instructor, solved).remarks == []


def test_moved_cells_are_noticed(instructor, submitted):
    submitted["cells"].reverse()
    assert any("another order" in remark for remark in rebuild(instructor, read(submitted)).remarks)


def test_tags_metadata_and_points_come_from_the_instructor(instructor, submitted):
    for cell in submitted["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 1000, "grade": True, "solution": False}
    made = rebuild(instructor, read(submitted))
    assert answers(made) == [ANSWER]
    assert [c.metadata for c in made.notebook.cells] == [c.metadata for c in instructor.cells]


def test_lost_metadata_and_a_changed_type_do_not_lose_the_answer(instructor, submitted):
    cell = submitted["cells"][position(submitted, "time_average")]
    cell["metadata"], cell["cell_type"] = {}, "markdown"
    made = rebuild(instructor, read(submitted))
    assert answers(made) == [ANSWER]
    assert "turned into text" in made.remarks[0]


def test_damaged_cells_are_left_out_and_another_kernel_is_said(instructor, submitted):
    submitted["cells"] += [3, {"source": 7}, {"source": ["a", 1]}]
    submitted["metadata"]["kernelspec"] = {"language": "R<script>"}
    made = rebuild(instructor, read(submitted))
    assert answers(made) == [ANSWER]
    assert made.remarks[0] == "3 cells are damaged and were left out."
    assert "a kernel for Rscript; it was run with Python" in made.remarks[1]


def test_the_class_seed_is_made_once_and_private(tmp_path, monkeypatch):
    seed = class_seed(tmp_path)
    assert len(seed) == 32
    assert class_seed(tmp_path) == seed
    assert (tmp_path / ".autograder" / "seed").stat().st_mode & 0o777 == 0o600
    assert class_seed(tmp_path / "other") != seed
    monkeypatch.setenv("AUTOGRADER_SEED", "given")
    assert class_seed(tmp_path) == "given"
