"""Lesson 08: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def global_norm(grads):
    return np.sqrt(sum((g**2).sum() for g in grads))
