"""Lesson 11: noise in a recurrent network, and where it may stand."""

GAL = (
    "Gal and Ghahramani (2016), A Theoretically Grounded Application of Dropout in Recurrent Neural Networks"
)
