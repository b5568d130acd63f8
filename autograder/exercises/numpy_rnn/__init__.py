"""Lesson 04: the recurrent network, step by step and as a whole, with its readout and its loss."""
