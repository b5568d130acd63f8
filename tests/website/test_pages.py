"""The reading copies of the lessons, before Sphinx sees them."""

import re
from pathlib import Path

import pytest

from autograder.address import repository
from autograder.lessons import all_lessons, solutions
from website.folds import summaries_with_maths
from website.front import front_page, install_page
from website.lesson_map import parts
from website.links import for_the_site
from website.pages import only_shows, reading_copy

LESSONS = {lesson.name: lesson for lesson in all_lessons()}
each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def body(code):
    """A function without its docstring, which a stub has as well."""
    return re.sub(r'(?s)^.*?""".*?"""\n', "", code).strip()


@each_lesson
def test_no_answer_shows(lesson, tmp_path):
    copy = reading_copy(lesson, tmp_path, answers=False)
    text = "\n".join(cell.source for cell in copy.cells)
    assert "HIDDEN" not in text
    assert "SOLUTION" not in text
    # A line alone, `return x @ W`, may well stand in a demonstration; two in a row are an answer.
    for name, code in solutions().items():
        assert body(code).count("\n") < 1 or body(code) not in text, name
    assert not any(cell.outputs for cell in code_of(copy) if cell.source.startswith("check("))


@each_lesson
def test_plumbing_is_folded_and_pictures_say_what_they_show(lesson, tmp_path):
    copy = reading_copy(lesson, tmp_path, answers=False)
    assert not any(cell.id.startswith("carry-") for cell in copy.cells)
    imports = code_of(copy)[0]
    assert "from autograder import check" in imports.source
    assert "ModuleNotFoundError" not in imports.source
    assert imports.metadata["tags"] == ["hide-input"]
    outputs = [output for cell in code_of(copy) for output in cell.outputs]
    assert not any("image/png" in output.get("data", {}) for output in outputs)
    pictures = [html for out in outputs if "<img" in (html := out.get("data", {}).get("text/html", ""))]
    alts = [re.search(r'alt="([^"]+)"', html) for html in pictures]
    assert all(alt and len(alt[1].split()) >= 5 for alt in alts)
    files = set(re.findall(r"pictures/(\w+\.png)", " ".join(pictures)))
    assert files == {path.name for path in tmp_path.iterdir()}


def test_with_the_switch_solutions_are_there_and_folded(tmp_path):
    copy = reading_copy(LESSONS["04_numpy_rnn"], tmp_path, answers=True)
    (solved,) = (cell for cell in copy.cells if cell.id == "rnn_step-solved")
    assert body(solutions()["rnn_step"]) in solved.source
    assert solved.metadata["tags"] == ["hide-input"]
    assert solved.metadata["mystnb"]["code_prompt_show"] == "Show a solution"
    (checked,) = (cell for cell in copy.cells if cell.id == "test_rnn_step")
    assert "rnn_step: right." in str(checked.outputs)


@pytest.mark.parametrize(
    ("code", "folded"),
    [
        ("show(draw(3), alt='a')", True),
        ("print(1)\nexplore(draw, alt='a', k=[1])", True),
        ("x = f(3)\nshow(draw(x), alt='a')", False),
        ("for t in range(3):\n    print(t)", False),
        ("plt.show()", False),
    ],
)
def test_cells_that_only_show_are_folded(code, folded):
    assert only_shows(code) is folded


def test_questions_keep_their_equations():
    text = "<summary>Is $a<b$ in `c`, *d*?</summary>\n\nAnd $e$ stays."
    assert summaries_with_maths(text) == (
        '<summary>Is <span class="math notranslate nohighlight">\\(a&lt;b\\)</span> in <code>c</code>, '
        "<em>d</em>?</summary>\n\nAnd $e$ stays."
    )


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[a](../../NOTATION.md)", "[a](../notation.md)"),
        ("[a](../../NOTATION.md#shapes)", "[a](../notation.md#shapes)"),
        ("[a](../00_start_here/start_here.ipynb)", "[a](../lessons/00_start_here.ipynb)"),
        ("[a](../../docs/gpu.md)", f"[a]({repository()}/blob/HEAD/docs/gpu.md)"),
        ("[a](https://example.org) [b](#c) f(x)", "[a](https://example.org) [b](#c) f(x)"),
    ],
)
def test_links_lead_to_pages(link, becomes):
    file = Path("course/04_numpy_rnn/numpy_rnn.ipynb")
    assert for_the_site(link, file, "lessons/04_numpy_rnn.ipynb") == becomes


def test_the_map_knows_every_lesson():
    entries = [entry for lessons in parts().values() for entry in lessons]
    assert [entry.name for entry in entries] == list(LESSONS)
    for entry in entries:
        assert re.search(r"minutes|hour", entry.time), entry
        assert entry.exercises > 0
        assert entry.question.endswith("?")


def test_the_front_page_shows_what_the_judge_says():
    text = front_page(lite=False)
    assert "You added b_h after tanh, so a state can leave the interval from -1 to 1." in text
    assert "Look at line 5" in text
    assert "lite/" not in text
    assert '<a class="way try" href="lite/index.html">Try here</a>' in front_page(lite=True)
    assert "%" not in re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert "make lab" in install_page()
