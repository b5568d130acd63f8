"""Lesson 14, decode_teacher_forced: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.encoder_and_decoder.parts import np_log_softmax, np_states
from autograder.exercises.loops import loops
from autograder.exercises.numpy_rnn.draws import rnn_weights


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("logits",),
    hints=(
        "The decoder is an ordinary recurrent network. What is special about it is the state that it starts "
        "from.",
        "Run lesson 04's network over y_in with context in the place of h0, then read out every state.",
        "Two lines: h = rnn_forward(y_in, context, W_xh, W_hh, b_h); return h @ W_hy + b_y",
    ),
    source="Sutskever, Vinyals and Le (2014); the name teacher forcing is Williams and Zipser's (1989)",
)
def decode_teacher_forced(y_in, context, W_xh, W_hh, b_h, W_hy, b_y): ...


@decode_teacher_forced.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H, V in ((2, 5, 3, 7, 11), (3, 2, 5, 3, 7), (1, 1, 2, 3, 5), (5, 3, 1, 2, 3)):
        yield (
            rng.normal(size=(N, T, D)),
            rng.uniform(-1, 1, size=(N, H)),
            *rnn_weights(rng, D, H),
            rng.normal(size=(H, V)),
            rng.normal(size=V),
        )


def _np_decode(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy + b_y


loops(decode_teacher_forced, _np_decode, ("y_in",), ("context",), "stores_before_step", "keeps_start")


@decode_teacher_forced.mistake(
    "You start from zeros and add the context to the sum in every step. It enters once, as the state before "
    "the first step."
)
def context_added_to_sums(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    s, states = np.zeros_like(context), []
    for t in range(y_in.shape[1]):
        s = np.tanh(y_in[:, t] @ W_xh + s @ W_hh + context + b_h)
        states.append(s)
    return np.stack(states, axis=1) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "The decoder starts from zeros, so it never hears of the source. Its state before the first step is "
    "context."
)
def context_ignored(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return np_states(y_in, np.zeros_like(context), W_xh, W_hh, b_h) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "You read out the state before each step instead of the state after it: the logits come one step late "
    "and the last input is never used."
)
def reads_state_before_step(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    h = np_states(y_in, context, W_xh, W_hh, b_h)
    return np.concatenate([context[:, None], h[:, :-1]], axis=1) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "You added the context to every state before the readout. It enters once, as the state before the first "
    "step."
)
def context_added_to_states(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return (np_states(y_in, context, W_xh, W_hh, b_h) + context[:, None]) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "These are log-probabilities. Return the logits themselves, before the softmax; the loss takes the "
    "softmax.",
    credit=0.5,
)
def log_softmax_taken(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return np_log_softmax(np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy + b_y)


@decode_teacher_forced.mistake(
    "These are probabilities. Return the logits, before the softmax; the loss takes the softmax.", credit=0.5
)
def softmax_taken(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return np.exp(np_log_softmax(np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy + b_y))


@decode_teacher_forced.mistake(
    "You return the most probable tokens. The logits themselves are asked for, before any choice: (N, T, V)."
)
def tokens_instead_of_logits(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return (np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy + b_y).argmax(axis=2)


@decode_teacher_forced.mistake("The bias b_y is missing in the readout: logits = h W_hy + b_y.", credit=0.5)
def readout_without_bias(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy


@decode_teacher_forced.mistake("You return the states as well. Return the logits alone.", credit=0.5)
def states_returned_too(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    h = np_states(y_in, context, W_xh, W_hh, b_h)
    return h @ W_hy + b_y, h
