"""Lesson 05: recurrent layers on top of each other, and in both directions."""
