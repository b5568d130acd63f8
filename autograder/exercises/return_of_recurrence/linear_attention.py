"""Lesson 19, linear_attention: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.loops import loops
from autograder.exercises.numpy_rnn.parts import np_softmax
from autograder.exercises.return_of_recurrence.parts import np_outer, np_states


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("y",),
    hints=(
        "Lesson 16 without the softmax: y_t is the sum over s <= t of (q_t . k_s) v_s. q_t does not depend "
        "on s: put it outside the sum.",
        "What stays inside, the sum of k_s v_s, is a state (N, d, e). Step t adds the outer product of "
        "k[:, t] and v[:, t] to it; then q[:, t] reads it.",
        "In round t: h = h + k[:, t, :, None] * v[:, t, None, :]; y[:, t] = (q[:, t, None] @ h)[:, 0]",
    ),
    source="Katharopoulos, Vyas, Pappas and Fleuret (2020), Transformers are RNNs",
)
def linear_attention(q, k, v): ...


@linear_attention.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, d, e in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 3, 2), (2, 13, 1, 3), (2, 4, 3, 3)):
        q, k = rng.normal(size=(2, N, T, d))
        yield (q, k, rng.normal(size=(N, T, e)))
    q, k = rng.normal(size=(2, 2, 7, 3))
    k[0, 2:] = 0  # later steps write nothing
    yield (10 * q, 10 * k, rng.normal(size=(2, 7, 2)))


def _read(q, h):
    return np.einsum("ntd,ntde->nte", q, h)


def _np_linear(q, k, v):
    h = np_outer(k, v)
    return _read(q, np_states(np.ones_like(h), h))


def _weighted(q, k, v, weigh):
    """Attention with weights made of the scores (N, T, T) and the causal mask."""
    scores = np.einsum("ntd,nsd->nts", q, k)
    return weigh(scores, np.tri(q.shape[1], dtype=bool)) @ v


loops(
    linear_attention,
    _np_linear,
    ("q", "k", "v"),
    (),
    "runs_backwards",
    "never_updated",
    "stores_before_step",
    "keeps_start",
)


@linear_attention.mistake(
    "This looks ahead: every query meets all steps, later ones too. The state at step t holds steps up to t."
)
def looks_ahead(q, k, v):
    return _weighted(q, k, v, lambda scores, causal: scores)


@linear_attention.mistake(
    "Step t sees itself and all later steps, and none before it. Either your mask is turned over (triu where "
    "tril is meant), or you went through the sequence from its end: both give these numbers. Step t sees the "
    "steps up to t."
)
def runs_backwards(q, k, v):
    return _weighted(q, k, v, lambda scores, causal: scores * causal.T)


@linear_attention.mistake(
    "Step t does not see itself: the state is read before k_t v_t is written (or the mask leaves the "
    "diagonal out). Write, then read.",
    credit=0.5,
)
def reads_before_writing(q, k, v):
    return _weighted(q, k, v, lambda scores, causal: scores * np.tri(len(causal), k=-1))


@linear_attention.mistake(
    "The state is replaced by k_t v_t, so that every step sees itself alone. Add k_t v_t to what is there."
)
def state_replaced(q, k, v):
    return _read(q, np_outer(k, v))


def _softmax(scores, causal):
    return np_softmax(np.where(causal, scores, -np.inf))


@linear_attention.mistake(
    "There is a softmax. Linear attention has none: the scores q_t . k_s themselves are the weights, and "
    "that is why the sum fits into a state."
)
def with_softmax(q, k, v):
    return _weighted(q, k, v, _softmax)


@linear_attention.mistake(
    "There is a softmax, and a division by the square root of d: that is lesson 16's attention. Here the "
    "scores q_t . k_s themselves are the weights."
)
def attention_of_lesson_16(q, k, v):
    return _weighted(q / np.sqrt(q.shape[-1]), k, v, _softmax)


@linear_attention.mistake(
    "The scores are divided by the square root of d. Nothing is divided here.", credit=0.5
)
def divided_by_root(q, k, v):
    return _np_linear(q / np.sqrt(q.shape[-1]), k, v)


@linear_attention.mistake("You divide by the number of steps seen. It is a sum, not a mean.", credit=0.5)
def averaged_over_steps(q, k, v):
    return _np_linear(q, k, v) / np.arange(1, q.shape[1] + 1)[:, None]


@linear_attention.mistake(
    "You divide by the sum of the weights, as a softmax would. Nothing is divided here: scores may be "
    "negative, and their sum near 0.",
    credit=0.5,
)
def normalised(q, k, v):
    return _weighted(q, k, v, lambda s, causal: s * causal / (s * causal).sum(axis=-1, keepdims=True))


@linear_attention.mistake(
    "Queries and keys go through a function that makes them positive, elu + 1 or exp. Here they are used as "
    "they are.",
    credit=0.25,
)
def with_feature_map(q, k, v):
    return _np_linear(*(np.where(z > 0, z + 1, np.exp(np.minimum(z, 0))) for z in (q, k)), v)


@linear_attention.mistake("Keys and queries are exchanged: k writes into the state, q reads from it.")
def queries_write(q, k, v):
    return _np_linear(k, q, v)


@linear_attention.mistake(
    "The sum runs over the batch: axis 0 counts sequences. Each sequence has a state of its own, summed "
    "along axis 1."
)
def sums_over_batch(q, k, v):
    return _read(q, np.cumsum(np_outer(k, v), axis=0))


@linear_attention.mistake(
    "Your queries have no say: these are sums over the state. Each q_t reads it, q_t @ h."
)
def query_missing(q, k, v):
    return _np_linear(np.ones_like(q), k, v)
