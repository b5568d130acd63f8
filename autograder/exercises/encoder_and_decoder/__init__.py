"""Lesson 14: one network reads a sequence into a vector, another writes a sequence from that vector."""
