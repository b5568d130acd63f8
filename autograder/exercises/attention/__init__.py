"""Lesson 15: a decoder that looks back at every state of the encoder."""
