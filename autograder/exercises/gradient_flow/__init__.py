"""Lesson 07: slopes, Jacobians, norms, and how a gradient changes on its way back through time."""

PASCANU = "Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks"
