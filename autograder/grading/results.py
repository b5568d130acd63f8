"""What grading one submission gives, and where it is kept until it is in the gradebook."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.oracle.sources import PACKAGE, closure, reference_file

#: What a class's own course.toml says of what named mistakes earn, where it says nothing.
NO_CREDITS = "{}"


@dataclass
class Test:
    """One exercise of one submission. `lines` are the diagnosis; `text` and `html` the whole report."""

    score: float
    points: float
    lines: list[str]
    text: str
    html: str
    #: The exercise's named mistakes that the answer makes, by name.
    mistakes: list[str] = field(default_factory=list)
    #: The lines that a search found: {"line": 4, "code": "h = x @ W", "what": "the order of ..."}.
    slips: list[dict[str, Any]] = field(default_factory=list)
    #: Is it still the stub, or not there at all?
    blank: bool = False


@dataclass
class Result:
    """One graded submission. `key` stands for everything that the grade depends on."""

    student: str
    lesson: str
    key: str
    remarks: list[str] = field(default_factory=list)
    tests: dict[str, Test] = field(default_factory=dict)
    #: What each cell printed, and its error in one line, by the cell's id.
    printed: dict[str, str] = field(default_factory=dict)
    isolation: str = ""

    @property
    def score(self) -> float:
        return sum(test.score for test in self.tests.values())


def submission_key(lesson: str, notebook: NotebookNode, seed: str, credits: str = NO_CREDITS) -> str:
    """A hash of a lesson's rebuilt notebook, and one of what judges it: equal key, equal grade."""
    code = [c for c in notebook.cells if c.cell_type == "code"]
    cells = [(c.id, c.source, c.metadata.get("tags"), _points(c)) for c in code]
    return f"{_hash(cells)}-{judge_key(lesson, seed, credits)}"


def judge_key(lesson: str, seed: str, credits: str = NO_CREDITS) -> str:
    """A hash of the secret, the judge's own code, and what named mistakes earn here: a key's second half."""
    return _hash([seed, code_version(lesson), credits])


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _points(cell: NotebookNode) -> float | None:
    points: float | None = cell.metadata.get("nbgrader", {}).get("points")
    return points


@cache
def code_version(lesson: str) -> str:
    """A hash of the judge and of a lesson's own exercises; those of other lessons have no effect.

    Nor has what looks at a class when all is graded.
    """
    stem = lesson.split("_", 1)[1]
    apart = [PACKAGE / name for name in ("exercises", "references", "grading/teaching")]
    judge = {path for path in PACKAGE.rglob("*.py") if not any(map(path.is_relative_to, apart))}
    own = closure([*(PACKAGE / "exercises" / stem).glob("*.py"), reference_file(stem)])
    digest = hashlib.sha256()
    for path in sorted(judge.union(own)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def from_dict(data: dict[str, Any]) -> Result:
    """A result from what `dataclasses.asdict` made of it.

    Raises TypeError, KeyError or AttributeError for anything else.
    """
    return Result(**{**data, "tests": {name: Test(**test) for name, test in data["tests"].items()}})


def _path(root: Path, lesson: str, student: str) -> Path:
    return root / ".autograder" / "results" / lesson / f"{student}.json"


def keep(root: Path, result: Result) -> None:
    """Write a result so that a crash leaves the old one or the new one, never half."""
    path = _path(root, result.lesson, result.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(result, default=vars), encoding="utf-8")
    draft.replace(path)


def kept(root: Path, lesson: str, student: str, key: str) -> Result | None:
    """The kept result for exactly this `key`, if there is one."""
    made = last_result(root, lesson, student)
    return made if made and made.key == key else None


def last_result(root: Path, lesson: str, student: str) -> Result | None:
    """The kept result, whatever it was made from and by; None if there is none that can be read."""
    try:
        return from_dict(json.loads(_path(root, lesson, student).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def same_answers(key: str, other: str) -> bool:
    """Do two keys stand for the same notebook, judged by whatever judge?"""
    return key.partition("-")[0] == other.partition("-")[0]
