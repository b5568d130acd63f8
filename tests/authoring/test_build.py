"""The built notebooks: fresh, deterministic, equal to nbgrader's own, and never over somebody's work."""

import json
import re
import shutil
import subprocess
import sys

import jupytext
import nbformat
import pytest

from autograder.authoring.author import LessonError, instructor_notebook
from autograder.authoring.build import WorkedInError, build, build_notebooks, is_fresh
from autograder.authoring.scaffold import add_exercise
from autograder.lessons import ROOT, Lesson, all_lessons, find_lessons

LESSONS = {lesson.name: lesson for lesson in all_lessons()}
#: What equations are written with; all are drawn by MathJax as JupyterLab and nbconvert bring it.
COMMANDS = re.compile(
    "Big|Delta|alpha|approx|begin|beta|big[glr]?|cdots?|cos|delta|dots|end|eta|exp|frac|gamma|ge|hat|in|infty|lambda"
    "|le|left|leftarrow|ln|log|longrightarrow|mathbb|mathcal|mathrel|mathrm|max|mid|min|mu|odot|omega|operatorname|oplus|overleftarrow"
    "|overrightarrow|partial|pi|pm|prod|q?quad|rho|right|sigma|sim|sin|sqrt|sum|tanh|tau|text|textstyle|tfrac"
    "|theta|times|to|top|underbrace|varepsilon"
)
each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


@pytest.fixture
def small_course(tmp_path):
    """A course of its own with the first lesson alone."""
    for folder in ("lessons", "course", "solutions"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copy(LESSONS["00_start_here"].path, tmp_path / "lessons")
    return tmp_path, Lesson(tmp_path / "lessons" / "00_start_here.py")


def read_as_magic(text: str) -> list[str]:
    """Comments of a lesson's code that jupytext makes commands of IPython's of, such as `# ls`."""
    cells = [cell for cell in jupytext.reads(text, fmt="py:percent").cells if cell.cell_type == "code"]
    written = set(text.splitlines())
    return [line for cell in cells for line in cell.source.splitlines() if line not in written]


@each_lesson
def test_no_comment_is_read_as_a_command(lesson):
    assert read_as_magic(lesson.path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("comment", ["# ls", "# cd ..", "# %matplotlib inline", "# !pip install x"])
def test_a_comment_that_would_be_read_as_a_command_is_found(comment):
    assert read_as_magic(f"# %%\nx = 1\n{comment}\n") == [comment.removeprefix("# ")]


@each_lesson
def test_course_is_what_the_lesson_gives(lesson):
    _, release = build_notebooks(lesson)
    kept = lesson.notebook("course").read_text(encoding="utf-8")
    assert kept == nbformat.writes(release) + "\n", f"run `autograder build {lesson.number}`"


@each_lesson
def test_solutions_are_fresh_and_executed(lesson):
    source, _ = build_notebooks(lesson)
    assert is_fresh(lesson.notebook("solutions"), source), f"run `autograder build {lesson.number}`"


@each_lesson
def test_solutions_show_no_error_and_no_bare_picture(lesson):
    notebook = nbformat.read(lesson.notebook("solutions"), as_version=4)
    for output in (out for cell in notebook.cells for out in cell.get("outputs", [])):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        assert output.output_type != "stream" or output.text.strip(), "a progress bar's traces"
        if "image/png" in output.get("data", {}):
            assert len(output.metadata["image/png"]["alt"].split()) >= 5


def test_what_a_progress_bar_leaves_behind_is_dropped(small_course):
    root, lesson = small_course
    shown = "\n\n# %% tags=[\"demo\"]\nprint(' 50%', end='\\r')\nprint('    ', end='\\r')\n"
    lesson.path.write_text(lesson.path.read_text(encoding="utf-8") + shown, encoding="utf-8")
    assert build(lesson, root) == "executed"
    assert nbformat.read(lesson.notebook("solutions", root), as_version=4).cells[-1].outputs == []


def test_a_cell_that_only_draws_has_its_code_folded_away(small_course):
    root, lesson = small_course
    text = lesson.path.read_text(encoding="utf-8")
    lesson.path.write_text(text + '\n\n# %% tags=["demo", "hide-input"]\nprint(6 * 7)\n', encoding="utf-8")
    for notebook in build_notebooks(lesson, root):
        folded = [cell for cell in notebook.cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
        assert folded[-1].source == "print(6 * 7)"
        assert all("hide-input" in cell.metadata.tags for cell in folded)


def test_a_cell_that_begins_with_an_empty_line_is_refused(small_course):
    root, lesson = small_course  # a formatter would take the line away, and the notebook would look worked in
    text = lesson.path.read_text(encoding="utf-8")
    lesson.path.write_text(text + "\n\n# %%\n\n\ndef f():\n    pass\n", encoding="utf-8")
    with pytest.raises(LessonError, match="begins with an empty line"):
        build_notebooks(lesson, root)


@each_lesson
def test_course_shows_no_answer(lesson):
    text = lesson.notebook("course").read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text
    assert "HIDDEN TESTS" not in text
    for cell in json.loads(text)["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            assert "raise NotImplementedError(" in "".join(cell["source"])
        assert not cell.get("outputs")


@each_lesson
def test_only_the_imports_stand_outside_graded_and_demo_cells(lesson):
    notebook = nbformat.read(lesson.notebook("course"), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata]
    graded = [cell for cell in code if "demo" not in cell.metadata.get("tags", [])]
    assert len(graded) == 1, (
        "mark every other cell demo: grading has no PyTorch, and wrong answers, to run it with"
    )
    assert "torch" not in graded[0].source


@each_lesson
def test_equations_are_balanced_and_use_known_commands(lesson):
    notebook = nbformat.read(lesson.notebook("course"), as_version=4)
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        text = re.sub(r"`[^`]*`", "", cell.source)
        assert text.count("$$") % 2 == 0
        for equation in re.findall(r"\$\$(.+?)\$\$|\$(.+?)\$", text, re.DOTALL):
            made = "".join(equation).replace(r"\{", "").replace(r"\}", "")
            assert made.count("{") == made.count("}"), made
            for opening, closing in (("left", "right"), ("begin", "end")):
                assert len(re.findall(rf"\\{opening}\b", made)) == len(re.findall(rf"\\{closing}\b", made)), (
                    made
                )
            assert all(map(COMMANDS.fullmatch, re.findall(r"\\([a-zA-Z]+)", made))), made


@each_lesson
def test_folded_questions_are_written_in_html(lesson):
    """What stands between <summary> tags is shown as it is written: asterisks, backticks and all."""
    text = "".join(cell.source for cell in build_notebooks(lesson)[0].cells if cell.cell_type == "markdown")
    for question in re.findall(r"<summary>(.*?)</summary>", text, re.DOTALL):
        assert not re.search(r"[*`]", re.sub(r"\$[^$]*\$", "", question)), question


@each_lesson
def test_every_row_of_a_table_is_one_line(lesson):
    notebook = nbformat.read(lesson.notebook("course"), as_version=4)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    for block in (block for text in texts for block in re.split(r"\n\s*\n", text)):
        if re.search(r"^\|[-| :]+\|$", block, re.MULTILINE):  # the line below a table's head
            broken = [row for row in block.splitlines() if not re.fullmatch(r"\|.*\|", row.strip())]
            assert not broken, broken


@each_lesson
def test_no_sentence_begins_a_list_by_its_line_break(lesson):
    notebook = nbformat.read(lesson.notebook("course"), as_version=4)
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        for paragraph in re.split(r"\n\s*\n", cell.source):
            inner = paragraph.splitlines()[1:]  # a list of one's own begins after an empty line
            assert not [line for line in inner if re.match(r"1[.)] ", line)]


def test_nothing_is_built_that_no_lesson_gives():
    for kind in ("course", "solutions"):
        assert {path.name for path in (ROOT / kind).iterdir() if path.is_dir()} == set(LESSONS)


def test_same_bytes_on_every_build(small_course):
    root, lesson = small_course
    first = [nbformat.writes(notebook) for notebook in build_notebooks(lesson, root)]
    assert first == [nbformat.writes(notebook) for notebook in build_notebooks(lesson, root)]


def test_equal_to_nbgrader_generate_assignment(tmp_path):
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    names = [lesson.name for lesson in list(LESSONS.values())[:3]]
    for name in names:
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        made = LESSONS[name].notebook("course", tmp_path).read_bytes()
        assert made == LESSONS[name].notebook("course").read_bytes()


def test_work_is_never_overwritten(small_course):
    root, lesson = small_course
    build(lesson, root, execute=False)
    path = lesson.notebook("course", root)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source += "\n# my own note"
    nbformat.write(notebook, path)
    worked_in = path.read_bytes()
    lesson.path.write_text(lesson.path.read_text().replace("Start here", "Begin here"))
    with pytest.raises(WorkedInError, match=r"worked in.*move the file"):
        build(lesson, root, execute=False)
    assert path.read_bytes() == worked_in


@pytest.mark.parametrize("damage", ["", "{", '{"cells": 3}', "\x00"])
def test_a_damaged_notebook_is_left_alone(small_course, damage):
    root, lesson = small_course
    path = lesson.notebook("course", root)
    path.parent.mkdir(parents=True)
    path.write_text(damage)
    with pytest.raises(WorkedInError):
        build(lesson, root, execute=False)
    assert path.read_text() == damage


def test_new_words_keep_the_outputs_and_new_code_does_not(small_course):
    root, lesson = small_course
    shutil.copytree(ROOT / "solutions" / lesson.name, root / "solutions" / lesson.name)
    executed = lesson.notebook("solutions", root).read_text().count("image/png")
    lesson.path.write_text(lesson.path.read_text().replace("Start here", "Begin here"))
    assert build(lesson, root) == "outputs kept"
    text = lesson.notebook("solutions", root).read_text()
    assert "Begin here" in text
    assert text.count("image/png") == executed
    assert build(lesson, root) == "unchanged"
    lesson.path.write_text(lesson.path.read_text() + "\n\n# %%\nprint(1)\n")
    assert build(lesson, root, execute=False) == "written, not executed"


@each_lesson
def test_sections_are_numbered_so_that_prose_can_refer_to_them(lesson):
    headings = re.findall(r"^# ## (.*)$", lesson.path.read_text(encoding="utf-8"), re.MULTILINE)
    numbers = [int(found[1]) for heading in headings if (found := re.match(r"(\d+) · \S", heading))]
    assert numbers == list(range(1, len(numbers) + 1))
    if lesson.number != "00":
        assert len(headings) - len(numbers) <= 1, "only the last heading has no number"


def test_the_list_of_concepts_is_not_shown_to_learners():
    for lesson in LESSONS.values():
        assert "covers:" not in lesson.notebook("course").read_text(encoding="utf-8")


def test_outputs_alone_are_no_work(small_course):
    root, lesson = small_course
    build(lesson, root, execute=False)
    path = lesson.notebook("course", root)
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.cell_type == "code").execution_count = 3
    nbformat.write(notebook, path)
    build(lesson, root, execute=False)
    assert '"execution_count": 3' not in path.read_text()


TOP = "# %% [markdown]\n# # 00"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("check(time_average)", "time_average", "must be check"),
        ("# BEGIN SOLUTION\n", "", "exactly one line `# BEGIN SOLUTION`"),
        ('exercise="time_average"', 'exercise="no_such"', "declared nowhere"),
        ("# BEGIN SOLUTION\n", "# BEGIN SOLUTIONS\n", "exactly one line `# BEGIN SOLUTION`"),
        ('exercise="time_average"', 'excercise="time_average"', "is marked excercise; known are"),
        ("def time_average(x)", "def another(x)", "defines no function"),
        (TOP, '# %% carry="time_average"\n\n' + TOP, "would show its answer"),
        (TOP, '# %% carry="rnn_step"\nx = 1\n\n' + TOP, "must be empty"),
        (TOP, '# %% carry="rnn_jump"\n\n' + TOP, "which no lesson defines"),
    ],
)
def test_a_broken_lesson_says_what_is_wrong(small_course, old, new, sentence):
    root, lesson = small_course
    lesson.path.write_text(lesson.path.read_text().replace(old, new))
    with pytest.raises(LessonError, match=sentence):
        instructor_notebook(lesson, root)


def test_a_failing_cell_is_shown_and_nothing_is_written(small_course):
    root, lesson = small_course
    lesson.path.write_text(lesson.path.read_text().replace("x.sum(axis=1) / x.shape[1]", "x.mean(axis=0)"))
    with pytest.raises(
        LessonError, match=r"(?s)00_start_here: a cell fails.*check\(.*You averaged over the batch"
    ):
        build(lesson, root)
    assert not list((root / "course").rglob("*.ipynb"))
    assert not list((root / "solutions").rglob("*.ipynb"))


def test_lessons_are_found_by_number_stem_and_file():
    wanted = ["00", "start_here", "00_start_here.py"]
    assert {lesson.name for lesson in find_lessons(wanted)} == {"00_start_here"}
    with pytest.raises(ValueError, match="there is no lesson 'nine'"):
        find_lessons(["nine"])


def test_a_new_exercise_is_two_files_and_a_reference(small_course):
    root, lesson = small_course
    text, declared, reference = add_exercise("double_it", lesson, root)
    assert text == lesson.path
    assert declared == root / "autograder" / "exercises" / "start_here" / "double_it.py"
    assert reference == root / "autograder" / "references" / "start_here.py"
    assert '# %% exercise="double_it"' in text.read_text()
    for file in (declared, reference):
        assert "def double_it(x" in file.read_text()
        compile(file.read_text(), "module", "exec")
    add_exercise("double_again", lesson, root)
    assert re.findall(r"^def (\w+)", reference.read_text(), re.MULTILINE) == ["double_it", "double_again"]
    for bad, sentence in (("Double", "no function name"), ("time_average", "exists already")):
        with pytest.raises(ValueError, match=sentence):
            add_exercise(bad, lesson, root)
