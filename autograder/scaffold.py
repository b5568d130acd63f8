"""Stubs of a new exercise: one in the lesson's text, one in its exercises module."""

from __future__ import annotations

import keyword
from pathlib import Path

from autograder.lessons import ROOT, Lesson

CELL = '''
# %% exercise="{name}"
def {name}(x):
    """Say in one sentence what it returns.

    x (N, T, D) -> (N, T, D)
    Source: author (year), title.
    """
    # BEGIN SOLUTION
    return x
    # END SOLUTION


# %%
check({name})
'''

MODULE_HEAD = '''"""Lesson {number}: the exercises of lessons/{stem}.py."""

from collections.abc import Iterator

import numpy as np
import torch

from autograder.exercise import exercise
'''

DECLARATION = """

@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=("Where to look.", "What to do.", "The line itself."),
    source="author (year), title",
)
def {name}(x: torch.Tensor) -> torch.Tensor:
    return x


@{name}.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(2, 3, 5)),)
    yield (rng.normal(size=(3, 2, 7)),)
    yield (rng.normal(size=(1, 1, 2)),)


@{name}.mistake("You did this; do that, because ...")
def {name}_wrong(x):
    return 2 - x


@{name}.mistake("You did something else; do that, because ...")
def {name}_wrong_again(x):
    return 3 - x


@{name}.mistake("You did a third thing; do that, because ...")
def {name}_wrong_once_more(x):
    return 5 - x
"""


def add_exercise(name: str, lesson: Lesson, root: Path = ROOT) -> list[Path]:
    """Append both stubs and return the two files. Raises ValueError for a bad or taken name."""
    import autograder.exercises  # noqa: F401  fills the registry
    from autograder.exercise import EXERCISES

    if not name.isidentifier() or not name.islower() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is no function name: use lower case, digits and underscores.")
    if name in EXERCISES:
        raise ValueError(f"{name} exists already, in lesson {EXERCISES[name].lesson}.")
    module = root / "autograder" / "exercises" / f"{lesson.stem}.py"
    if not module.exists():
        module.write_text(MODULE_HEAD.format(number=lesson.number, stem=lesson.name), encoding="utf-8")
    with module.open("a", encoding="utf-8") as file:
        file.write(DECLARATION.format(name=name))
    with lesson.path.open("a", encoding="utf-8") as file:
        file.write(CELL.format(name=name))
    return [lesson.path, module]
