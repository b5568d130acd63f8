"""Lesson 14: what the cases of several exercises draw."""

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
