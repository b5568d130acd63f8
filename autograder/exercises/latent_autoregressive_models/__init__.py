"""Lesson 03: a summary of the past that is carried along, as an average, a linear state or a belief."""
