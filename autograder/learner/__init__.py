"""Tell a learner: the words of a notebook, reports, hints and progress.

Imports wait until something is told: `import autograder` in a lesson's first cell comes through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.judging.verdict import Verdict
    from autograder.learner.report import Report

__all__ = ["make_report"]


def make_report(verdict: Verdict) -> Report:
    """A verdict in words: `str()` of it is the text a learner reads, `.to_html()` what a notebook shows."""
    from autograder.learner.report import make_report as made

    return made(verdict)
