"""Lesson 04, sample_ids: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.draws import rnn_weights
from autograder.exercises.numpy_rnn.parts import np_softmax, np_step


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("ids",),
    hints=(
        "The network reads a symbol, says how likely each next one is, one is drawn, and that one is read "
        "next.",
        "Keep h of shape (1, H), zeros at first. A one-hot row is np.eye(V)[symbol][None], (1, V). The "
        "drawn symbol is the first whose cumulative probability exceeds the uniform number: "
        "np.searchsorted(p.cumsum(), u, side='right').",
        "In round i: h = rnn_step(np.eye(V)[symbol][None], h, W_xh, W_hh, b_h); p = softmax(h @ W_hy + "
        "b_y)[0]; symbol = min(int(np.searchsorted(p.cumsum(), uniforms[i], side='right')), V - 1); ids[i] "
        "= symbol",
    ),
    source="Sutskever, Martens and Hinton (2011), Generating Text with Recurrent Neural Networks",
)
def sample_ids(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms): ...


@sample_ids.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, H, T in ((7, 5, 31), (5, 11, 29), (3, 2, 23)):
        weights = rnn_weights(rng, V, H, gain=2.0)
        yield (int(rng.integers(V)), *weights, 2 * rng.normal(size=(H, V)), rng.normal(size=V), rng.random(T))
    weights = rnn_weights(rng, 11, 3, gain=2.0)
    yield (2, *weights, rng.normal(size=(3, 11)), rng.normal(size=11), np.array([0.0, 1 - 2**-53, 0.5]))
    yield (1, *rnn_weights(rng, 5, 3), rng.normal(size=(3, 5)), rng.normal(size=5), np.array([0.3]))
    # Seven equal probabilities add up to a hair less than 1: no running sum exceeds the last float below 1.
    weights = rnn_weights(rng, 7, 2)
    yield (4, *weights, np.zeros((2, 7)), np.zeros(7), np.array([1 - 2**-53, rng.random()]))
    # Symbol 0 is impossible: a draw of exactly 0 must pass it by, and scores of 1000 must not overflow.
    uniforms = np.array([0.0, 0.7, 0.2, 0.0, 0.9])
    yield (2, *rnn_weights(rng, 3, 2), np.zeros((2, 3)), np.array([-1000.0, 1000.0, 1000.0]), uniforms)


def _np_draw(p, u):
    return min(int(np.searchsorted(p.cumsum(), u, side="right")), len(p) - 1)


def _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms, draw=_np_draw):
    ids, h, symbol = [], np.zeros((1, len(W_hh))), first
    for u in uniforms:
        h = np_step(np.eye(len(W_xh))[[symbol]], h, W_xh, W_hh, b_h)
        symbol = draw(np_softmax(h @ W_hy + b_y)[0], u)
        ids.append(symbol)
    return np.array(ids)


@sample_ids.mistake(
    "You always take the likeliest symbol. Draw instead: the first symbol whose cumulative probability "
    "exceeds the uniform number."
)
def takes_likeliest(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms, lambda p, u: int(p.argmax()))


@sample_ids.mistake(
    "The state is thrown away between the rounds, so this is a chain that sees one symbol only. Keep h."
)
def forgets_state(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return _np_sample(first, W_xh, np.zeros_like(W_hh), b_h, W_hy, b_y, uniforms)


@sample_ids.mistake(
    "The drawn symbol is not fed back: `first` enters every round. Read what you have just drawn."
)
def reads_first_again(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    h, ids = np.zeros((1, len(W_hh))), []
    for u in uniforms:
        h = np_step(np.eye(len(W_xh))[[first]], h, W_xh, W_hh, b_h)
        ids.append(_np_draw(np_softmax(h @ W_hy + b_y)[0], u))
    return np.array(ids)


@sample_ids.mistake(
    "Your ids start with `first` and the last draw is missing. Return the drawn symbols only, one per "
    "uniform.",
    credit=0.5,
)
def starts_with_first(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return np.array([first, *_np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms)[:-1]])


@sample_ids.mistake(
    "The symbol `first` stands in front of the drawn symbols, so there is one too many. Return one id per "
    "uniform.",
    credit=0.5,
)
def adds_first(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return np.array([first, *_np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms)])


@sample_ids.mistake(
    "You draw from the wrong end: accumulate the probabilities from symbol 0 upwards, and take the first "
    "symbol whose cumulative probability exceeds the uniform number."
)
def draws_from_the_end(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    def draw(p, u):
        return len(p) - 1 - _np_draw(p[::-1], u)

    return _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms, draw)


@sample_ids.mistake(
    "Your draw is one symbol too high: the answer is the first symbol whose cumulative probability exceeds "
    "the uniform number, and symbol 0 is possible."
)
def draw_too_high(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    def draw(p, u):
        return min(_np_draw(p, u) + 1, len(p) - 1)

    return _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms, draw)


@sample_ids.mistake(
    "Where no running sum exceeds the uniform number, argmax of all False is 0; the last symbol is meant. "
    "Take the number of running sums that are at most the uniform number, and no more than V - 1."
)
def argmax_of_no_sum(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    def draw(p, u):
        return int(np.argmax(u < p.cumsum()))

    return _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms, draw)


@sample_ids.mistake("One uniform number serves all rounds; round i uses uniforms[i].")
def one_uniform(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, np.full_like(uniforms, uniforms[0]))


@sample_ids.mistake(
    "You feed the probabilities back. The network must read the symbol that was drawn, as a one-hot row."
)
def feeds_probabilities(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    h, x, ids = np.zeros((1, len(W_hh))), np.eye(len(W_xh))[[first]], []
    for u in uniforms:
        h = np_step(x, h, W_xh, W_hh, b_h)
        x = np_softmax(h @ W_hy + b_y)
        ids.append(_np_draw(x[0], u))
    return np.array(ids)


@sample_ids.mistake("The scores' bias b_y is missing before the softmax.")
def sample_without_output_bias(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return _np_sample(first, W_xh, W_hh, b_h, W_hy, np.zeros_like(b_y), uniforms)


@sample_ids.mistake(
    "You take the first symbol whose cumulative probability *reaches* the uniform number, so at 0.0 a "
    "symbol of probability 0 is drawn. It has to exceed it: side='right', or cumsum > u.",
    credit=0.75,
)
def draw_reaches(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    def draw(p, u):
        return min(int(np.searchsorted(p.cumsum(), u, side="left")), len(p) - 1)

    return _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms, draw)


@sample_ids.mistake(
    "The symbol `first` is read twice: once before the rounds and again in the first one. Start the rounds "
    "with h at zero.",
    credit=0.5,
)
def reads_first_twice(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    h, symbol, ids = (
        np_step(np.eye(len(W_xh))[[first]], np.zeros((1, len(W_hh))), W_xh, W_hh, b_h),
        first,
        [],
    )
    for u in uniforms:
        h = np_step(np.eye(len(W_xh))[[symbol]], h, W_xh, W_hh, b_h)
        symbol = _np_draw(np_softmax(h @ W_hy + b_y)[0], u)
        ids.append(symbol)
    return np.array(ids)


@sample_ids.mistake(
    "The network's own bias b_h is missing: each round is a full rnn_step.",
    credit=0.25,
)
def sample_without_state_bias(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return _np_sample(first, W_xh, W_hh, np.zeros_like(b_h), W_hy, b_y, uniforms)


@sample_ids.mistake(
    "Your probabilities come from exp without a shift: large scores overflow, and nan is drawn from. Use "
    "the softmax above.",
    credit=0.5,
)
def sample_without_shift(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    h, symbol, ids = np.zeros((1, len(W_hh))), first, []
    for u in uniforms:
        h = np_step(np.eye(len(W_xh))[[symbol]], h, W_xh, W_hh, b_h)
        e = np.exp(h @ W_hy + b_y)[0]
        symbol = _np_draw(e / e.sum(), u)
        ids.append(symbol)
    return np.array(ids)


@sample_ids.mistake(
    "You fed the symbol's number times the first row of W_xh. A symbol is a one-hot row, which picks its "
    "own: W_xh[symbol]."
)
def id_as_number(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    ids, h, symbol = [], np.zeros(len(W_hh)), first
    for u in uniforms:
        h = np.tanh(symbol * W_xh[0] + h @ W_hh + b_h)
        symbol = _np_draw(np_softmax(h @ W_hy + b_y), u)
        ids.append(symbol)
    return np.array(ids)


@sample_ids.mistake(
    "Only the first symbol is read. What you drew is the next input: feed it in the next step."
)
def never_reads_what_it_drew(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    ids, h = [], np.tanh(W_xh[first] + b_h)
    for u in uniforms:
        ids.append(_np_draw(np_softmax(h @ W_hy + b_y), u))
        h = np.tanh(h @ W_hh + b_h)
    return np.array(ids)
