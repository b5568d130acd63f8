"""The commands for a learner's folder, mounted in `autograder.cli`."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from autograder.address import pip_line
from autograder.edition.layout import KEPT, edition, find_folder, lay_out
from autograder.edition.update import update as bring_up_to_date
from autograder.lessons import CLONE, ROOT

FIRST = Path("course", "00_start_here", "start_here.ipynb")
NO_LAB = "JupyterLab is not installed here. Open {} in the program of your choice, or install it: {}"
NOTHING_NEW = "Nothing new: {} is at the edition that is installed here.\nFor a newer one: {}"
RELOAD = "In a notebook that is open, choose File > Reload Notebook from Disk before you go on."


def start(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to work. Default: sequence-course, or where you are.")
    ] = None,
    lab: Annotated[bool, typer.Option(help="Open JupyterLab, where it is installed.")] = True,
) -> None:
    """Lay the course out in a folder, and open JupyterLab there. What is there already stays as it is."""
    place = folder or (Path() if Path(KEPT).is_dir() else Path("sequence-course"))
    try:
        files = edition()
        new = lay_out(place, files)
    except (ValueError, OSError) as error:
        sys.exit(_said(error))
    typer.echo(_laid_out(place.resolve(), files, new))
    if not lab:
        return
    if find_spec("jupyterlab"):
        raise typer.Exit(_open_lab(place))
    typer.echo(NO_LAB.format(place / FIRST, pip_line("lab")))


def _laid_out(place: Path, files: dict[str, bytes], new: list[str]) -> str:
    notebooks = sum(name.endswith(".ipynb") for name in new)
    kept = sum(name.endswith(".ipynb") for name in files) - notebooks
    several = "s" if notebooks > 1 else ""
    told = [
        f"{notebooks} notebook{several} laid out in {place}." if notebooks else f"The course is in {place}."
    ]
    if kept:
        told.append(f"Of {kept + notebooks} notebooks {kept} were there, and are as they were.")
    if any((place / KEPT / name).read_bytes() != content for name, content in files.items()):
        told.append("A newer edition is installed: `autograder update` brings it in, around your work.")
    return " ".join(told)


def _open_lab(place: Path) -> int:
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={place.resolve()}"]
    command.append(f"--LabApp.default_url=/lab/tree/{FIRST.as_posix()}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container everybody is root
        command.append("--allow-root")
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is JupyterLab's
        return subprocess.run(command, check=False).returncode
    return 0


def update(
    folder: Annotated[Path | None, typer.Argument(help="Your folder. Default: where you are.")] = None,
) -> None:
    """Bring your folder to the edition that is installed, and touch nothing that you wrote."""
    try:
        place = find_folder(
            folder or (Path("sequence-course") if Path("sequence-course", KEPT).is_dir() else Path())
        )
        told = bring_up_to_date(place, edition())
    except (ValueError, OSError) as error:
        sys.exit(_said(error))
    if not told:
        typer.echo(NOTHING_NEW.format(place, _newer()))
        return
    typer.echo("\n".join([*told, RELOAD]))


def _newer() -> str:
    upgrade = pip_line("lab").replace("install", "install --upgrade", 1)
    return f"git -C {CLONE} pull" if ROOT == CLONE else upgrade


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror}. Nothing that you wrote was changed."
    return str(error)


def mount(app: typer.Typer) -> None:
    """Add these commands to the `autograder` command."""
    for command in (start, update):
        app.command()(command)
