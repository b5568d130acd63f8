"""Lesson 01: windows over a series, the autoregressive model, and batches of unequal lengths."""
