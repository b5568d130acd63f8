"""The processes that a process has started."""

from collections.abc import Iterator
from pathlib import Path


def below(pid: int) -> Iterator[int]:
    """All processes that a process has started, directly or not."""
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from below(child)
    except OSError:  # gone meanwhile
        return
