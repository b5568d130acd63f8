"""Lesson 12, skip_rnn_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import starts_from_zeros
from autograder.exercises.loops import loops
from autograder.exercises.skip_connections import DELAYS
from autograder.exercises.skip_connections.draws import skip_cases
from autograder.exercises.skip_connections.parts import rnn, skip


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "The loop of rnn_forward, with one term more, outside the tanh. In which steps does that term exist?",
        "Counting from 0, step t reads the stored state h[:, t - k], if t >= k. In the first k steps the "
        "skip brings nothing, h0 included.",
        "In the loop: state = np.tanh(x[:, t] @ W_xh + state @ W_hh + b_h); if t >= k: state = state + h[:, "
        "t - k]",
    ),
    source=DELAYS,
)
def skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k): ...


@skip_rnn_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from skip_cases(rng)


starts_from_zeros(skip_rnn_forward, skip, "h0")
loops(skip_rnn_forward, skip, ("x",), ("h0",), "never_updated")


@skip_rnn_forward.mistake("The skip is inside the tanh; it is added after it, so that nothing squashes it.")
def skip_squashed(x, h0, W_xh, W_hh, b_h, k):
    return skip(x, h0, W_xh, W_hh, b_h, k, lambda z, old: np.tanh(z + old))


@skip_rnn_forward.mistake(
    "The skip replaces the candidate: once h_{t-k} exists you return it alone; the new state is tanh(...) + "
    "h_{t-k}."
)
def skip_replaces(x, h0, W_xh, W_hh, b_h, k):
    T = x.shape[1]
    states = [h0]
    for t in range(T):
        new = np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h)
        states.append(new if t < k else states[t - k + 1])
    return np.stack(states[1:], axis=1)


@skip_rnn_forward.mistake(
    "Your skip is one step too short: step t adds h_{t-k}, and you added h_{t-k+1}.", credit=0.25
)
def lag_too_short(x, h0, W_xh, W_hh, b_h, k):
    if k > 1:
        return skip(x, h0, W_xh, W_hh, b_h, k - 1)
    # With k = 1 a skip of no steps doubles the candidate.
    return skip(x, h0, W_xh, W_hh, b_h, k, lambda z, old: 2 * np.tanh(z))


@skip_rnn_forward.mistake(
    "Your skip is one step too long: step t adds h_{t-k}, and you added h_{t-k-1}.", credit=0.25
)
def lag_too_long(x, h0, W_xh, W_hh, b_h, k):
    return skip(x, h0, W_xh, W_hh, b_h, k + 1)


@skip_rnn_forward.mistake(
    "You let h0 ride along the skip in step k; the skip brings zero in all of the first k steps, so h0 "
    "enters through W_hh only.",
    credit=0.5,
)
def h0_on_the_skip(x, h0, W_xh, W_hh, b_h, k):
    start = np.zeros((len(x), k, len(b_h)))
    start[:, -1] = h0
    return skip(x, h0, W_xh, W_hh, b_h, k, start=start)


@skip_rnn_forward.mistake(
    "You filled the first k steps of the skip with copies of h0; before the start there is zero.", credit=0.25
)
def first_steps_filled_with_h0(x, h0, W_xh, W_hh, b_h, k):
    return skip(x, h0, W_xh, W_hh, b_h, k, start=np.repeat(h0[:, None], k, axis=1))


@skip_rnn_forward.mistake(
    "In the first k steps a negative index wrapped around to the end of the array; take zero there.",
    credit=0.25,
)
def index_wraps(x, h0, W_xh, W_hh, b_h, k):
    plain = skip(x, h0, W_xh, W_hh, b_h, k, lambda z, old: np.tanh(z))
    h = plain.copy()
    state = h0
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t] @ W_xh + state @ W_hh + b_h) + h[:, (t - k) % x.shape[1]]
        h[:, t] = state
    return h


@skip_rnn_forward.mistake(
    "The skip carries the inner state but the recurrence does not: W_hh multiplies the whole h_{t-1}, the "
    "added h_{t-1-k} included.",
    credit=0.25,
)
def recurrence_without_the_sum(x, h0, W_xh, W_hh, b_h, k):
    inner = rnn(x, h0, W_xh, W_hh, b_h)
    h = inner.copy()
    for t in range(k, x.shape[1]):
        h[:, t] += h[:, t - k]
    return h


@skip_rnn_forward.mistake(
    "Your skip starts one step late: counting from 0, step t = k is the first that adds a state, h[:, 0]. "
    "The condition is t >= k.",
    credit=0.5,
)
def skip_one_step_late(x, h0, W_xh, W_hh, b_h, k):
    states = [h0]
    for t in range(x.shape[1]):
        new = np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h)
        states.append(new + states[t - k + 1] if t > k else new)
    return np.stack(states[1:], axis=1)


@skip_rnn_forward.mistake(
    "You added the squashed part of step t - k alone; the skip brings the whole state h_{t-k}, with what "
    "had been added to it.",
    credit=0.25,
)
def skip_brings_the_news_alone(x, h0, W_xh, W_hh, b_h, k):
    state, news, states = h0, [], []
    for t in range(x.shape[1]):
        news.append(np.tanh(x[:, t] @ W_xh + state @ W_hh + b_h))
        state = news[t] + news[t - k] if t >= k else news[t]
        states.append(state)
    return np.stack(states, axis=1)


@skip_rnn_forward.mistake(
    "There is no skip: add the state of k steps ago, h_{t-k}, to tanh(...), once t - k exists."
)
def no_skip_in_time(x, h0, W_xh, W_hh, b_h, k):
    return rnn(x, h0, W_xh, W_hh, b_h)
