"""Lesson 11: what the cases of several exercises draw."""

import numpy as np


def rnn_case(rng, N, T, D, H, scale=0.6):
    """x, h0, W_xh, W_hh, b_h of a network that is not saturated, nothing symmetric, nothing zero."""
    return (
        rng.normal(size=(N, T, D)),
        0.5 * rng.normal(size=(N, H)),
        scale * rng.normal(size=(D, H)) / np.sqrt(D),
        scale * rng.normal(size=(H, H)) / np.sqrt(H),
        0.3 * rng.normal(size=H),
    )


def untied(rng, N, T, H, p):
    """One inverted mask per step, with at least one kept and one dropped unit in the first two steps."""
    mask = (rng.uniform(size=(N, T, H)) >= p) / (1 - p)
    mask[:, :2, 0], mask[:, :2, 1] = 1 / (1 - p), 0
    return mask


def masked_cases(rng):
    """Arguments x, h0, W_xh, W_hh, b_h, mask_x, mask_h."""
    yield *rnn_case(rng, 2, 5, 3, 7), untied(rng, 2, 5, 3, 0.4), untied(rng, 2, 5, 7, 0.5)
    tied = np.repeat(untied(rng, 3, 2, 5, 0.3)[:, :1], 4, axis=1)
    yield *rnn_case(rng, 3, 4, 2, 5), untied(rng, 3, 4, 2, 0.3), tied
    yield *rnn_case(rng, 1, 1, 2, 3), untied(rng, 1, 1, 2, 0.5), untied(rng, 1, 1, 3, 0.25)
    yield *rnn_case(rng, 2, 3, 5, 3), np.ones((2, 3, 5)), np.zeros((2, 3, 3))
