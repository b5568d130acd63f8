"""Drawings of the things that learners build: one module per subject, made of the same parts."""
