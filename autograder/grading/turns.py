"""Who may ask the judge: many at a time, or one alone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class Turns:
    """A lock for threads. Whoever wants to be alone is let in before others who come after."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.asking = self.wanting = 0

    @contextlib.contextmanager
    def taken(self, *, alone: bool) -> Iterator[None]:
        """Wait for a turn, and hold it in the block: nobody else has one while an `alone` one is held."""
        with self.changed:
            self.wanting += alone
            self.changed.wait_for(lambda: not self.asking if alone else not self.wanting)
            self.asking += 1
        try:
            yield
        finally:
            with self.changed:
                self.asking -= 1
                self.wanting -= alone
                self.changed.notify_all()
