"""What an answer's cell finds around it: definitions of other cells, and an IPython without a machine.

This is the student's side: the student's own code is parsed and run here, and nowhere else.
"""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from autograder.grading.sandbox.running import plain
from autograder.judging.definitions import makers, missing_names, statements, without_timing

#: How a line of IPython's stands in the Python that it makes of a cell.
MAGIC = "get_ipython()."


class Surroundings:
    """The shell of one submission, and the cells of it that are not run."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.cells: list[str] = []
        #: Names that were taken along so far: the next answer may need a later meaning of them.
        self.taken: set[str] = set()
        for word in ("system", "getoutput", "run_line_magic", "run_cell_magic"):
            setattr(shell, word, lambda *_arguments, **_options: None)

    def magics(self, source: str) -> int:
        """How many lines of a cell are IPython's, and do nothing here."""
        return without_timing(source).count("#%%") + self._python(source).count(MAGIC) - source.count(MAGIC)

    def take_along(self, source: str, before: int) -> list[str]:
        """Run what the answer in `source` needs of other cells -> the names that it asked for.

        The first `before` cells come first; cells below the answer's check are looked at for what is left.
        """
        if not self.cells:
            return []
        names: dict[str, Any] = self.shell.user_ns
        known = names.keys() - self.taken
        missing = missing_names(self._python(source), known)
        if not missing:
            return []
        found = statements(map(self._python, self.cells))
        above = [one for one in found if one.place[0] < before]
        below = [one for one in found if one.place[0] >= before]
        needed = makers(missing, (above, below), known)
        made = {name for one in needed for name in one.binds}
        self.taken |= made
        for one in needed:
            exec(one.code, names)
        return sorted(missing & made)

    def _python(self, source: str) -> str:
        """A cell in Python; '' for one that is none at all."""
        source = without_timing(source)
        if plain(source):
            return source
        try:
            made: str = self.shell.transform_cell(source)
            return made
        except Exception:  # IPython raises what it likes; the cell's own run will say it
            return ""
