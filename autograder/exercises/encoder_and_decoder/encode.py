"""Lesson 14, encode: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.encoder_and_decoder.parts import np_states
from autograder.exercises.numpy_rnn.draws import rnn_weights


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("states", "context"),
    hints=(
        "Lesson 04's network reads the whole batch at once, padding and all. What remains is to pick the "
        "right state of each sentence.",
        "The state before the first step is zeros of shape (N, H), and H is W_hh.shape[0]. Sentence n ends "
        "at step lengths[n] - 1: index states with two arrays, one for n and one for the step.",
        "N, H = x.shape[0], W_hh.shape[0]; states = rnn_forward(x, np.zeros((N, H)), W_xh, W_hh, b_h); "
        "return states, states[np.arange(N), lengths - 1]",
    ),
    source="Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder",
)
def encode(x, lengths, W_xh, W_hh, b_h): ...


@encode.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, T, D, H in (
        ((5, 2, 4), 7, 2, 5),
        ((3, 5), 5, 3, 2),
        ((1,), 1, 2, 3),
        ((1, 7, 3, 2, 6), 7, 1, 2),
    ):
        yield rng.normal(size=(len(lengths), T, D)), np.array(lengths), *rnn_weights(rng, D, H)


@encode.mistake(
    "The context is the state at the last column, which is padding for a short sequence. Take each "
    "sequence's state at step lengths - 1."
)
def no_length_handling(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, -1]


@encode.mistake(
    "You read the state at index lengths, one step late. Counting starts at zero: a sequence of length 3 "
    "ends at index 2."
)
def one_step_late(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[np.arange(len(x)), np.minimum(lengths, x.shape[1] - 1)]


@encode.mistake(
    "The context is the average of the states. In this lesson it is the last valid state alone, as in the "
    "2014 papers."
)
def average_of_states(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return states, (states * real).sum(axis=1) / lengths[:, None]


@encode.mistake(
    "The context is the state after the first token. The last valid state has read the whole sentence."
)
def first_state(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, 0]


@encode.mistake(
    "You set the states at padding to zero. That is harmless, but here the network goes on through padding "
    "as if it were words: the masks of lesson 15 will hide those states.",
    credit=0.5,
)
def zeros_at_padding(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return states * real, states[np.arange(len(x)), lengths - 1]


@encode.mistake(
    "The recurrence is missing: each state sees its own token only, so the context knows the last word and "
    "no more."
)
def encoder_without_recurrence(x, lengths, W_xh, W_hh, b_h):
    states = np.tanh(x @ W_xh + b_h)
    return states, states[np.arange(len(x)), lengths - 1]


@encode.mistake(
    "You hold the state still at padding. That is harmless, but here the network goes on through padding as "
    "if it were words: read the whole batch, and pick the context afterwards.",
    credit=0.5,
)
def frozen_at_padding(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    step = np.minimum(np.arange(x.shape[1]), lengths[:, None] - 1)
    return states[np.arange(len(x))[:, None], step], states[np.arange(len(x)), lengths - 1]


@encode.mistake(
    "You set the inputs at padding to zero, and so the states there differ. That is harmless, but here x is "
    "read as it comes, padding included.",
    credit=0.5,
)
def padding_read_as_zeros(x, lengths, W_xh, W_hh, b_h):
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    states = np_states(x * real, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[np.arange(len(x)), lengths - 1]


@encode.mistake(
    "With `states[:, lengths - 1]` you take the last steps of *all* sentences from each of them, an axis "
    "too many. Pair every sentence with its own: states[np.arange(N), lengths - 1]."
)
def every_length_of_every_sentence(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, lengths - 1]


@encode.mistake(
    "All sentences are read off where the first one ends. Each has a length of its own: index states with "
    "two arrays, np.arange(N) and lengths - 1."
)
def first_length_for_all(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, lengths[0] - 1]


@encode.mistake(
    "All sentences are read off where the longest one ends, which is padding for the others. Take each "
    "one's own step, lengths[n] - 1."
)
def longest_length_for_all(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, lengths.max() - 1]


@encode.mistake(
    "The context is the average over all columns, padding included. In this lesson it is the last valid "
    "state alone."
)
def average_with_padding(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states.mean(axis=1)


@encode.mistake(
    "You read from the last column to the first, so that padding comes before the words. Read in the order "
    "of time."
)
def read_backwards(x, lengths, W_xh, W_hh, b_h):
    states = np_states(x[:, ::-1], np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[np.arange(len(x)), lengths - 1]
