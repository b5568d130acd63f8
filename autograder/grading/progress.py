"""A bar that shows how far a class is graded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from tqdm import tqdm

from autograder.grading.graded import Graded


@contextlib.contextmanager
def bar(total: int, done: list[Graded]) -> Iterator[Callable[[Graded], None]]:
    """Yields what to call for each submission that is done; it is appended to `done`."""
    with tqdm(total=total, unit="submission", desc="grading") as shown:

        def tell(one: Graded) -> None:
            done.append(one)
            shown.update()

        yield tell
