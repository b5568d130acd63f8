"""Run a cell where IPython would: plain Python directly, all other cells by IPython itself.

What IPython does around a cell (it reads it as its own language first, and keeps a history) takes longer than
most answers, and touches memory that each student's process then has to copy.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from IPython.core.interactiveshell import InteractiveShell

#: Python that IPython may take for something else: an empty or indented first line, lines of blanks, prompts,
#: code that waits; and line ends other than the usual one, at which it splits a cell.
IPYTHONS = re.compile(
    r"\A\s|^[ \t]+$|^[ \t]*(?:>>>|\.{3,}:|In \[|\[(?:nav|ins)\])|\b(?:await|async)\b"
    r"|[\r\v\f\x1c-\x1e\x85\u2028\u2029]",
    re.MULTILINE,
)


@lru_cache(maxsize=64)
def plain(source: str) -> ast.Module | None:
    """A cell that IPython would leave as it is, parsed; its signs (`%`, `!`, `?`) are no Python."""
    if IPYTHONS.search(source):
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def run(shell: InteractiveShell, source: str) -> BaseException | None:
    """Run a cell -> the error that ended it. A value at its end is IPython's to print."""
    tree = plain(source)
    if tree and tree.body and not isinstance(tree.body[-1], ast.Expr):
        return _run_plain(shell, source, tree)
    done = shell.run_cell(source, store_history=True)
    error: BaseException | None = done.error_before_exec or done.error_in_exec
    return error


def _run_plain(shell: InteractiveShell, source: str, tree: ast.Module) -> BaseException | None:
    whole = source if source.endswith("\n") else f"{source}\n"
    name = shell.compile.cache(whole, shell.execution_count)  # where the code of an error's line is looked up
    shell.execution_count += 1
    try:
        with shell.builtin_trap:
            for node in tree.body:  # one by one: what stands above a line that cannot be compiled is run
                code = shell.compile(ast.Module([node], []), name, "exec")  # type: ignore[arg-type]
                exec(code, shell.user_ns)
    except BaseException as error:  # a time limit and exit() included
        return error
    return None
