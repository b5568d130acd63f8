"""How many threads run below a process: the kernel's own limit does not count root's."""

from __future__ import annotations

import os
from pathlib import Path

#: Students' processes cannot start others, so that of a crowd of threads a few are enough.
MOST_ASKED = 20


def threads_below(pid: int) -> int:
    """Threads of the process `pid` and of all that it started; 0 where /proc does not say."""
    total, queue = 0, [pid]
    while queue:
        tasks = Path("/proc") / str(queue.pop()) / "task"
        try:
            total += len(os.listdir(tasks))
            # Whoever started them, all threads of a process are asked: each lists its own children.
            for task in list(tasks.iterdir())[:MOST_ASKED]:
                queue += map(int, (task / "children").read_text().split())
        except OSError:  # gone meanwhile
            continue
    return total
