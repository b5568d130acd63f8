"""Lesson 17: training a Transformer."""
