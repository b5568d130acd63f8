"""Lesson 15, attention_decoder_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.attention.draws import masks
from autograder.exercises.attention.parts import np_attend, np_masked_softmax
from autograder.exercises.families import inverted_mask, own_softmax
from autograder.exercises.numpy_rnn.draws import rnn_weights
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("logits", "s"),
    hints=(
        "Four steps: move the state, look at the source with the new state, mix the two, read out.",
        "np.concatenate([context, s], axis=1) is (N, 2H), context first. Only s is handed to the next step.",
        "s = rnn_step(y, s_prev, W_xh, W_hh, b_h); context, _ = attend(s, states, mask); mixed = "
        "np.tanh(np.concatenate([context, s], axis=1) @ W_c + b_c); return mixed @ W_hy + b_y, s",
    ),
    source="Luong, Pham and Manning (2015), equations 5 and 6",
)
def attention_decoder_step(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y): ...


@attention_decoder_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H, V in (
        (3, 5, 2, 7, 11),
        (2, 7, 5, 3, 5),
        (1, 3, 2, 2, 2),
        (1, 1, 3, 5, 3),
        (5, 3, 2, 2, 7),
    ):
        yield (
            rng.normal(size=(N, D)),
            rng.uniform(-1, 1, size=(N, H)),
            rng.uniform(-1, 1, size=(N, T, H)),
            masks(rng, N, T) & (np.arange(N) != 4)[:, None],  # of five sentences, the last is empty
            *rnn_weights(rng, D, H),
            rng.normal(size=(2 * H, H)) / np.sqrt(H),
            rng.normal(size=H),
            rng.normal(size=(H, V)),
            rng.normal(size=V),
        )


def _np_decoder_step(
    y,
    s_prev,
    states,
    mask,
    W_xh,
    W_hh,
    b_h,
    W_c,
    b_c,
    W_hy,
    b_y,
    *,
    old=False,
    swap=False,
    squash=np.tanh,
    late=False,
    softmax=np_masked_softmax,
    scale=1.0,
):
    """-> logits, s, mixed; the switches are the mistakes below."""
    s = np.tanh(y @ W_xh + s_prev @ W_hh + b_h)
    context, _ = np_attend(s_prev if old else s, states, mask, scale, softmax)
    both = np.concatenate([s, context] if swap else [context, s], axis=1)
    mixed = squash(both @ W_c) + b_c if late else squash(both @ W_c + b_c)
    return mixed @ W_hy + b_y, s, mixed


def _np_right(*given, **spoilt):
    return _np_decoder_step(*given, **spoilt)[:2]


inverted_mask(attention_decoder_step, _np_right, "mask")
own_softmax(attention_decoder_step, lambda softmax: lambda *given: _np_right(*given, softmax=softmax))


@attention_decoder_step.mistake(
    "You divided the scores by the square root of H. Here the scale is 1; lesson 16 says why it changes."
)
def decoder_scales_scores(*given):
    return _np_right(*given, scale=1 / np.sqrt(given[1].shape[1]))


@attention_decoder_step.mistake(
    "You took the one state with the largest weight. The context is the weighted sum of all of them."
)
def decoder_picks_the_strongest(*given):
    def strongest(scores, mask):
        weights = np_masked_softmax(scores, mask)
        return np.eye(scores.shape[1])[weights.argmax(axis=1)] * mask.any(axis=1, keepdims=True)

    return _np_right(*given, softmax=strongest)


@attention_decoder_step.mistake(
    "You look at the source with the old state. Here the state moves first, and the new one asks the "
    "question (Luong); asking with the old one is Bahdanau's order."
)
def asks_with_old_state(*given):
    return _np_decoder_step(*given, old=True)[:2]


@attention_decoder_step.mistake(
    "The order is [context; s], context first: the upper half of W_c belongs to it."
)
def halves_swapped(*given):
    return _np_decoder_step(*given, swap=True)[:2]


@attention_decoder_step.mistake(
    "You mixed the context with s_prev. It stands beside the new state: [context; s].", credit=0.5
)
def mixed_with_old_state(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    s = np.tanh(y @ W_xh + s_prev @ W_hh + b_h)
    context, _ = np_attend(s, states, mask)
    return np.tanh(np.concatenate([context, s_prev], axis=1) @ W_c + b_c) @ W_hy + b_y, s


@attention_decoder_step.mistake("The tanh around [context; s] W_c + b_c is missing.")
def mixed_without_tanh(*given):
    return _np_decoder_step(*given, squash=lambda z: z)[:2]


@attention_decoder_step.mistake("You added b_c after tanh: it belongs into the sum that is squashed.")
def bias_of_mix_outside(*given):
    return _np_decoder_step(*given, late=True)[:2]


@attention_decoder_step.mistake(
    "You handed on the mixed vector. The next step continues from s, the state of the recurrent network.",
    credit=0.5,
)
def mixed_handed_on(*given):
    logits, _, mixed = _np_decoder_step(*given)
    return logits, mixed


@attention_decoder_step.mistake(
    "The readout sees only s: you computed the context, but never used it, so the bottleneck is still there."
)
def context_never_used(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    s = np.tanh(y @ W_xh + s_prev @ W_hh + b_h)
    return s @ W_hy + b_y, s


@attention_decoder_step.mistake("The mask is not passed on: padding is attended to.")
def decoder_sees_padding(y, s_prev, states, mask, *weights):
    return _np_decoder_step(y, s_prev, states, np.ones_like(mask), *weights)[:2]


@attention_decoder_step.mistake("These are probabilities. Return the logits, before the softmax.", credit=0.5)
def decoder_returns_probabilities(*given):
    logits, s, _ = _np_decoder_step(*given)
    return np_softmax(logits), s


@attention_decoder_step.mistake("The bias b_c is missing in tanh([context; s] W_c + b_c).")
def bias_of_mix_missing(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    given = (y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, np.zeros_like(b_c), W_hy, b_y)
    return _np_decoder_step(*given)[:2]


@attention_decoder_step.mistake("The bias b_y of the readout is missing.", credit=0.5)
def bias_of_readout_missing(*given):
    logits, s, _ = _np_decoder_step(*given)
    return logits - given[-1], s


@attention_decoder_step.mistake(
    "You squash the logits as well. The tanh belongs around [context; s] W_c + b_c alone; the readout has "
    "none."
)
def logits_squashed(*given):
    logits, s, _ = _np_decoder_step(*given)
    return np.tanh(logits), s


@attention_decoder_step.mistake(
    "The tanh is around the whole readout. It belongs around [context; s] W_c + b_c, before W_hy."
)
def squashed_too_late(*given):
    logits, s, _ = _np_decoder_step(*given, squash=lambda z: z)
    return np.tanh(logits), s


@attention_decoder_step.mistake(
    "You handed on the context. It is made anew at each step; the next step continues from the state s.",
    credit=0.5,
)
def context_handed_on(*given):
    logits, s, _ = _np_decoder_step(*given)
    return logits, np_attend(s, *given[2:4])[0]


@attention_decoder_step.mistake(
    "You handed on s_prev, so the state never moves. Return the new s.", credit=0.5
)
def old_state_handed_on(*given):
    return _np_decoder_step(*given)[0], given[1].copy()
