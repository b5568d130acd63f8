"""The statements of other cells that an answer needs are found by the names that they bind."""

import ast
from typing import Any

import pytest

from autograder.judging.definitions import makers, missing_names, statements

CELLS = [
    "import math as m\nfrom functools import partial\nSCALE = 2\nprint(SCALE)",
    "class Mean:\n    def __call__(self, x):\n        return helper(x) / SCALE",
    "def helper(x):\n    return m.fsum(x)\nSCALE = 3",
    "this is no Python",
    "mean = partial(Mean(), x=[1])\nmean(2)\nUNUSED = mean",
    "table = [0, 0]\ntable[0] = SCALE\ntable.append(9)\nsorted(table)",
    "for i in range(3):\n    total, table[i] = i, i\nif SCALE:\n    import os",
]


def texts(found) -> list[str]:
    return [ast.unparse(one.node).splitlines()[0] for one in found]


def needed(*names, known=(), before=99):
    found = statements(CELLS)
    above = [one for one in found if one.place[0] < before]
    return texts(makers(names, (above, [one for one in found if one.place[0] >= before]), known))


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("m", ["import math as m"]),
        ("SCALE", ["SCALE = 2", "SCALE = 3"]),
        ("helper", ["import math as m", "def helper(x):"]),
        (
            "mean",
            [
                "import math as m",
                "from functools import partial",
                "SCALE = 2",
                "class Mean:",
                "def helper(x):",
                "SCALE = 3",
                "mean = partial(Mean(), x=[1])",
            ],
        ),
        (
            "table",
            [
                "SCALE = 2",
                "SCALE = 3",
                "table = [0, 0]",
                "table[0] = SCALE",
                "table.append(9)",
                "for i in range(3):",
            ],
        ),
        ("os", ["SCALE = 2", "SCALE = 3", "if SCALE:"]),
        ("nothing", []),
        ("print", []),
    ],
)
def test_a_name_is_made_by_its_statements_and_what_they_use(name, made):
    assert needed(name) == made


def test_known_names_need_no_statement_and_cells_above_come_first():
    assert needed("helper", known={"m"}) == ["def helper(x):"]
    assert needed("SCALE", before=1) == ["SCALE = 2"]
    assert needed("helper", before=1) == ["import math as m", "def helper(x):"]


@pytest.mark.parametrize(
    ("cell", "missing"),
    [
        ("def f(x):\n    y = len(x)\n    return g(y) + SCALE", {"g", "SCALE"}),
        ("def f(x):\n    def g(z):\n        return z * SCALE\n    return g(x)", {"SCALE"}),
        ("@cache\ndef f(x, axis=AXIS):\n    return np.sum(x)", {"cache", "AXIS", "np"}),
        ("import numpy as np\nf = lambda x: np.sum(x)", set()),
        ("table.append(1)\nf = table", {"table"}),
    ],
)
def test_missing_names(cell, missing):
    assert missing_names(cell, {"known"}) == missing


def test_what_the_statements_make_runs():
    names: dict[str, Any] = {}
    for one in makers({"mean"}, (statements(CELLS),)):
        exec(one.code, names)
    assert names["mean"]() == 1 / 3
