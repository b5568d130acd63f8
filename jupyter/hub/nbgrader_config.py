"""For everybody on a JupyterHub: copy it into etc/jupyter/ of the hub's environment (docs/jupyterhub.md)."""

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821  nbgrader provides it

# The teacher's clone reads the variable in its own settings, which are read after these.
c.Exchange.root = os.environ.setdefault("AUTOGRADER_EXCHANGE", "/srv/nbgrader/exchange")
c.CourseDirectory.course_id = "sequence-models"
