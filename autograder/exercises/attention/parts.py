"""Lesson 15: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def np_masked_softmax(scores, mask):
    top = np.where(mask, scores, -np.inf).max(axis=-1, keepdims=True)
    e = np.where(mask, np.exp(np.minimum(scores - np.where(np.isfinite(top), top, 0), 0)), 0)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def np_dot(s, states):
    return np.einsum("nh,nth->nt", s, states)


def np_attend(s, states, mask, scale=1.0, softmax=np_masked_softmax):
    weights = softmax(scale * np_dot(s, states), mask)
    return np.einsum("nt,nth->nh", weights, states), weights
