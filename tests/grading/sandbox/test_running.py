"""A cell that is run directly does what IPython would have done with it; all others are IPython's."""

import contextlib
import io
import traceback
import warnings

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.grading.sandbox.running import plain, run
from autograder.grading.sandbox.surroundings import Surroundings
from autograder.judging.timing import TimeLimit
from autograder.lessons import find_lessons, solutions
from tests.answers import lesson_rows

CELLS = {
    "a function": "def f(x):\n    return x + 1",
    "a question in a docstring": 'def f(x):\n    """Why?\n\n    What?\n    """\n    return x\n',
    "an empty line first": "\n\nx = 1\ny = 1 / 0",
    "an indented cell": "  x = 1\n  y = x",
    "blanks in a text": 'x = """a\n   \nb"""',
    "a prompt": ">>> x = 1\n>>> y = 2",
    "a prompt in a docstring": 'def f(x):\n    """Add.\n\n    >>> f(1)\n    2\n    """\n    return x + 1',
    "IPython's prompt": "In [1]: x = 1",
    "an annotation that looks like it": "In = {}\nIn [1]: int = 2",
    "magics": "%matplotlib inline\nx = 1",
    "a shell's line": "x = 1\n!ls",
    "a value from a shell": "x = !ls",
    "a remainder at a line's beginning": "x = (7\n% 4)",
    "help": "len?",
    "a value at the end": "x = 2\nx + 1",
    "a text at the end": "x = 2\n'so'",
    "no code": "# nothing yet",
    "nothing": "",
    "an error": "x = 1\ny = x / 0\nz = 2",
    "an error in a function": "def f():\n    return undefined\n\n\nx = f()",
    "a line that cannot be compiled": "x = 1\nreturn x",
    "a line that cannot be parsed": "x = 1\ny = = 2",
    "annotations that wait": "from __future__ import annotations\n\n\ndef f(x: Unknown) -> None: ...",
    "old line ends": "x = 1\r\ny = 2\r\n",
    "a form feed": "x = 1\n\x0cy = 2",
    "an ending": "x = 1\nraise SystemExit",
    "too slow": "from autograder.judging.timing import TimeLimit\nx = 1\nraise TimeLimit",
    "something printed": "for i in range(3):\n    print(i)",
    "a null byte": "x = 1\0",
}


@pytest.fixture
def shell():
    """Makes shells as the sandbox has them."""

    def made() -> InteractiveShell:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        new = InteractiveShell(config=config)
        new.showtraceback = lambda *_arguments, **_options: None  # type: ignore[method-assign]
        return Surroundings(new).shell

    return made


def effect(shell, runs, *cells):
    """What is there after the cells: names, errors with their lines, and what was printed."""
    printed, errors = io.StringIO(), []
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        for cell in cells:
            error = runs(shell, cell)
            frames = traceback.extract_tb(error.__traceback__) if error else []
            spots = [(f.lineno, f.line) for f in frames if f.filename[0] == "<"]
            errors.append((type(error), str(error), spots))
    public = {name: str(value).split(" at ")[0] for name, value in shell.user_ns.items() if name[0] != "_"}
    return {k: v for k, v in public.items() if k not in ("In", "Out")}, errors, printed.getvalue()


def by_ipython(shell, cell):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "To exit: use 'exit'")  # its advice to whoever ends a cell
        done = shell.run_cell(cell, store_history=True)
    return done.error_before_exec or done.error_in_exec


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_does_what_it_does_in_ipython(shell, kind):
    cells = (CELLS[kind], "def g(x: Nobody):\n    return x", CELLS["an error"])
    assert effect(shell(), run, *cells) == effect(shell(), by_ipython, *cells)


def test_a_cell_that_is_plain_is_left_as_it_is_by_ipython():
    written = [row.source for lesson in find_lessons([]) for row in lesson_rows(lesson.stem)]
    manager, left = TransformerManager(), 0
    for cell in (*CELLS.values(), *solutions().values(), *written):
        if plain(cell):
            left += 1
            assert manager.transform_cell(cell) == (cell if cell.endswith("\n") else cell + "\n"), cell
    assert left > 0.95 * len(written)


def test_a_cell_that_waits_is_left_to_ipython():
    """Not run here: IPython needs an event loop of its own, and another test's may be running."""
    assert plain("import asyncio\nawait asyncio.sleep(0)\nx = 1") is None


def test_a_time_limit_ends_a_cell_that_is_run_directly(shell):
    assert isinstance(run(shell(), CELLS["too slow"]), TimeLimit)
