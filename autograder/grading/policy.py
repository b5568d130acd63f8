"""What a teacher settles in course.toml, beside nbgrader_config.py: what late work costs, what mistakes earn.

[late]
grace = "30 min"
penalty = "10 % a day"

[credit.rnn_step]
bias_forgotten = 0.5
"""

from __future__ import annotations

import difflib
import json
import math
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.lessons import Lesson

FILE = "course.toml"
SECONDS = {"min": 60.0, "h": 3600.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
SPAN = re.compile(r"(\d+(?:\.\d+)?) ?(min|h|hour|day|week)s?")
PENALTY = re.compile(r"(\d+(?:\.\d+)?) ?% (?:a|per) (hour|day|week)")
NO_SPAN = 'grace is a time such as "30 min", "2 h" or "1 day", not {!r}'
NO_PENALTY = 'penalty is a rule such as "10 % a day" or "1 % an hour", not {!r}'
NO_CREDIT = "credit is the share of the points that is earned, from 0 up to but not 1: {}.{} = {!r} is none"


@dataclass(frozen=True)
class Late:
    """What late work costs: a share of the points earned for each period begun, after a time of grace."""

    grace: float = 0.0
    share: float = 0.0
    period: float = SECONDS["day"]

    def penalty(self, score: float, seconds_late: float) -> float:
        """The points that are taken off. Within the grace nothing; after it all of the lateness counts."""
        if seconds_late <= self.grace:
            return 0.0
        return score * min(1.0, self.share * math.ceil(seconds_late / self.period))


@dataclass(frozen=True)
class Policy:
    """All that course.toml says. `late` is None where nbgrader's own rule is left to hold."""

    late: Late | None = None
    #: Exercise -> mistake -> the share of the points that it earns in this course.
    credit: dict[str, dict[str, float]] = field(default_factory=dict)


def course_policy(root: Path) -> Policy:
    """What the course in `root` settles. Raises ValueError, one sentence, for what makes no sense."""
    try:
        text = (root / FILE).read_text(encoding="utf-8")
        said = tomllib.loads(text)
        _known(said, ("late", "credit"))
        late = _late(said["late"]) if "late" in said else None
        return Policy(late, _credit(said.get("credit", {})))
    except FileNotFoundError:
        return Policy()
    except (ValueError, OSError) as error:  # TOML's own errors are ValueErrors, and name the line
        raise ValueError(f"{root / FILE}: {error}.") from None


def lesson_credits(root: Path, lesson: Lesson | str) -> str:
    """What mistakes of one lesson earn here, as the text that judges are given and keys are made of."""
    stem = lesson.stem if isinstance(lesson, Lesson) else lesson.split("_", 1)[1]
    mine = {n: of for n, of in course_policy(root).credit.items() if EXERCISES[n].lesson == stem}
    return json.dumps(mine, sort_keys=True)


def apply_credits(text: str) -> None:
    """Let this process judge with what `lesson_credits` said."""
    for name, of_mistakes in json.loads(text).items():
        exercise = EXERCISES[name]
        exercise.mistakes = [replace(m, credit=of_mistakes.get(m.name, m.credit)) for m in exercise.mistakes]


def _late(said: Any) -> Late:
    _known(said, ("grace", "penalty"))
    grace, rule = said.get("grace", "0 min"), said.get("penalty", "0 % a day")
    span = SPAN.fullmatch(str(grace))
    if not span:
        raise ValueError(NO_SPAN.format(grace))
    found = PENALTY.fullmatch(str(rule).replace(" an ", " a "))
    if not found:
        raise ValueError(NO_PENALTY.format(rule))
    return Late(float(span[1]) * SECONDS[span[2]], float(found[1]) / 100, SECONDS[found[2]])


def _credit(said: Any) -> dict[str, dict[str, float]]:
    _known(said, EXERCISES)
    for name, of_mistakes in said.items():
        _known(of_mistakes, [m.name for m in EXERCISES[name].mistakes])
        for mistake, credit in of_mistakes.items():
            if type(credit) not in (int, float) or not 0 <= credit < 1:
                raise ValueError(NO_CREDIT.format(name, mistake, credit))
    return dict(said)


def _known(said: Any, names: Collection[str]) -> None:
    """Raise ValueError for a word that is none of `names`."""
    if not isinstance(said, dict):
        raise ValueError(f"{said!r} stands where a table such as [late] or [credit.rnn_step] is meant")
    for word in said:
        if word not in names:
            close = difflib.get_close_matches(word, names, n=1)
            meant = f" ({close[0]!r} does)" if close else ""
            raise ValueError(f"{word!r} means nothing here{meant}")
