"""Lesson 16: the Transformer, block by block."""
