"""Lesson 09: the LSTM cell, forwards and backwards, its forget bias and what its memory retains."""
