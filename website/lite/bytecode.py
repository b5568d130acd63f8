"""Wheels whose modules are compiled: a page keeps no bytecode, and would compile them at each visit.

Bytecode is a Python version's own, so Pyodide compiles, in Node.js (bytecode.mjs), with the function below.
Compiled is what costs most at the start for its megabytes: some three seconds of one core, for 2.5 MB.
"""

from __future__ import annotations

import marshal
import subprocess
import warnings
import zipfile
from collections.abc import Iterable
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path

COMPILED = ("ipython", "matplotlib", "numpy", "prompt-toolkit", "traitlets")
#: PEP 552: bytecode with a hash of its source that is not looked at, for there is no source beside it.
UNCHECKED = (1).to_bytes(4, "little")


def compile_wheels(folder: Path, names: Iterable[str]) -> None:
    """Compile wheels of a folder that holds Pyodide. Raises CalledProcessError."""
    script = Path(__file__).with_suffix(".mjs")
    subprocess.run(
        ["node", str(script), str(folder.resolve()), *names], check=True, stdout=subprocess.DEVNULL
    )


def compile_wheel(wheel: Path) -> None:
    """Put bytecode in the place of a wheel's modules; one that cannot be compiled stays as it is."""
    with zipfile.ZipFile(wheel) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            code = _bytecode(entry.filename, content) if entry.filename.endswith(".py") else None
            made = zipfile.ZipInfo(entry.filename + ("c" if code else ""), entry.date_time)
            archive.writestr(made, code or content, zipfile.ZIP_DEFLATED, 9)


def _bytecode(name: str, source: bytes) -> bytes | None:
    """What a .pyc file of this module holds."""
    try:
        with warnings.catch_warnings(action="ignore"):
            code = compile(source, f"/lib/python3.12/site-packages/{name}", "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return MAGIC_NUMBER + UNCHECKED + source_hash(source) + marshal.dumps(code)
