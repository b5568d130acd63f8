"""The class's secret: hidden cases are drawn from it, so that nobody can prepare answers for them."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path


def class_seed(root: Path) -> str:
    """The secret of the course in `root`, made once and kept in .autograder/seed, for its owner's eyes.

    `AUTOGRADER_SEED` overrides it. Two processes that start together agree on one secret. Raises ValueError
    if the file is empty or damaged.
    """
    if given := os.environ.get("AUTOGRADER_SEED"):
        return given
    path = root / ".autograder" / "seed"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"seed.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        with draft.open("w", encoding="utf-8") as file:
            file.write(secrets.token_hex(16))
            file.flush()
            os.fsync(file.fileno())  # a machine that loses power must not leave an empty secret
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return _read(path)


def _read(path: Path) -> str:
    """The secret in `path`. Raises ValueError if it is not as it was made: every grade would be another."""
    held = path.read_bytes().strip()
    if not re.fullmatch(rb"[0-9a-f]{32}", held):
        raise ValueError(
            f"{path} is {'damaged' if held else 'empty'}: put your copy of it back. If there is none, remove "
            "the file: a new secret is made, and everybody is graded anew."
        )
    return held.decode()
