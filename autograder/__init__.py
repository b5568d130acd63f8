"""The learner's words: check, hint, replay, progress.

Importing this package is cheap: PyTorch is loaded only where results are not recorded.
"""

from autograder.learner.words import CheckFailed, check, hint, progress, recheck, replay

__all__ = ["CheckFailed", "check", "hint", "progress", "recheck", "replay"]
