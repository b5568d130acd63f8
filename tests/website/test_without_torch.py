"""Where there is no PyTorch, cells that need it show what they showed; all others stay as they are."""

import ast
import subprocess
import sys

import nbformat
import pytest

from autograder.lessons import all_lessons
from website.lite.notebooks import RECORDED, SILENT, TRUE_HERE, for_browser, recorded, without_torch
from website.lite.torch_code import home, needs_torch, split

LESSONS = all_lessons()


def is_recorded(cell) -> bool:
    return cell.cell_type == "markdown" and cell.source.startswith((RECORDED, SILENT))


def test_an_import_of_torch_goes_and_the_rest_of_the_cell_stays():
    left = split("import numpy as np\nimport torch\n\nx = np.ones(3)", ())
    assert left.source == "import numpy as np\n\nx = np.ones(3)"
    assert left.lost == {"torch"}
    assert left.made == {"np", "x"}


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ny = torch.ones(3)",
        "def f(x):\n    return model(x)",
        "model = model.eval()",
        "[model(x) for x in range(3)]",
    ],
)
def test_a_cell_that_reads_what_is_missing_is_left_out(source):
    left = split(source, {"model"})
    assert left.source is None
    assert not left.made


def test_a_cell_that_makes_the_name_anew_before_it_reads_it_stays():
    source = "model = 3\nprint(model)"
    assert split(source, {"model"}).source == source


def test_a_name_that_a_module_with_torch_hands_on_comes_from_where_it_is_at_home():
    assert needs_torch("coursekit.translation") and not needs_torch("coursekit.number_words")
    assert home("coursekit.translation", "korean") == "coursekit.number_words"
    assert home("coursekit.translation", "Recurrent") is None
    left = split("from coursekit.translation import (\n    Recurrent,\n    korean,\n)\n\nx = korean(3)", ())
    assert left.source == "from coursekit.number_words import korean\n\nx = korean(3)"
    assert left.lost == {"Recurrent"}


def test_a_recorded_cell_shows_pictures_with_their_alt_text_tables_and_what_was_printed():
    shown = [
        nbformat.v4.new_output("stream", text="a < b\n"),
        nbformat.v4.new_output("display_data", {"text/html": "<b>right</b>", "text/plain": "right"}),
        nbformat.v4.new_output(
            "display_data", {"image/png": "aGk=\n"}, metadata={"image/png": {"alt": "A curve that falls."}}
        ),
    ]
    cell = recorded(nbformat.v4.new_code_cell("import torch", id="abc"), shown)
    assert cell.source.startswith(RECORDED)
    assert "<pre>a &lt; b</pre>" in cell.source
    assert "<b>right</b>" in cell.source
    assert "![A curve that falls.](attachment:abc-2.png)" in cell.source
    assert cell.attachments == {"abc-2.png": {"image/png": "aGk="}}
    assert "```python\nimport torch\n```" in cell.source


def test_lesson_00_says_what_is_true_in_a_browser():
    before = "".join(cell.source for cell in without_torch(LESSONS[0], "course").cells)
    after = "".join(cell.source for cell in for_browser(LESSONS[0], "course").cells)
    for said, true in TRUE_HERE.items():
        assert said in before and true in after
    assert "■" not in after
    assert "File → Download" in after


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_exercise_stays_and_every_picture_is_kept(lesson):
    before = nbformat.read(lesson.notebook("course"), as_version=4).cells
    shown = {c.id: c.get("outputs", []) for c in nbformat.read(lesson.notebook("solutions"), 4).cells}
    after = without_torch(lesson, "course").cells
    assert [cell.id for cell in after] == [cell.id for cell in before]
    for old, new in zip(before, after, strict=True):
        if is_recorded(new):
            assert "nbgrader" not in old.metadata
            pictures = sum("image/png" in output.get("data", {}) for output in shown[old.id])
            assert len(new.get("attachments", {})) == pictures
        elif "nbgrader" in old.metadata or old.cell_type == "markdown":
            assert new == old


def test_what_is_left_imports_without_torch_and_without_the_packages_of_the_data():
    imports = []
    for lesson in LESSONS:
        for cell in for_browser(lesson, "course").cells:
            if cell.cell_type == "code":
                imports += [
                    s for s in ast.walk(ast.parse(cell.source)) if isinstance(s, ast.Import | ast.ImportFrom)
                ]
    lines = sorted({ast.unparse(statement) for statement in imports})
    assert len(lines) > 30
    blocked = (
        "import sys\nfor name in ('torch', 'statsmodels', 'num2words', 'babel'): sys.modules[name] = None\n"
    )
    code = blocked + "\n".join(lines)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
