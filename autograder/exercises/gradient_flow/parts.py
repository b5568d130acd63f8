"""Lesson 07: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def jacobians(h, W_hh):
    return W_hh * (1 - h**2)[:, None, :]


def product(factors):
    J = np.eye(factors.shape[-1])
    for factor in factors:
        J = J @ factor
    return J
