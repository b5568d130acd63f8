"""What the notebook ran is what is judged: definitions of other cells, split and nameless cells, magics."""

import json

import pytest

from autograder.grading.answers import joined
from autograder.grading.course import rebuilt
from autograder.grading.grader import Grader
from autograder.grading.notebooks import MOST_OWN, OWN, is_solution, rebuild
from autograder.grading.results import Result
from autograder.grading.submissions import parse_submission
from tests.grading.conftest import RIGHT, answered_text

STUB = 'def time_average(x):\n    raise NotImplementedError("Write this function, run the cell, ...")'


def own(source, name=None):
    made = {"cell_type": "code", "source": source, "metadata": {}}
    return made if name is None else {**made, "id": name}


@pytest.fixture
def notebook(lesson):
    """The released notebook as JSON with `answer`, own cells above the answer and others below its check."""

    def made(answer, above=(), below=()):
        data = json.loads(answered_text(lesson, answer))
        place = [cell["id"] for cell in data["cells"]].index("time_average")
        data["cells"][place + 2 : place + 2] = map(own, below)
        data["cells"][place:place] = map(own, above)
        return data

    return made


@pytest.fixture
def graded(grader, lesson, instructor):
    """Points, and everything that was said, for a notebook as JSON."""

    def grade(data, grader: Grader = grader):
        made = rebuild(instructor, parse_submission(json.dumps(data).encode(), "start_here.ipynb"))
        result = grader.grade(made.notebook, Result("somebody", lesson.name, "key"))
        (test,) = result.tests.values()
        return test.score == test.points, [*made.remarks, *result.remarks, *test.lines], result

    return grade


def answering(expression):
    return f"def time_average(x):\n    return {expression}"


ROW_MEANS = "\n    def __call__(self, x):\n        return mean_of(x)"
CASES = {
    "an import": (["import numpy.linalg as la"], "x.mean(axis=1) + 0 * la.norm(x)", "la"),
    "a constant": (["AXIS = 1"], "x.mean(axis=AXIS)", "AXIS"),
    "a class that uses a function": (
        [f"class Mean:{ROW_MEANS}", "def mean_of(x):\n    return x.mean(axis=1)"],
        "Mean()(x)",
        "Mean",
    ),
    "a partial of an import": (
        ["from functools import partial", "average = partial(np.mean, axis=1)"],
        "average(x)",
        "average",
    ),
    "an array that is filled": (["ONES = np.zeros(1)\nONES[0] = 1"], "x.mean(axis=1) * ONES", "ONES"),
    "another cell's magic": (["%matplotlib inline\n!ls\nAXIS = 1"], "x.mean(axis=AXIS)", "AXIS"),
}


@pytest.mark.parametrize(("cells", "expression", "named"), CASES.values(), ids=CASES)
def test_what_an_answer_uses_is_taken_along_and_said(notebook, graded, cells, expression, named):
    taken = f"Exercise time_average uses {named} of other cells: the definitions were taken along."
    assert graded(notebook(answering(expression), above=cells))[:2] == (True, [taken])
    assert graded(notebook(answering(expression), below=cells))[:2] == (True, [taken])


def test_names_read_while_the_cell_runs_are_there_too(notebook, graded):
    answer = f"@cached\n{answering('x.mean(axis=AXIS)')}"
    right, said, _ = graded(notebook(answer, above=["AXIS = 1\ndef cached(f):\n    return f"]))
    assert right
    assert "uses AXIS, cached of other cells" in said[0]


def test_the_last_meaning_above_the_check_counts(notebook, graded):
    data = notebook(answering("x.mean(axis=AXIS)"), above=["AXIS = 0", "AXIS = 1"], below=["AXIS = 0"])
    assert graded(data)[0]


def test_a_changed_cell_of_the_course_is_the_students_own(notebook, graded):
    data = notebook(answering("fsum(x[0]) / len(x[0]) + 0 * x[:, 0] if len(x) == 1 else x.mean(1)"))
    first = next(cell for cell in data["cells"] if cell["cell_type"] == "code")
    first["source"] = "from math import fsum\n" + "".join(first["source"])
    right, said, _ = graded(data)
    assert right
    assert "uses fsum of other cells" in said[0]


def test_cells_that_nobody_needs_are_shown_and_not_run(notebook, graded):
    data = notebook(RIGHT, above=["np.mean = print\nraise SystemExit\nwhile True:\n    pass"])
    right, said, result = graded(data)
    assert (right, said) == (True, [])
    assert not any(result.printed.values())


def test_the_courses_own_names_stay_the_courses_own(notebook, graded):
    assert graded(notebook(RIGHT, above=["np = None\nx = np"]))[:2] == (True, [])


def test_a_definition_that_stops_is_told_in_its_cell(notebook, graded):
    right, said, result = graded(notebook(answering("x * TABLE"), above=["TABLE = open('table.txt').read()"]))
    assert not right
    assert "What this cell needs of another one stopped: FileNotFoundError" in result.printed["time_average"]
    assert any("TABLE" in line for line in said)


def test_a_definition_that_ends_the_process_costs_its_answer_alone(notebook, graded):
    right, said, _ = graded(notebook(answering("x * TABLE"), above=["import os\nTABLE = os._exit(0)"]))
    assert not right
    assert "process ended" in " ".join(said)


MAGICS = (
    "In the cell of exercise time_average, what is IPython's and not Python (lines with ! or %) was left out."
)


@pytest.mark.parametrize(
    "line", ["!ls", "!pip install numpy", "%pip list", "%matplotlib inline", "files = !ls", "%%time", "?np"]
)
def test_lines_of_ipython_are_left_out_and_said(notebook, graded, line):
    right, said, result = graded(notebook(f"{line}\n{RIGHT}\n    # % is no magic here\n"))
    assert (right, said) == (True, [MAGICS])
    assert not any(result.printed.values())


def test_a_percent_sign_inside_python_is_no_magic(notebook, graded):
    answer = 'def time_average(x):\n    """\n    % of it\n    """\n    return (x.mean(axis=1)\n        % 1e9)'
    right, said, _ = graded(notebook(answer))
    assert "left out" not in " ".join(said)
    assert not right  # -1 % 1e9 is not -1


@pytest.mark.parametrize("at", [RIGHT.index("\n"), RIGHT.index("\n") + 1, RIGHT.index("return")])
def test_a_split_cell_is_joined_wherever_it_was_split(at):
    # JupyterLab drops the line's end on both sides of the cut.
    first, second = RIGHT[:at].rstrip("\n"), RIGHT[at:].lstrip("\n")
    assert joined([first, second]) == RIGHT


def test_two_halves_and_their_own_cells_between_them(notebook, graded, lesson):
    data = notebook(None)
    place = [cell["id"] for cell in data["cells"]].index("time_average")
    head, tail = RIGHT.split("\n")
    cell = data["cells"][place]
    data["cells"][place : place + 1] = [
        {**cell, "source": f"import math\n\n{head}"},
        {**cell, "source": tail, "id": "other"},
    ]
    said = ["Exercise time_average stands in 2 cells: they were joined in their order."]
    assert graded(data)[:2] == (True, said)


def test_a_notebook_without_names_is_read_by_its_functions(notebook, instructor, graded):
    data = notebook(RIGHT)
    for cell in data["cells"]:
        cell.pop("id")
        cell["metadata"] = {}
    said = ["Exercise time_average was found in a cell without its name, by its function."]
    assert graded(data)[:2] == (True, said)


def test_an_answer_in_an_own_cell_beside_the_stub_is_found(notebook, graded):
    assert graded(notebook(STUB, above=["import math", RIGHT]))[0]
    assert not graded(notebook(answering("x"), above=[RIGHT]))[0]  # what stands in its place counts


def test_own_cells_stay_where_they_were_and_have_a_limit(notebook, instructor):
    data = notebook(RIGHT, above=["A = 1", "#" * MOST_OWN], below=["B = 1"])
    made = rebuild(instructor, parse_submission(json.dumps(data).encode(), "start_here.ipynb"))
    mine = [cell.source for cell in made.notebook.cells if OWN in cell.metadata.get("tags", ())]
    assert mine == ["A = 1"]
    assert made.remarks == [
        "There is much code of your own beside the exercises: the last 2 cells of it were left out."
    ]
    names = [cell.id for cell in made.notebook.cells]
    assert names.index("own-0") < names.index("time_average") == names.index("own-0") + 1


def test_a_byte_order_mark_is_read_and_said(lesson, instructor):
    content = b"\xef\xbb\xbf" + answered_text(lesson, RIGHT).encode()
    made = rebuild(instructor, parse_submission(content, "start_here.ipynb"))
    assert [cell.source for cell in made.notebook.cells if is_solution(cell)] == [RIGHT]
    assert made.remarks == ["start_here.ipynb begins with a byte-order mark: it was read all the same."]


def test_a_finished_copy_beside_the_untouched_original_is_taken(lesson, course, tmp_path):
    source = lesson.notebook("solutions", course)
    (tmp_path / "start_here.ipynb").write_text(answered_text(lesson, None))
    (tmp_path / "start_here-Copy1.ipynb").write_text(answered_text(lesson, RIGHT))
    (tmp_path / "notes.ipynb").write_text("{}")
    made = rebuilt(source, tmp_path / "start_here.ipynb")
    assert [cell.source for cell in made.notebook.cells if is_solution(cell)] == [RIGHT]
    assert made.remarks == ["start_here.ipynb has no answer: start_here-Copy1.ipynb beside it was taken."]


def test_an_answered_original_is_kept_and_a_fuller_copy_is_said(lesson, course, tmp_path):
    source = lesson.notebook("solutions", course)
    (tmp_path / "start_here.ipynb").write_text(answered_text(lesson, RIGHT))
    (tmp_path / "start_here-Copy1.ipynb").write_text(answered_text(lesson, answering("1")))
    made = rebuilt(source, tmp_path / "start_here.ipynb")
    assert [cell.source for cell in made.notebook.cells if is_solution(cell)] == [RIGHT]
    assert made.remarks == []
