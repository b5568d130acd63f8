"""Lesson 01: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def np_windows(x, tau):
    """inputs (T-tau, tau), targets (T-tau,)"""
    return np.lib.stride_tricks.sliding_window_view(x, tau)[:-1].copy(), x[tau:].copy()
