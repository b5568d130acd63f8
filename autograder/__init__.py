"""The learner's words: check, hint, replay, progress.

Importing this package is cheap: PyTorch is loaded by the first check, not before.
"""

from autograder.words import CheckFailed, check, hint, progress, recheck, replay

__all__ = ["CheckFailed", "check", "hint", "progress", "recheck", "replay"]
