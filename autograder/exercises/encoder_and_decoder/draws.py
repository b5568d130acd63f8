"""Lesson 14: what the cases of several exercises draw."""

import numpy as np

from autograder.exercises.numpy_rnn.draws import rnn_weights

SOS, EOS = 1, 2


def decoder(rng, H, D, V, end_bias=0.0, start_bias=-50.0):
    """A random decoder that is sure of itself: context, E and the five weights.

    As a trained one, it never writes <sos> again, unless `start_bias` says otherwise.
    """
    weights = (*rnn_weights(rng, D, H, gain=1.5), 2 * rng.normal(size=(H, V)), rng.normal(size=V))
    weights[-1][EOS] += end_bias
    weights[-1][SOS] += start_bias
    return rng.uniform(-1, 1, size=H), 1.5 * rng.normal(size=(V, D)), *weights


def renumbered(rng, context, E, W_xh, W_hh, b_h, W_hy, b_y):
    """The same decoder with other numbers for its tokens; its sos and eos follow, neither of them 1 or 2."""
    V = len(b_y)
    by = int(rng.integers(2, V - 1))
    weights = W_xh, W_hh, b_h, np.roll(W_hy, by, axis=1), np.roll(b_y, by)
    return context, np.roll(E, by, axis=0), *weights, (SOS + by) % V, (EOS + by) % V


def louder(context, E, W_xh, W_hh, b_h, W_hy, b_y):
    """The same decoder with logits so large that their exponentials are no numbers any more."""
    return context, E, W_xh, W_hh, b_h, W_hy, b_y + 1000
