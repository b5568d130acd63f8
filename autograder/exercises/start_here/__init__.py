"""Lesson 00: a toy exercise to learn the mechanics on."""
