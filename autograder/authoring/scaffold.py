"""Stubs of a new exercise: in the lesson's text, in a file of its own, and in the lesson's references."""

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

DECLARATION = '''"""Lesson {number}, {name}: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=("Where to look.", "What to do.", "The line itself."),
    source="author (year), title",
)
def {name}(x): ...


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
'''

REFERENCES = '''"""Lesson {number} in PyTorch."""

import torch
'''

REFERENCE = """

def {name}(x: torch.Tensor) -> torch.Tensor:
    return x
"""


def add_exercise(name: str, lesson: Lesson, root: Path = ROOT) -> list[Path]:
    """Write the three stubs and return their files. Raises ValueError for a bad or taken name."""
    import autograder.exercises  # noqa: F401  fills the registry
    from autograder.exercise import EXERCISES

    if not name.isidentifier() or not name.islower() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is no function name: use lower case, digits and underscores.")
    if name in EXERCISES:
        raise ValueError(f"{name} exists already, in lesson {EXERCISES[name].lesson}.")
    folder = root / "autograder" / "exercises" / lesson.stem
    references = root / "autograder" / "references" / f"{lesson.stem}.py"
    about = {"number": lesson.number, "name": name}
    _append(folder / "__init__.py", f'"""Lesson {lesson.number}."""\n', "")
    _append(references, REFERENCES.format(**about), REFERENCE.format(**about))
    _append(folder / f"{name}.py", "", DECLARATION.format(**about))
    _append(lesson.path, "", CELL.format(**about))
    return [lesson.path, folder / f"{name}.py", references]


def _append(path: Path, head: str, text: str) -> None:
    """Add `text` to a file, which starts with `head` if it is new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start = "" if path.exists() else head
    with path.open("a", encoding="utf-8") as file:
        file.write(start + text)
