"""Lesson 10: the GRU in both its forms, the coupled-gate LSTM that is taken for it, and their sizes."""
