"""This repository is itself an nbgrader course: `nbgrader` commands and formgrader run from its root.

The sources are solutions/, the released assignments course/; both are made by `autograder build`.
"""

import os
import sys
from pathlib import Path

from autograder.grading.seed import class_seed

c = get_config()  # noqa: F821  nbgrader provides it

ROOT = Path(os.environ.get("AUTOGRADER_COURSE_ROOT") or Path.cwd())

# nbgrader calls `alembic` by name; it lies beside this Python also where the environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
os.environ["AUTOGRADER_SEED"] = class_seed(ROOT)

c.CourseDirectory.course_id = "sequence-models"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
# nbgrader's default name for this folder, `solution`, is one letter from our `solutions`.
c.CourseDirectory.solution_directory = "instructor_solution"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache"]

# Where assignments are handed out and collected; on a machine with students it must be a folder that they can
# write to. Without one the Assignment List shows an error.
exchange = Path(os.environ.get("AUTOGRADER_EXCHANGE") or ROOT / ".autograder" / "exchange")
exchange.mkdir(parents=True, exist_ok=True)
c.Exchange.root = str(exchange)

c.ClearSolutions.code_stub = {
    "python": (
        "# Your code here: replace the next line.\n"
        'raise NotImplementedError("Write this function, run the cell, then run the check below.")'
    )
}
c.ClearSolutions.enforce_metadata = False

# Only the students' answers are taken from what they hand in.
c.Autograde.exporter_class = "autograder.grading.preprocessors.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    "autograder.grading.preprocessors.Rebuild",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
