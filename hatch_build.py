"""What a wheel carries besides the packages: the lessons. Who has no clone has them all the same.

An editable installation takes them from the clone (autograder/lessons.py: ROOT).
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "autograder/edition/files"


class CarryLessons(BuildHookInterface):
    """Put course/, lessons/ and the notation into the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            names = ("course", "lessons", "NOTATION.md")
            build_data["force_include"] |= {name: f"{PLACE}/{name}" for name in names}
