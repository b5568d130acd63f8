"""Lesson 18: tokens, the block of today, and how it writes."""
