"""Measurements: ratios in one run, printed as tables. They are scripts, not tests."""
