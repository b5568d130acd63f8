"""What is the machine's fault and no student's: one sentence each."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError

AGAIN = "Then run the same command again; what is graded stays graded."
FULL = f"The disk is full{{}}: free some space. {AGAIN}"
UNWRITABLE = f"{{}} cannot be written ({{}}): mend that. {AGAIN}"
#: By what the database says of itself. SQLite's own words; PostgreSQL's are shown as they are.
OF_THE_BOOK = {
    "disk is full": FULL.format(""),
    "locked": f"The gradebook is in use by another program: wait until it is done. {AGAIN}",
    "readonly": f"The gradebook cannot be written: mend its permissions and its folder's. {AGAIN}",
    "unable to open": f"The gradebook cannot be opened: mend its permissions and its folder's. {AGAIN}",
    "malformed": "The gradebook is damaged: put back your copy of gradebook.db, or move it away and run the "
    "same command again. Grades then come back from .autograder/results, manual scores and comments do not.",
    "no such": "The gradebook is another version's: run `nbgrader update .`, then the same command again.",
}
OF_THE_BOOK["not a database"] = OF_THE_BOOK["malformed"]
#: Of the errors of the operating system: those that no submission can be the cause of.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
OF_THE_MACHINE = (errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class FaultError(RuntimeError):
    """A fault of the machine, in one sentence for the teacher."""


def machine_fault(error: BaseException) -> str:
    """The sentence on a fault of the machine; '' for any other error."""
    if isinstance(error, FaultError):
        return str(error)
    if isinstance(error, DBAPIError):
        words = str(error.orig).strip()
        known = [sentence for sign, sentence in OF_THE_BOOK.items() if sign in words]
        broken = type(error).__name__ in ("OperationalError", "InterfaceError")
        return known[0] if known else f"The gradebook cannot be used: {words}" if broken else ""
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return FULL.format(f" ({error.filename})" if error.filename else "")
    if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
        return UNWRITABLE.format(error.filename or "A file", error.strerror)
    return ""


@contextlib.contextmanager
def faults_said(root: Path) -> Iterator[None]:
    """Turn a fault of the machine, a folder in `root` that cannot be written included, into a FaultError."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        words = machine_fault(error)
        if not words and isinstance(error, PermissionError):
            words = UNWRITABLE.format(error.filename or root, error.strerror)
        if words:
            raise FaultError(words) from error
        raise
