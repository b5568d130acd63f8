"""Lesson 19: recurrences without a squashing, run along a sequence in a few rounds."""
