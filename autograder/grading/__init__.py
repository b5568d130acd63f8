"""Grading a class: submissions are rebuilt, run in isolation, and judged by a trusted process."""
