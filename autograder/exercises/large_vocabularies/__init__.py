"""Lesson 13: output layers for very many classes."""

JEAN = "Jean, Cho, Memisevic and Bengio (2015), On Using Very Large Target Vocabulary for NMT"
