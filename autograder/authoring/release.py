"""The student's version of a notebook: nbgrader's own GenerateAssignment steps, run in this process."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import preprocessors
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.lessons import ROOT

#: In nbgrader's order, without the two that need its database or a kernel (SaveCells, InstantiateTests).
STEPS = (
    preprocessors.IncludeHeaderFooter,
    preprocessors.LockCells,
    preprocessors.ClearSolutions,
    preprocessors.ClearOutput,
    preprocessors.CheckCellMetadata,
    preprocessors.ComputeChecksums,
    preprocessors.ClearHiddenTests,
    preprocessors.ClearMarkScheme,
    preprocessors.ComputeChecksums,
    preprocessors.CheckCellMetadata,
)


def course_config(root: Path = ROOT) -> Config:
    """The settings in nbgrader_config.py, which the nbgrader commands use as well."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


def released(notebook: NotebookNode, root: Path = ROOT) -> NotebookNode:
    """A copy of `notebook` as students get it: answers, hidden tests and outputs removed."""
    config, made = course_config(root), deepcopy(notebook)
    resources: dict[str, Any] = {}
    for step in STEPS:
        made, resources = step(config=config).preprocess(made, resources)
    return made
