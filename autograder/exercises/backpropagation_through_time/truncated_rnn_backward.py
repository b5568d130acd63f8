"""Lesson 06, truncated_rnn_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.backpropagation_through_time.draws import case
from autograder.exercises.backpropagation_through_time.parts import _before, collect, np_bptt
from autograder.exercises.families import averaged, starts_from_zeros, tanh_slope


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "The states stay as they are; only the way back is cut. Each chunk of k steps is a little sequence "
        "of its own whose initial state is a given number, not something to learn from.",
        "For the chunk that starts at s, call rnn_backward on dh[:, s:s+k], x[:, s:s+k], h[:, s:s+k] with "
        "the initial state h[:, s-1] (h0 for s = 0). Add the weight gradients up; put the dx side by side; "
        "keep dh0 of the first chunk only.",
        "for s in range(0, T, k): cut = slice(s, s + k); start = h[:, s - 1] if s else h0; dx[:, cut], d, "
        "dW, dU, db = rnn_backward(dh[:, cut], x[:, cut], start, h[:, cut], W_xh, W_hh); add dW, dU, db; if "
        "s == 0: dh0 = d",
    ),
    source="Williams and Peng (1990), An Efficient Gradient-Based Algorithm for On-Line Training",
)
def truncated_rnn_backward(dh, x, h0, h, W_xh, W_hh, k): ...


@truncated_rnn_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes, k in (
        ((2, 7, 3, 5), 3),
        ((3, 5, 2, 7), 2),
        ((1, 3, 2, 5), 1),
        ((2, 5, 3, 2), 5),
        ((2, 3, 5, 2), 11),
        ((5, 1, 2, 3), 1),
    ):
        yield (*case(rng, *sizes), k)
    dh, *rest = case(rng, 3, 5, 2, 3)
    yield (20 * dh, *rest, 2)  # large gradients: nothing is clipped here


def _borders(T, k):
    return range(k, T, k)


def _np_truncated(dh, x, h0, h, W_xh, W_hh, k, **spoilt):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], k), **spoilt)


starts_from_zeros(truncated_rnn_backward, _np_truncated, "h0")
averaged(truncated_rnn_backward, _np_truncated, ("dW_xh", "dW_hh", "db_h"))
tanh_slope(
    truncated_rnn_backward,
    lambda slope: lambda dh, x, h0, h, *given: _np_truncated(dh, x, h0, h, *given, slope=slope(h)),
)


@truncated_rnn_backward.mistake(
    "In the first chunk your code takes h[:, -1] for the state before step 0: in NumPy the index -1 is the "
    "*last* step. Before step 0 comes h0."
)
def index_wraps_round(dh, x, h0, h, W_xh, W_hh, k):
    return _np_truncated(dh, x, h[:, -1], h, W_xh, W_hh, k)


@truncated_rnn_backward.mistake(
    "Your dW_hh uses h_t. In step t, W_hh multiplied the state before it: h[:, t-1], and h0 in step 0."
)
def new_h_for_old(dh, x, h0, h, W_xh, W_hh, k):
    return _np_truncated(dh, x, h0, h, W_xh, W_hh, k, before=h)


@truncated_rnn_backward.mistake(
    "The chunk length k has no effect: the gradient still flows through all T steps. At the start of each "
    "chunk the way back ends."
)
def not_truncated(dh, x, h0, h, W_xh, W_hh, k):
    return np_bptt(dh, x, h0, h, W_xh, W_hh)


@truncated_rnn_backward.mistake(
    "You reset the state at each chunk: dW_hh sees zeros there. Truncation cuts the gradient, not the "
    "state: the state before a chunk is h[:, s-1]."
)
def state_reset_at_chunks(dh, x, h0, h, W_xh, W_hh, k):
    before = _before(h0, h)
    before[:, list(_borders(h.shape[1], k))] = 0
    return np_bptt(dh, x, h0, h, W_xh, W_hh, before=before, cuts=_borders(h.shape[1], k))


@truncated_rnn_backward.mistake(
    "In every chunk your dW_hh starts from h0. The state before the chunk that starts at s is h[:, s-1]."
)
def every_chunk_from_h0(dh, x, h0, h, W_xh, W_hh, k):
    before = _before(h0, h)
    before[:, list(_borders(h.shape[1], k))] = h0[:, None]
    return np_bptt(dh, x, h0, h, W_xh, W_hh, before=before, cuts=_borders(h.shape[1], k))


@truncated_rnn_backward.mistake(
    "Your chunk borders are off by one: chunks are 0..k-1, k..2k-1 and so on, so the cut lies between k-1 "
    "and k."
)
def border_off_by_one(dh, x, h0, h, W_xh, W_hh, k):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=range(k - 1, h.shape[1], k))


@truncated_rnn_backward.mistake(
    "You counted the chunks from the end of the sequence. They start at step 0; the last one may be shorter."
)
def chunks_from_end(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=[t for t in range(1, T) if (T - t) % k == 0])


@truncated_rnn_backward.mistake(
    "The weight gradients of the last chunk replace those of the earlier ones. Add them up over all chunks."
)
def last_chunk_only(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    start = (T - 1) // k * k
    dx, dh0, *_ = np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    cut, first = slice(start, T), h[:, start - 1] if start else h0
    weights = np_bptt(dh[:, cut], x[:, cut], first, h[:, cut], W_xh, W_hh)[2:]
    return dx, dh0, *weights


@truncated_rnn_backward.mistake(
    "Only the loss at each chunk's last step counts in your gradients. Every step's dh enters its own chunk."
)
def last_loss_of_chunks(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    kept = np.zeros_like(dh)
    ends = [min(s + k, T) - 1 for s in range(0, T, k)]
    kept[:, ends] = dh[:, ends]
    return np_bptt(kept, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))


@truncated_rnn_backward.mistake(
    "You send every loss back through k steps: a sliding window. Here the borders are fixed at multiples of "
    "k, and a loss goes back to the start of its own chunk."
)
def sliding_window(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    total = None
    for t in range(T):
        alone = np.zeros_like(dh)
        alone[:, t] = dh[:, t]
        part = np_bptt(alone, x, h0, h, W_xh, W_hh, cuts=(t - k + 1,))
        total = part if total is None else tuple(a + b for a, b in zip(total, part, strict=True))
    return total


@truncated_rnn_backward.mistake(
    "Your dh0 is that of the last chunk. Only the first chunk starts from h0: keep its gradient.", credit=0.5
)
def dh0_of_last_chunk(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    dx, _, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    start = (T - 1) // k * k
    cut = slice(start, T)
    dh0 = np_bptt(dh[:, cut], x[:, cut], _before(h0, h)[:, start], h[:, cut], W_xh, W_hh)[1]
    return dx, dh0, *weights


@truncated_rnn_backward.mistake(
    "Your dh0 adds up what all chunks send back. That of later chunks belongs to states that we treat as "
    "given: only the first chunk starts from h0.",
    credit=0.5,
)
def dh0_of_all_chunks(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    dx, dh0, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    for start in _borders(T, k):
        cut = slice(start, start + k)
        dh0 = dh0 + np_bptt(dh[:, cut], x[:, cut], h[:, start - 1], h[:, cut], W_xh, W_hh)[1]
    return dx, dh0, *weights


@truncated_rnn_backward.mistake(
    "You averaged over the chunks. The loss is the same as before; only some of its paths are left out: add "
    "up."
)
def chunks_averaged(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    dx, dh0, *weights = np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    return dx, dh0, *(w / -(-T // k) for w in weights)


@truncated_rnn_backward.mistake(
    "You cut between steps k and k+1: the carry is set to zero before the chunk's first step has used it. "
    "Use it in step t first, then cut where t % k == 0."
)
def cuts_before_use(dh, x, h0, h, W_xh, W_hh, k):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=range(1, h.shape[1], k))


@truncated_rnn_backward.mistake(
    "Your cut at t % k == 0 also strikes at step 0 and erases dh0. Keep what goes back from step 0: h0 is "
    "where the first chunk starts.",
    credit=0.5,
)
def dh0_cut_off(dh, x, h0, h, W_xh, W_hh, k):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=range(0, h.shape[1], k))


@truncated_rnn_backward.mistake(
    "You went back over the last k steps and stopped, so all earlier losses are lost. Each chunk of k steps "
    "has a way back of its own."
)
def last_k_steps_only(dh, x, h0, h, W_xh, W_hh, k):
    da, carry = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(max(h.shape[1] - k, 0), h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da[:, t] @ W_hh.T
    return collect(da, carry, x, _before(h0, h), W_xh)


@truncated_rnn_backward.mistake(
    "Only the last chunk goes back in your code: dx of all earlier steps is zero. Every chunk has a way "
    "back of its own, and dh0 comes from the first one."
)
def other_chunks_lost(dh, x, h0, h, W_xh, W_hh, k):
    start = (h.shape[1] - 1) // k * k
    late = np.where(np.arange(h.shape[1])[:, None] >= start, dh, 0)
    dx, _, *weights = np_bptt(late, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], k))
    dh0 = np_bptt(late[:, start:], x[:, start:], h0, h[:, start:], W_xh, W_hh)[1]
    return dx, dh0 if start == 0 else np.zeros_like(h0), *weights


@truncated_rnn_backward.mistake(
    "The last chunk is lost where it is shorter than k. Let the chunks start at 0, k, 2k ... as long as "
    "that is below T: range(0, T, k)."
)
def short_chunk_dropped(dh, x, h0, h, W_xh, W_hh, k):
    whole = h.shape[1] // k * k
    kept = np.where(np.arange(h.shape[1])[:, None] < whole, dh, 0)
    return np_bptt(kept, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], k))


@truncated_rnn_backward.mistake(
    "Your chunks are one step too long: k steps each, so they start at 0, k, 2k and so on."
)
def chunks_too_long(dh, x, h0, h, W_xh, W_hh, k):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], k + 1))


@truncated_rnn_backward.mistake(
    "Your chunks are one step too short: k steps each, so they start at 0, k, 2k and so on."
)
def chunks_too_short(dh, x, h0, h, W_xh, W_hh, k):
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], max(k - 1, 1)))


@truncated_rnn_backward.mistake("You read k as the number of chunks. It is how many steps a chunk has.")
def k_counts_chunks(dh, x, h0, h, W_xh, W_hh, k):
    steps = -(-h.shape[1] // k)
    return np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], steps))
