"""What a learner has passed and which hints were read, kept in one small file of their own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypedDict

from platformdirs import user_data_path


class Kept(TypedDict):
    """The file's contents: the exercises passed, and how many hints of each were read."""

    passed: list[str]
    hints: dict[str, int]


def store_path() -> Path:
    """Where progress lives: `AUTOGRADER_HOME`, else the user's data folder."""
    home = os.environ.get("AUTOGRADER_HOME")
    return (Path(home) if home else user_data_path("autograder")) / "progress.json"


def load() -> Kept:
    """{"passed": [exercise, ...], "hints": {exercise: number read}}; empty where nothing is kept yet.

    A damaged file is set aside under another name, not overwritten.
    """
    path = store_path()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {"passed": list(kept["passed"]), "hints": dict(kept["hints"])}
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, TypeError):
        path.replace(path.with_suffix(".damaged.json"))
    return {"passed": [], "hints": {}}


def save(kept: Kept) -> None:
    """Write through a temporary file, so that a crash leaves the old progress or the new, never half."""
    path = store_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    draft.replace(path)


def remember_pass(name: str) -> None:
    """Remember that an exercise was passed."""
    kept = load()
    if name not in kept["passed"]:
        kept["passed"].append(name)
        save(kept)


def next_hint(name: str) -> int:
    """Count one more hint read; returns how many were read before."""
    kept = load()
    before = int(kept["hints"].get(name, 0))
    kept["hints"][name] = before + 1
    save(kept)
    return before
