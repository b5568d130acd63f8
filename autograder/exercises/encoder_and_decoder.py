"""Lesson 14: one network reads a sequence into a vector, another writes a sequence from that vector."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn import load_weights, rnn_weights, torch_rnn


def _np_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)


def _np_states(x, h, W_xh, W_hh, b_h):
    """States (N, T, H) of a recurrent network that starts in h (N, H)."""
    states = []
    for t in range(x.shape[1]):
        h = _np_step(x[:, t], h, W_xh, W_hh, b_h)
        states.append(h)
    return np.stack(states, axis=1)


def _np_log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


# ---------------------------------------------------------------- shift_right


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("y_in",),
    hints=(
        "At step t the decoder is given the token that came before, and before the first there is <sos>.",
        "The input has the same shape as targets: a first column of sos, then targets without their last "
        "column.",
        "Two lines: first = np.full((targets.shape[0], 1), sos); "
        "return np.concatenate([first, targets[:, :-1]], axis=1)",
    ),
    source="Sutskever, Vinyals and Le (2014), Sequence to Sequence Learning with Neural Networks",
)
def shift_right(targets, sos):
    return functional.pad(targets[:, :-1], (1, 0), value=sos)


@shift_right.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, sos in ((3, 5, 1), (2, 7, 0), (1, 3, 11), (5, 1, 2)):
        yield rng.integers(3, 11, size=(N, T)), sos


@shift_right.mistake(
    "The targets are not shifted: the decoder would be given at step t the very token that it must predict "
    "at step t, and learn to copy."
)
def targets_not_shifted(targets, sos):
    return targets.copy()


@shift_right.mistake(
    "You shifted to the left: the decoder would see the next token, which it is asked for. Put sos first, "
    "and drop the last column."
)
def shifted_left(targets, sos):
    return np.concatenate([targets[:, 1:], np.full_like(targets[:, :1], sos)], axis=1)


@shift_right.mistake(
    "You rolled the last token round to the front. The first input is sos, the same for every sequence."
)
def rolled_round(targets, sos):
    return np.roll(targets, 1, axis=1)


@shift_right.mistake(
    "You put sos in front, but kept the last token: the result is one step too long. Nothing follows the "
    "last target, so it is never an input.",
    credit=0.5,
)
def last_token_kept(targets, sos):
    return np.concatenate([np.full_like(targets[:, :1], sos), targets], axis=1)


@shift_right.mistake(
    "You wrote sos over the first target and left the others in place: they must move one step to the right."
)
def first_token_overwritten(targets, sos):
    shifted = targets.copy()
    shifted[:, 0] = sos
    return shifted


@shift_right.mistake(
    "You shifted along the batch (axis 0), so each sequence is given its neighbour's tokens. Time is axis 1."
)
def shifted_along_the_batch(targets, sos):
    return np.concatenate([np.full_like(targets[:1], sos), targets[:-1]], axis=0)


@shift_right.mistake("You put 0 in front. The first input is the token sos, whatever its number is.")
def zero_in_front(targets, sos):
    return np.concatenate([np.zeros_like(targets[:, :1]), targets[:, :-1]], axis=1)


@shift_right.mistake("You put 1 in front. The number of sos is an argument, and need not be 1.")
def one_in_front(targets, sos):
    return np.concatenate([np.ones_like(targets[:, :1]), targets[:, :-1]], axis=1)


# ---------------------------------------------------------------- target_mask


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("mask",),
    hints=(
        "A step is real when no end token came before it. The end token itself is real: it must be learned.",
        "Count the end tokens seen so far with np.cumsum along axis 1, and take the present one off again.",
        "Two lines: ends = targets == eos; return np.cumsum(ends, axis=1) - ends == 0",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.3",
)
def target_mask(targets, eos):
    before = functional.pad((targets == eos)[:, :-1], (1, 0))
    return before.long().cumsum(dim=1) == 0


@target_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, T, eos in (((2, 5, 3), 7, 2), ((5, 1), 5, 1), ((3, 4, 1, 2, 3), 4, 0)):
        targets = rng.integers(3, 11, size=(len(lengths), T))
        for row, length in zip(targets, lengths, strict=True):
            row[length - 1] = eos
            row[length:] = rng.choice([0, 4, eos], size=T - length)
        yield targets, eos
    yield np.array([[7, 3, 5], [3, 7, 7], [7, 2, 7]]), 7  # the padding repeats eos
    yield np.array([[5, 3, 4]]), 2  # cut off before its end
    yield np.array([[2], [3]]), 2


@target_mask.mistake(
    "You left out the end token. It is a target like any other: a decoder that is never asked for it never "
    "stops.",
    credit=0.5,
)
def end_token_left_out(targets, eos):
    return np.cumsum(targets == eos, axis=1) == 0


@target_mask.mistake(
    "The padding after the end token counts too, so the loss would reward the model for predicting padding."
)
def loss_counts_padding(targets, eos):
    return np.ones(targets.shape, dtype=bool)


@target_mask.mistake("The mask is inverted: True marks a step that counts.")
def mask_of_padding(targets, eos):
    return np.cumsum(targets == eos, axis=1) - (targets == eos) > 0


@target_mask.mistake(
    "You only compare with eos, step by step. What follows the first end token is padding, whatever is "
    "written there."
)
def every_other_token(targets, eos):
    return targets != eos


@target_mask.mistake(
    "Only the end tokens themselves are marked. All steps before the first one count as well."
)
def only_end_tokens(targets, eos):
    return targets == eos


@target_mask.mistake(
    "You counted one step too many: the first padding after the end token is marked as real.", credit=0.5
)
def one_padding_too_many(targets, eos):
    ends = np.cumsum(targets == eos, axis=1) - (targets == eos)
    return np.cumsum(ends > 0, axis=1) <= 1


@target_mask.mistake(
    "Everything before a second end token counts for you, padding included. A step is real when *no* end "
    "token came before it: take the present one off the running count and ask for 0.",
    credit=0.5,
)
def up_to_the_second_end(targets, eos):
    return np.cumsum(targets == eos, axis=1) <= 1


@target_mask.mistake(
    "You count up to the *last* eos. Where padding is written as eos too, it counts with you: the first eos "
    "ends the sentence.",
    credit=0.5,
)
def up_to_the_last_end(targets, eos):
    last = targets.shape[1] - 1 - np.argmax((targets == eos)[:, ::-1], axis=1)
    return np.arange(targets.shape[1]) <= last[:, None]


@target_mask.mistake(
    "In a row without eos, only the first step counts for you: argmax answers 0 where nothing is found. Such "
    "a row was cut off, and all of it counts.",
    credit=0.5,
)
def row_without_end_lost(targets, eos):
    last = np.argmax(targets == eos, axis=1)
    return np.arange(targets.shape[1]) <= last[:, None]


@target_mask.mistake(
    "You ask which targets are not 0. Padding may look like anything, even like eos, and 0 may be a word: "
    "what counts is whether an eos came before."
)
def what_is_not_zero(targets, eos):
    return targets != 0


# ---------------------------------------------------------------- encode


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
def encode(x, lengths, W_xh, W_hh, b_h):
    states, _ = torch_rnn(W_xh, W_hh, b_h)(x)
    last = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[2])
    return states, states.gather(1, last)[:, 0]


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
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, -1]


@encode.mistake(
    "You read the state at index lengths, one step late. Counting starts at zero: a sequence of length 3 "
    "ends at index 2."
)
def one_step_late(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[np.arange(len(x)), np.minimum(lengths, x.shape[1] - 1)]


@encode.mistake(
    "The context is the average of the states. In this lesson it is the last valid state alone, as in the "
    "2014 papers."
)
def average_of_states(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return states, (states * real).sum(axis=1) / lengths[:, None]


@encode.mistake(
    "The context is the state after the first token. The last valid state has read the whole sentence."
)
def first_state(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, 0]


@encode.mistake(
    "You set the states at padding to zero. That is harmless, but here the network goes on through padding "
    "as if it were words: the masks of lesson 15 will hide those states.",
    credit=0.5,
)
def zeros_at_padding(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
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
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    step = np.minimum(np.arange(x.shape[1]), lengths[:, None] - 1)
    return states[np.arange(len(x))[:, None], step], states[np.arange(len(x)), lengths - 1]


@encode.mistake(
    "You set the inputs at padding to zero, and so the states there differ. That is harmless, but here x is "
    "read as it comes, padding included.",
    credit=0.5,
)
def padding_read_as_zeros(x, lengths, W_xh, W_hh, b_h):
    real = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    states = _np_states(x * real, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[np.arange(len(x)), lengths - 1]


@encode.mistake(
    "With `states[:, lengths - 1]` you take the last steps of *all* sentences from each of them, an axis too "
    "many. Pair every sentence with its own: states[np.arange(N), lengths - 1]."
)
def every_length_of_every_sentence(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, lengths - 1]


@encode.mistake(
    "All sentences are read off where the first one ends. Each has a length of its own: index states "
    "with two arrays, np.arange(N) and lengths - 1."
)
def first_length_for_all(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, lengths[0] - 1]


@encode.mistake(
    "All sentences are read off where the longest one ends, which is padding for the others. Take each one's "
    "own step, lengths[n] - 1."
)
def longest_length_for_all(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[:, lengths.max() - 1]


@encode.mistake(
    "The context is the average over all columns, padding included. In this lesson it is the last valid "
    "state alone."
)
def average_with_padding(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states.mean(axis=1)


@encode.mistake(
    "You read from the last column to the first, so that padding comes before the words. Read in the order "
    "of time."
)
def read_backwards(x, lengths, W_xh, W_hh, b_h):
    states = _np_states(x[:, ::-1], np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)
    return states, states[np.arange(len(x)), lengths - 1]


# ---------------------------------------------------------------- decode_teacher_forced


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
def decode_teacher_forced(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    h, _ = torch_rnn(W_xh, W_hh, b_h)(y_in, context[None].contiguous())
    return functional.linear(h, W_hy.T, b_y)


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


@decode_teacher_forced.mistake(
    "The decoder starts from zeros, so it never hears of the source. Its state before the first step is "
    "context."
)
def context_ignored(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return _np_states(y_in, np.zeros_like(context), W_xh, W_hh, b_h) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "Every step starts from context again. It is the state before the first step only; after that each step "
    "starts from the state before it."
)
def starts_anew_each_step(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return np.tanh(y_in @ W_xh + (context @ W_hh)[:, None] + b_h) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "You read out the state before each step instead of the state after it: the logits come one step late "
    "and the last input is never used."
)
def reads_state_before_step(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    h = _np_states(y_in, context, W_xh, W_hh, b_h)
    return np.concatenate([context[:, None], h[:, :-1]], axis=1) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "You added the context to every state before the readout. It enters once, as the state before the first "
    "step."
)
def context_added_to_states(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return (_np_states(y_in, context, W_xh, W_hh, b_h) + context[:, None]) @ W_hy + b_y


@decode_teacher_forced.mistake(
    "These are log-probabilities. Return the logits themselves, before the softmax; the loss takes the "
    "softmax.",
    credit=0.5,
)
def log_softmax_taken(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return _np_log_softmax(_np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy + b_y)


@decode_teacher_forced.mistake(
    "These are probabilities. Return the logits, before the softmax; the loss takes the softmax.", credit=0.5
)
def softmax_taken(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return np.exp(_np_log_softmax(_np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy + b_y))


@decode_teacher_forced.mistake(
    "You return the most probable tokens. The logits themselves are asked for, before any choice: (N, T, V)."
)
def tokens_instead_of_logits(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return (_np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy + b_y).argmax(axis=2)


@decode_teacher_forced.mistake(
    "You read out the last state alone. Every state is read out, for each step has a target: (N, T, V)."
)
def last_step_only(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return _np_states(y_in, context, W_xh, W_hh, b_h)[:, -1] @ W_hy + b_y


@decode_teacher_forced.mistake("The bias b_y is missing in the readout: logits = h W_hy + b_y.", credit=0.5)
def readout_without_bias(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    return _np_states(y_in, context, W_xh, W_hh, b_h) @ W_hy


@decode_teacher_forced.mistake("You return the states as well. Return the logits alone.", credit=0.5)
def states_returned_too(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    h = _np_states(y_in, context, W_xh, W_hh, b_h)
    return h @ W_hy + b_y, h


# ---------------------------------------------------------------- scheduled_inputs


@exercise(
    points=1,
    difficulty=2,
    minutes=10,
    returns=("y_in",),
    hints=(
        "First shift both tables, so that each column holds the tokens of the step before. Then choose at "
        "every step between the two.",
        "np.where(condition, a, b) chooses entry by entry. The draw for input t is uniforms[:, t], so the "
        "choice for input t looks at uniforms[:, t] and at column t - 1 of both tables.",
        "The whole body: return np.where(uniforms < p, shift_right(targets, sos), shift_right(predictions, "
        "sos))",
    ),
    source="Bengio, Vinyals, Jaitly and Shazeer (2015), Scheduled Sampling",
)
def scheduled_inputs(targets, predictions, uniforms, p, sos):
    chosen = torch.where(uniforms[:, 1:] < p, targets[:, :-1], predictions[:, :-1])
    return functional.pad(chosen, (1, 0), value=sos)


@scheduled_inputs.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, p, sos in ((3, 7, 0.5, 1), (5, 11, 0.3, 2), (2, 5, 1.0, 1), (3, 5, 0.0, 0), (2, 1, 0.5, 11)):
        targets = rng.integers(3, 11, size=(N, T))
        predictions = (targets - 3 + rng.integers(1, 8, size=(N, T))) % 8 + 3  # never equal
        uniforms = rng.uniform(size=(N, T))
        if p == 0:
            uniforms[1, 2] = 0.0  # a draw that equals p
        yield targets, predictions, uniforms, p, sos


@scheduled_inputs.mistake(
    "You always feed the true token: that is teacher forcing. With p = 0, as at test time, there is no "
    "teacher and every input is the model's own prediction."
)
def teacher_forcing_at_test_time(targets, predictions, uniforms, p, sos):
    return np.concatenate([np.full_like(targets[:, :1], sos), targets[:, :-1]], axis=1)


@scheduled_inputs.mistake(
    "You always feed the model's own predictions. With p = 1 every input must be the true token."
)
def always_own_predictions(targets, predictions, uniforms, p, sos):
    return np.concatenate([np.full_like(targets[:, :1], sos), predictions[:, :-1]], axis=1)


@scheduled_inputs.mistake(
    "True and predicted are swapped: p is the probability of the *true* token, so the true one is taken "
    "where uniforms < p."
)
def share_swapped(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, 1:] < p, predictions[:, :-1], targets[:, :-1])
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "The choice is right but not shifted: input t must be a token of step t - 1, and the first input is sos."
)
def choice_not_shifted(targets, predictions, uniforms, p, sos):
    return np.where(uniforms < p, targets, predictions)


@scheduled_inputs.mistake(
    "You shifted the draws too. The draw for input t is uniforms[:, t]; only the tokens come from step t - "
    "1.",
    credit=0.5,
)
def draws_shifted_too(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms < p, targets, predictions)[:, :-1]
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "You drew once for each sequence. Every step has its own draw, so that true and own tokens mix within a "
    "sequence."
)
def one_draw_per_sequence(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, :1] < p, targets, predictions)[:, :-1]
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "You wrote sos over the first choice and left the others in place: input t must be a token of step "
    "t - 1. Shift both tables, then choose."
)
def first_choice_overwritten(targets, predictions, uniforms, p, sos):
    y_in = np.where(uniforms < p, targets, predictions)
    y_in[:, 0] = sos
    return y_in


@scheduled_inputs.mistake(
    "You shifted the targets, but not the predictions: at step t the decoder would be given its own token t, "
    "which it has yet to choose."
)
def predictions_not_shifted(targets, predictions, uniforms, p, sos):
    before = np.concatenate([np.full_like(targets[:, :1], sos), targets[:, :-1]], axis=1)
    return np.where(uniforms < p, before, predictions)


@scheduled_inputs.mistake(
    "The true tokens are shifted, the model's own are not: predictions[:, t] is what it says *at* step t, so "
    "input t is predictions[:, t-1].",
    credit=0.25,
)
def own_tokens_one_step_early(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, 1:] < p, targets[:, :-1], predictions[:, 1:])
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "The coin decides about the first input as well. That one is always sos; uniforms[:, 0] is not used.",
    credit=0.5,
)
def coin_for_the_first_input(targets, predictions, uniforms, p, sos):
    first = np.where(uniforms[:, :1] < p, sos, predictions[:, :1])
    chosen = np.where(uniforms[:, 1:] < p, targets[:, :-1], predictions[:, :-1])
    return np.concatenate([first, chosen], axis=1)


@scheduled_inputs.mistake(
    "A draw that equals p counts as true for you. Ask for uniforms < p: with p = 0 even a draw of 0.0 takes "
    "the model's own token.",
    credit=0.5,
)
def equal_draw_is_true(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, 1:] <= p, targets[:, :-1], predictions[:, :-1])
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


# ---------------------------------------------------------------- greedy_decode and beam_search

SOS, EOS = 1, 2


def _np_next(h, token, E, W_xh, W_hh, b_h, W_hy, b_y):
    """State and log-probabilities (V,) after a decoder in state h (H,) has been given one token."""
    h = _np_step(E[token], h, W_xh, W_hh, b_h)
    return h, _np_log_softmax(h @ W_hy + b_y)


def _np_greedy(
    h,
    E,
    *weights,
    first=SOS,
    eos=EOS,
    max_len=13,
    feed=True,
    keep_state=True,
    best=np.argmax,
    forbidden=-1,
    also_ends=-1,
):
    """Greedy decoding with switches: what is fed back, whether the state moves on, when it stops."""
    ids, token, start = [], first, h
    for _ in range(max_len):
        h, log_p = _np_next(h if keep_state else start, token, E, *weights)
        if forbidden >= 0:
            log_p[forbidden] = -np.inf
        choice = int(best(log_p))
        if choice in (eos, also_ends):
            break
        ids.append(choice)
        token = choice if feed else first
    return np.array(ids, dtype=int)


def _np_read_first(h, E, W_xh, W_hh, b_h, W_hy, b_y, *, eos=EOS, max_len=13):
    """Greedy decoding that reads a word out of a state before it has fed anything."""
    ids = []
    for _ in range(max_len):
        choice = int((h @ W_hy + b_y).argmax())
        if choice == eos:
            break
        ids.append(choice)
        h = _np_step(E[choice], h, W_xh, W_hh, b_h)
    return np.array(ids, dtype=int)


def _decoder(rng, H, D, V, end_bias=0.0, start_bias=-50.0):
    """A random decoder that is sure of itself: context, E and the five weights.

    As a trained one, it never writes <sos> again, unless `start_bias` says otherwise.
    """
    weights = (*rnn_weights(rng, D, H, gain=1.5), 2 * rng.normal(size=(H, V)), rng.normal(size=V))
    weights[-1][EOS] += end_bias
    weights[-1][SOS] += start_bias
    return rng.uniform(-1, 1, size=H), 1.5 * rng.normal(size=(V, D)), *weights


def _telling_decoder(rng, H, D, V, length, other, start_bias=-50.0):
    """Draw decoders until greedy decoding writes a sentence in the range `length`, and `other` differs."""
    while True:
        drawn = _decoder(rng, H, D, V, start_bias=start_bias)
        ids = _np_greedy(*drawn)
        if length[0] <= len(ids) <= length[1] and len(set(ids)) > 2 and other(drawn, ids):
            return drawn


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("ids",),
    hints=(
        "A loop with two things that change: the state, and the token that is fed in next.",
        "One step: h = rnn_step(E[token][None], h, ...), shape (1, H); logits = (h @ W_hy + b_y)[0]; the "
        "next token is their argmax. Stop before you keep eos.",
        "token, h, ids = sos, context[None], []; for _ in range(max_len): h = rnn_step(E[token][None], h, "
        "W_xh, W_hh, b_h); token = int((h @ W_hy + b_y)[0].argmax()); if token == eos: break; "
        "ids.append(token). At the end: return np.array(ids, dtype=int)",
    ),
    source="Sutskever, Vinyals and Le (2014), section 3.2, with a beam of one",
)
def greedy_decode(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    cell = nn.RNNCell(*W_xh.shape, dtype=E.dtype, device=E.device)
    load_weights(cell, W_xh, W_hh, b_h)
    h, token, ids = context, torch.tensor(sos, device=E.device), []
    while len(ids) < max_len:
        h = cell(functional.embedding(token, E), h)
        token = functional.linear(h, W_hy.T, b_y).argmax()
        if token == eos:
            break
        ids.append(token)
    return torch.stack(ids) if ids else torch.zeros(0, dtype=torch.long, device=E.device)


@greedy_decode.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def telling(drawn, ids):
        others = (
            _np_greedy(*drawn, feed=False),
            _np_greedy(*drawn, keep_state=False),
            _np_greedy(np.zeros_like(drawn[0]), *drawn[1:]),
            _np_greedy(*drawn, first=EOS),
            _np_greedy(*drawn, best=np.argmin),
            _np_read_first(*drawn),
            _np_greedy(*drawn[:-1], np.zeros_like(drawn[-1])),
        )
        return not any(np.array_equal(ids, other) for other in others)

    def goes_on(drawn, ids):
        endless = _np_greedy(*drawn, eos=-1)
        return telling(drawn, ids) and not np.array_equal(ids, endless[endless != EOS])

    def writes_sos(drawn, ids):
        without = _np_greedy(*drawn, forbidden=SOS)
        stopped = _np_greedy(*drawn, also_ends=SOS)
        return SOS in ids and not np.array_equal(without, ids) and not np.array_equal(without, stopped)

    drawn = _telling_decoder(rng, 7, 5, 11, (4, 9), telling)
    yield *drawn, SOS, EOS, 13
    yield *drawn, SOS, EOS, 3  # cut off
    yield *_telling_decoder(rng, 5, 3, 7, (5, 11), goes_on), SOS, EOS, 13
    yield *_decoder(rng, 3, 2, 5, end_bias=-99), SOS, EOS, 5  # never ends by itself
    yield *_decoder(rng, 3, 2, 5, end_bias=99), SOS, EOS, 5  # ends at once
    yield *_telling_decoder(rng, 3, 2, 5, (3, 7), writes_sos, start_bias=1.0), SOS, EOS, 13


@greedy_decode.mistake(
    "The end token does not stop you: after eos you go on until max_len. Break as soon as eos is the choice."
)
def end_token_does_not_stop(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=-1, max_len=max_len)


@greedy_decode.mistake(
    "The end token is in your result. It says that the sentence is over, and is no part of it.", credit=0.5
)
def end_token_kept(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    ids = _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len)
    return ids if len(ids) == max_len else np.append(ids, eos)


@greedy_decode.mistake(
    "The start token is in your result. It opens the decoder; nobody predicted it.", credit=0.5
)
def start_token_kept(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    ids = _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len)
    return np.insert(ids, 0, sos)


@greedy_decode.mistake(
    "You feed sos at every step. From the second step on, the input is the token that you chose just before."
)
def always_feeds_sos(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len, feed=False)


@greedy_decode.mistake(
    "The state never moves on: every step starts from context. Keep the new state for the next step."
)
def state_never_updated(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, keep_state=False)


@greedy_decode.mistake("You start from a state of zeros, so the source is never heard. Start from context.")
def source_never_heard(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    zeros = np.zeros_like(context)
    return _np_greedy(zeros, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len)


@greedy_decode.mistake("You opened the decoder with eos. The first token that it is given is sos.")
def opens_with_eos(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=eos, eos=eos, max_len=max_len)


@greedy_decode.mistake("You take the least probable token at every step: use argmax, not argmin.")
def least_probable(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, best=np.argmin)


@greedy_decode.mistake(
    "Where no eos comes, your last token is missing: max_len tokens may be written, and only an eos is taken "
    "off.",
    credit=0.5,
)
def one_token_too_few(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len - 1)


@greedy_decode.mistake(
    "Where no eos comes, you write one token too many: up to max_len may be written.", credit=0.5
)
def one_token_too_many(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len + 1)


@greedy_decode.mistake(
    "You read a word out of context itself, before sos was fed. The first word comes out of the state after "
    "sos."
)
def read_before_sos_is_fed(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_read_first(context, E, W_xh, W_hh, b_h, W_hy, b_y, eos=eos, max_len=max_len)


@greedy_decode.mistake("The bias b_y is missing in the readout: logits = h W_hy + b_y.")
def greedy_without_bias(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, np.zeros_like(b_y))
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len)


@greedy_decode.mistake(
    "You write on to the end, and then delete every eos. The first eos ends the sentence: what follows it is "
    "no part of it either.",
    credit=0.5,
)
def ends_deleted_afterwards(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    ids = _np_greedy(*weights, first=sos, eos=-1, max_len=max_len)
    return ids[ids != eos]


@greedy_decode.mistake(
    "You do not let the decoder write sos. A trained one will hardly want to, but here every token may be "
    "chosen: take the most probable one.",
    credit=0.5,
)
def start_token_forbidden(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, forbidden=sos)


@greedy_decode.mistake("You stop at sos as well. Only eos ends the sentence.", credit=0.5)
def start_token_stops(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, also_ends=sos)


def _np_beam(
    context,
    E,
    W_xh,
    W_hh,
    b_h,
    W_hy,
    b_y,
    sos,
    eos,
    max_len,
    width,
    *,
    rank=lambda score, ids, ended: score,
    total=lambda score, log_p: score + log_p,
    logits=False,
    ends=True,
    grows_on=False,
    free_end=False,
    shared_state=False,
    aside=False,
    leaves=False,
    first_end=False,
    any_end=False,
    finished_first=False,
    old_state=False,
):
    """Beam search with switches. A hypothesis is (score, ids, state); one that ended has state None."""
    weights = (E, W_xh, W_hh, b_h, W_hy, b_y)
    beam, ended = [(0.0, [], context)], []
    for _ in range(max_len):
        grown = []
        for score, ids, h in beam:
            if h is None:
                grown.append((score, ids, None))
                continue
            h = beam[0][2] if shared_state and beam[0][2] is not None else h
            new, log_p = _np_next(h, ids[-1] if ids else sos, *weights)
            log_p = new @ W_hy + b_y if logits else log_p
            for token, value in enumerate(log_p):
                stop = ends and token == eos
                after = score if stop and free_end else total(score, value)
                state = None if stop and not grows_on else h if old_state else new
                grown.append((after, ids if stop else [*ids, token], state))
        grown.sort(key=lambda item: -rank(item[0], item[1], item[2] is None))
        if leaves:
            grown = grown[:width]
        if aside or leaves:
            ended += [item for item in grown if item[2] is None]
            grown = [item for item in grown if item[2] is not None]
        beam = grown[:width]
        if not beam or ((first_end or any_end) and any(item[2] is None for item in beam)):
            break
    if first_end or finished_first:
        beam = [item for item in beam if item[2] is None] or beam
    best = max(beam + ended, key=lambda item: rank(item[0], item[1], item[2] is None))
    return np.array(best[1], dtype=int), float(best[0])


#: Wrong searches, the likeliest to find the right answer first.
_WRONG = (
    {"aside": True},
    {"shared_state": True},
    {"rank": lambda score, ids, ended: score / (len(ids) + 1)},
    {"logits": True},
    {"total": lambda score, log_p: log_p},
    {"total": lambda score, log_p: score + np.exp(log_p)},
)


def _beams_tell(drawn, width, max_len, wrong=_WRONG):
    """Do all the wrong searches give different answers on this decoder, of middling length?"""
    arguments = (*drawn, SOS, EOS, max_len)
    right = _np_beam(*arguments, width)
    if not 2 < len(right[0]) < max_len - 1:
        return False
    found = {_rounded(right)}
    for switch in ({"width": 1}, *wrong):
        answer = _rounded(_np_beam(*arguments, **{"width": width} | switch))
        if answer in found:
            return False
        found.add(answer)
    return True


#: Wrong searches that favour long sentences, and are easily taken for each other.
_LONGER = (
    {"grows_on": True},
    {"ends": False},
    {"rank": lambda score, ids, ended: score / (len(ids) + 1)},
)


def _ends_tell(drawn, width, max_len):
    return _beams_tell(drawn, width, max_len, _LONGER)


def _rounded(result):
    ids, score = result
    return tuple(ids), round(score, 6)


def _writes_sos(drawn, width, max_len):
    """Is sos one of several words?"""
    ids, _ = _np_beam(*drawn, SOS, EOS, max_len, width)
    return SOS in ids and len(ids) > 1


def _telling_beam(rng, H, D, V, width, max_len, start_bias=-50.0, tell=_beams_tell):
    while True:
        weights = (*rnn_weights(rng, D, H, gain=1.2), rng.normal(size=(H, V)), 0.5 * rng.normal(size=V))
        weights[-1][SOS] += start_bias
        drawn = (rng.uniform(-1, 1, size=H), 1.2 * rng.normal(size=(V, D)), *weights)
        if tell(drawn, width, max_len):
            return drawn


#: What follows sos, 3, 4 and 0, as probabilities of 0, sos, eos, 3, 4. With two places the empty sentence
#: (0.12) is kept at first, then pushed out by [3, 0] and [3, 4] (0.40 and 0.37), which then fall below it.
_AFTER = {
    SOS: (0.03, 0.02, 0.12, 0.80, 0.03),
    3: (0.50, 0.01, 0.01, 0.02, 0.46),
    4: (0.23, 0.24, 0.05, 0.22, 0.26),
    0: (0.26, 0.21, 0.05, 0.23, 0.25),
    EOS: (0.20, 0.20, 0.20, 0.20, 0.20),
}


def _pushed_out(rng):
    """A decoder in which a finished hypothesis loses its place to two that come to nothing."""
    V, H, D = len(_AFTER), 7, 3
    W_xh, W_hh, b_h = rnn_weights(rng, D, H)
    E, b_y = 1.5 * rng.normal(size=(V, D)), 0.5 * rng.normal(size=V)
    log_p = np.log([_AFTER[token] for token in range(V)])
    W_hy = np.linalg.pinv(np.tanh(E @ W_xh + b_h)) @ (log_p - b_y)  # (H, V): state after each token -> log_p
    return rng.uniform(-1, 1, size=H), E, W_xh, 1e-4 * W_hh, b_h, W_hy, b_y


@exercise(
    points=4,
    difficulty=3,
    minutes=35,
    returns=("ids", "score"),
    hints=(
        "A hypothesis is a triple: its score so far, its tokens so far, and the decoder's state after them. "
        "Start with one: (0.0, [], context[None]).",
        "In each round, a finished hypothesis goes on as it is; every other one becomes V new ones, with "
        "score + log_p[token]. Sort all of them by score and keep the best `width`. Use the state None for "
        "a finished one.",
        "for score, ids, h in beam: if h is None: grown.append((score, ids, h)); continue; then h_new = "
        "rnn_step(E[ids[-1] if ids else sos][None], h, W_xh, W_hh, b_h); log_p = np.log(softmax((h_new @ "
        "W_hy + b_y)[0])); and for each token grown.append((score + log_p[token], ids if token == eos else "
        "ids + [token], None if token == eos else h_new)). Then beam = sorted(grown, key=lambda b: "
        "-b[0])[:width].",
    ),
    source="Sutskever, Vinyals and Le (2014), section 3.2",
)
def beam_search(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    cell = nn.RNNCell(*W_xh.shape, dtype=E.dtype, device=E.device)
    load_weights(cell, W_xh, W_hh, b_h)
    V = len(b_y)
    stay = torch.full((V,), -torch.inf, dtype=E.dtype, device=E.device)
    stay[eos] = 0.0  # a finished hypothesis can only be followed by nothing more
    tokens = torch.full((1, 1), sos, device=E.device)  # (beams, written), the first column is sos
    h, score = context[None], torch.zeros(1, dtype=E.dtype, device=E.device)
    done = torch.zeros(1, dtype=torch.bool, device=E.device)
    for _ in range(max_len):
        h = cell(functional.embedding(tokens[:, -1], E), h)
        log_p = functional.log_softmax(functional.linear(h, W_hy.T, b_y), dim=1)
        every = score[:, None] + torch.where(done[:, None], stay, log_p)  # (beams, V)
        score, flat = every.flatten().topk(min(width, int(torch.isfinite(every).sum())))
        parent, token = flat // V, flat % V
        tokens = torch.cat([tokens[parent], token[:, None]], dim=1)
        h, done = h[parent], done[parent] | (token == eos)
    written = tokens[0, 1:]
    return written[written != eos], score[0]


@beam_search.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    drawn = _telling_beam(rng, 5, 3, 7, 3, 11)
    yield *drawn, SOS, EOS, 11, 3
    yield *drawn, SOS, EOS, 11, 1  # greedy
    yield *_telling_beam(rng, 3, 2, 5, 2, 7, tell=_ends_tell), SOS, EOS, 7, 2
    drawn = _pushed_out(rng)
    yield *drawn, SOS, EOS, 3, 2
    yield *drawn, SOS, EOS, 3, 1
    yield *drawn, SOS, EOS, 2, 3  # cut off while a finished one is second best
    yield *drawn, SOS, EOS, 3, 200  # wider than the number of sentences: exhaustive
    yield *_decoder(rng, 3, 2, 5, end_bias=99), SOS, EOS, 3, 2  # ends at once
    yield *_telling_beam(rng, 3, 2, 5, 2, 5, start_bias=0.5, tell=_writes_sos), SOS, EOS, 5, 2


@beam_search.mistake(
    "You multiply probabilities: the score must be the sum of log-probabilities. A product of many small "
    "numbers soon underflows to zero."
)
def product_of_probabilities(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return ids, float(np.exp(score))


@beam_search.mistake(
    "You add probabilities. Probabilities of successive choices multiply, so it is their logarithms that add."
)
def sum_of_probabilities(*given):
    return _np_beam(*given, total=lambda score, log_p: score + np.exp(log_p))


@beam_search.mistake(
    "You add up raw logits. Take the logarithm of the softmax first: logits of different steps have no "
    "common scale."
)
def sum_of_logits(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, logits=True)


@beam_search.mistake(
    "The scores are not accumulated: each round ranks by the last token's log-probability alone. Add it to "
    "the hypothesis's score so far."
)
def scores_not_accumulated(*given):
    return _np_beam(*given, total=lambda score, log_p: log_p)


@beam_search.mistake(
    "This is greedy search: only one hypothesis is kept, or several copies of it. Begin with a single one, "
    "sort the children of all together, and keep the best `width`."
)
def width_ignored(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, 1)


@beam_search.mistake(
    "The end token does not stop a hypothesis: finished ones grow on. Carry a finished one through unchanged."
)
def finished_ones_grow_on(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, ends=False)


@beam_search.mistake(
    "All hypotheses continue from the best one's state. Each has its own past, so each needs its own state."
)
def state_shared_by_beams(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, shared_state=True)


@beam_search.mistake(
    "You rank by score per token. That is a common refinement, but here the score is the plain sum.",
    credit=0.5,
)
def divided_by_length(*given):
    return _np_beam(*given, rank=lambda score, ids, ended: score / (len(ids) + 1))


@beam_search.mistake(
    "You set finished hypotheses aside, so that `width` unfinished ones go on beside them. That is a common "
    "variant; here a finished one keeps its place among the `width`.",
    credit=0.5,
)
def finished_ones_set_aside(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, aside=True)


@beam_search.mistake(
    "The end token is in the returned ids. It ends the sentence and is no part of it.", credit=0.5
)
def end_token_in_ids(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return (ids if len(ids) == max_len else np.append(ids, eos)), score


@beam_search.mistake(
    "A hypothesis that has chosen eos grows on from its last word in your next round. Ask whether it is "
    "finished before you grow it, and carry it through unchanged."
)
def finished_ones_not_spared(*given):
    return _np_beam(*given, grows_on=True)


@beam_search.mistake(
    "The end token costs nothing: its log-probability is not added, so that stopping at once always scores "
    "best."
)
def end_token_is_free(*given):
    return _np_beam(*given, free_end=True)


@beam_search.mistake(
    "A finished hypothesis leaves your beam, as in the paper, and is kept in a list of its own. Here it "
    "stays among the `width` and competes for its place: better ones may push it out.",
    credit=0.5,
)
def finished_ones_leave(*given):
    return _np_beam(*given, leaves=True)


@beam_search.mistake(
    "You stop as soon as one hypothesis is finished. Another one may still end with a higher score: play all "
    "max_len rounds."
)
def stops_at_the_first_end(*given):
    return _np_beam(*given, first_end=True)


@beam_search.mistake(
    "You stop as soon as any hypothesis of the beam is finished. The others go on, and may still win or push "
    "it out: play all max_len rounds."
)
def stops_at_any_end(*given):
    return _np_beam(*given, any_end=True)


@beam_search.mistake(
    "The children keep their parent's old state, so no state ever moves on. Hand the state after the last "
    "word's step to them."
)
def children_keep_the_old_state(*given):
    return _np_beam(*given, old_state=True)


@beam_search.mistake(
    "The ids are right, but the score is divided by their number. Return the plain sum of log-probabilities.",
    credit=0.5,
)
def score_per_word(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return ids, score / max(len(ids), 1)


@beam_search.mistake(
    "The ids are right, but the score is divided by their number plus one. Return the plain sum of "
    "log-probabilities.",
    credit=0.5,
)
def score_per_token(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return ids, score / (len(ids) + 1)


@beam_search.mistake(
    "You return the best *finished* hypothesis. At the end the highest score wins, finished or not."
)
def finished_ones_preferred(*given):
    return _np_beam(*given, finished_first=True)


@beam_search.mistake(
    "You compare scores per token, the end token counted with them. That is a common refinement, but here "
    "the plain sums are compared.",
    credit=0.5,
)
def divided_by_all_tokens(*given):
    return _np_beam(*given, rank=lambda score, ids, ended: score / (len(ids) + ended))


@beam_search.mistake(
    "Hypotheses grow on after eos, and you cut them there at the end: the score still holds what you cut "
    "off. Carry a finished one through unchanged."
)
def cut_at_the_end(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, ends=False)
    return ids[: np.argmax(ids == eos)] if eos in ids else ids, score


@beam_search.mistake(
    "You do not let the decoder write sos. A trained one will hardly want to, but here a hypothesis grows by "
    "every token of the vocabulary.",
    credit=0.5,
)
def beam_without_start_token(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    b_y = np.where(np.arange(len(b_y)) == sos, -1e9, b_y)
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)


@beam_search.mistake(
    "The first hypothesis starts from a state of zeros, so the source is never heard. Start from context."
)
def beam_from_zeros(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    zeros = np.zeros_like(context)
    return _np_beam(zeros, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)


@beam_search.mistake("The results are swapped: return ids first, then score.", credit=0.5)
def score_before_ids(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return score, ids


@beam_search.mistake("There is one round too few: max_len tokens may be chosen, eos included.", credit=0.5)
def one_round_too_few(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len - 1, width)


@beam_search.mistake("There is one round too many: max_len tokens may be chosen, eos included.", credit=0.5)
def one_round_too_many(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len + 1, width)


@beam_search.mistake(
    "The start token is in the returned ids. It opens the decoder; nobody chose it.", credit=0.5
)
def start_token_in_ids(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = _np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return np.insert(ids, 0, sos), score


# ---------------------------------------------------------------- exact_match


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("share",),
    hints=(
        "A prediction counts only when it has the reference's length and every token is right.",
        "np.array_equal(a, b) is False, without complaint, when the lengths differ.",
        "The whole body: return sum(np.array_equal(p, r) for p, r in zip(predictions, references)) / "
        "len(references)",
    ),
    source="The name is Rajpurkar et al.'s (2016), SQuAD: 100,000+ Questions, section 6.1",
)
def exact_match(predictions, references):
    right = [torch.equal(p, r) for p, r in zip(predictions, references, strict=True)]
    return torch.tensor(right, dtype=torch.float64).mean()


@exact_match.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def ids(length):
        return rng.integers(3, 11, size=length)

    references = [ids(n) for n in (5, 3, 7, 2, 4, 6, 3)]
    predictions = [r.copy() for r in references]
    predictions[1] = (predictions[1] - 2) % 8 + 3  # every token wrong
    predictions[2][-1] = (predictions[2][-1] - 2) % 8 + 3  # the last token wrong
    predictions[3] = np.append(predictions[3], 5)  # one token too many
    predictions[4] = predictions[4][:-1]  # one too few
    references[6], predictions[6] = np.array([3, 4, 5]), np.array([4, 3, 5])  # right tokens, wrong order
    yield predictions, references
    references = [ids(n) for n in (4, 2, 3)]
    yield [r.copy() for r in references], references
    yield (
        [np.zeros(0, dtype=int), ids(2) + 20, ids(1)],
        [np.zeros(0, dtype=int), ids(2), np.zeros(0, dtype=int)],
    )
    short, long, other = np.array([3, 7]), np.array([3, 7, 5]), np.array([7, 3])
    for predicted, wanted in ((short, long), (long, short), (other, short)):
        yield [predicted], [wanted]  # too short, too long, in another order
    yield [short, long], [long, short]  # each is right, for the other source
    yield [np.array([1, 23]), short], [np.array([12, 3]), short]  # the same digits


@exact_match.mistake(
    "You count tokens. Exact match counts sentences: one wrong token, and the whole sentence is wrong."
)
def counts_tokens(predictions, references):
    pairs = list(zip(predictions, references, strict=True))
    right = sum((p[: len(r)] == r[: len(p)]).sum() for p, r in pairs)
    return float(right / sum(len(r) for r in references))


@exact_match.mistake(
    "You compare only as far as both reach, so a sentence that stops too early or runs on counts as right."
)
def compares_common_part(predictions, references):
    right = [bool((p[: len(r)] == r[: len(p)]).all()) for p, r in zip(predictions, references, strict=True)]
    return sum(right) / len(right)


@exact_match.mistake(
    "You returned how many match. Divide by the number of references: it is a share.", credit=0.5
)
def counts_not_share(predictions, references):
    return sum(np.array_equal(p, r) for p, r in zip(predictions, references, strict=True))


@exact_match.mistake("You compare which tokens occur, in any order. The order is part of the answer.")
def any_order(predictions, references):
    right = [sorted(p) == sorted(r) for p, r in zip(predictions, references, strict=True)]
    return sum(right) / len(right)


@exact_match.mistake("You compare only the lengths. The tokens must be equal too.")
def compares_lengths(predictions, references):
    return sum(len(p) == len(r) for p, r in zip(predictions, references, strict=True)) / len(references)


@exact_match.mistake(
    "A prediction that stops early counts as right: you compare only as far as it goes. The lengths must be "
    "equal too."
)
def beginnings_count(predictions, references):
    pairs = zip(predictions, references, strict=True)
    return sum(list(p) == list(r[: len(p)]) for p, r in pairs) / len(references)


@exact_match.mistake(
    "You look for each prediction anywhere among the references. Prediction n must be reference n: another "
    "sentence's translation is wrong."
)
def found_anywhere(predictions, references):
    return sum(any(np.array_equal(p, r) for r in references) for p in predictions) / len(references)


@exact_match.mistake(
    "You join the numbers to one text before you compare, and 1, 23 reads like 12, 3. Compare token by token."
)
def joined_to_text(predictions, references):
    pairs = zip(predictions, references, strict=True)
    return sum("".join(map(str, p)) == "".join(map(str, r)) for p, r in pairs) / len(references)


@exact_match.mistake("This is the share of the *wrong* predictions. Count the right ones.", credit=0.5)
def share_of_wrong(predictions, references):
    pairs = zip(predictions, references, strict=True)
    return 1 - sum(np.array_equal(p, r) for p, r in pairs) / len(references)
