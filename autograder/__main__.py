"""The start of the `autograder` command, also as `python -m autograder`."""

from __future__ import annotations

MISSING = "This command needs {package}, which is not installed: {pip}"


def main() -> None:
    """Run the command; a package that an extra would have brought is named in a sentence."""
    try:
        from autograder.cli import app

        app()
    except ModuleNotFoundError as error:
        from autograder.address import pip_line

        package = (error.name or "").split(".")[0]
        if package in ("", "autograder", "coursekit"):
            raise
        raise SystemExit(MISSING.format(package=package, pip=pip_line("class"))) from None


if __name__ == "__main__":
    main()
