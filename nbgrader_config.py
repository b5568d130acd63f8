"""This repository is itself an nbgrader course: `nbgrader` commands and formgrader run from its root.

The sources are solutions/, the released assignments course/; both are made by `autograder build`.
"""

import os
import sys
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821  nbgrader provides it

# The folder of this file, also where a server starts elsewhere.
ROOT = Path(os.environ.get("AUTOGRADER_COURSE_ROOT") or Path(__file__).parent)

# nbgrader calls `alembic` by name; it lies beside this Python also where the environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c.CourseDirectory.course_id = "sequence-models"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
# nbgrader's default name for this folder, `solution`, is one letter from our `solutions`.
c.CourseDirectory.solution_directory = "instructor_solution"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache"]

# Grades go to gradebook.db, or to a server such as postgresql+psycopg://user@host/gradebook.
if url := os.environ.get("AUTOGRADER_DB"):
    c.CourseDirectory.db_url = url

# Where assignments are handed out and collected; on a machine with students it must be a folder that they can
# write to (docs/jupyterhub.md). Without one the Assignment List shows an error.
exchange = Path(os.environ.get("AUTOGRADER_EXCHANGE") or ROOT / ".autograder" / "exchange")
exchange.mkdir(parents=True, exist_ok=True)
c.Exchange.root = str(exchange)

# What is handed out says when it is due.
c.ExchangeFactory.release_assignment = "autograder.grading.releasing.DatedRelease"

c.ClearSolutions.code_stub = {
    "python": (
        "# Your code here: replace the next line.\n"
        'raise NotImplementedError("Write this function, run the cell, then run the check below.")'
    )
}
c.ClearSolutions.enforce_metadata = False

# Only the students' answers are taken from what they hand in. They run in a sandbox, a trusted judge in
# another process records the points, and feedback shows neither hidden inputs nor a student's own HTML.
OURS = "autograder.grading.preprocessors"
c.Autograde.exporter_class = f"{OURS}.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    f"{OURS}.Rebuild",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    f"{OURS}.Judged",
    f"{OURS}.RecordGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# What late work costs stands in course.toml; where it does not, c.LateSubmissionPlugin holds, as ever.
c.AssignLatePenalties.plugin_class = "autograder.grading.late.CoursePolicy"
c.ZipCollectApp.collector_plugin = f"{OURS}.NamedCollector"
c.GenerateFeedback.exporter_class = f"{OURS}.FeedbackExporter"
c.GenerateFeedback.preprocessors = [
    f"{OURS}.HideTests",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
