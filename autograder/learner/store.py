"""What a learner has passed and which hints were read, kept in one small file of their own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

from platformdirs import user_data_path


class Kept(TypedDict):
    """The file's contents: what was passed, how many hints were read, and what happened before."""

    passed: list[str]
    hints: dict[str, int]
    #: When each exercise failed a check for the first time, in seconds since 1970.
    begun: dict[str, float]
    #: The named mistakes that checks found in each exercise before it was passed.
    met: dict[str, list[str]]


def store_path() -> Path:
    """Where progress lives: `AUTOGRADER_HOME`, else the user's data folder."""
    home = os.environ.get("AUTOGRADER_HOME")
    return (Path(home) if home else user_data_path("autograder")) / "progress.json"


def load() -> Kept:
    """What is kept; empty where nothing is yet. Records of earlier editions hold no `begun` and no `met`.

    A damaged file is set aside under another name, not overwritten.
    """
    path = store_path()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        begun = {str(name): float(when) for name, when in kept.get("begun", {}).items()}
        met = {str(name): [str(mistake) for mistake in of] for name, of in kept.get("met", {}).items()}
        return {"passed": list(kept["passed"]), "hints": dict(kept["hints"]), "begun": begun, "met": met}
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, TypeError, AttributeError):
        path.replace(path.with_suffix(".damaged.json"))
    return {"passed": [], "hints": {}, "begun": {}, "met": {}}


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


def remember_failure(name: str, mistakes: Iterable[str]) -> None:
    """Remember that a check of an exercise failed, and the named mistakes that it found."""
    kept = load()
    if name in kept["passed"]:
        return
    before = kept["met"].get(name, [])
    new = [mistake for mistake in mistakes if mistake not in before]
    if new or name not in kept["begun"]:
        kept["begun"].setdefault(name, time.time())
        kept["met"][name] = [*before, *new]
        save(kept)


def next_hint(name: str) -> int:
    """Count one more hint read; returns how many were read before."""
    kept = load()
    before = int(kept["hints"].get(name, 0))
    kept["hints"][name] = before + 1
    save(kept)
    return before
