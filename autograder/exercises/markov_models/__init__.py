"""Lesson 02: Markov chains, counted, scored, sampled and followed to their long-run behaviour."""
