"""Lesson 03: a summary of the past that is carried along, as an average, a linear state or a belief."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from autograder.exercise import exercise


def _rows(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random probabilities: positive, every row along the last axis sums to 1."""
    raw = rng.gamma(1.0, size=shape) + 0.05
    return raw / raw.sum(axis=-1, keepdims=True)


# ---------------------------------------------------------------- exponential_state


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("h",),
    hints=(
        "One number is carried from step to step. In each step, a share alpha of it is replaced by the new "
        "value.",
        "Start with h = h0. In round t: h = (1 - alpha) * h + alpha * x[t], and keep it as entry t.",
        "out = np.empty(len(x)); h = h0; for t in range(len(x)): h = (1 - alpha) * h + alpha * x[t]; "
        "out[t] = h; return out",
    ),
    source="Brown (1956), Exponential Smoothing for Predicting Demand",
)
def exponential_state(x, alpha, h0):
    steps = torch.arange(len(x), device=x.device, dtype=x.dtype)
    lags = steps[:, None] - steps[None, :]
    weights = torch.tril(alpha * (1 - alpha) ** lags.clamp(min=0))
    return weights @ x + h0 * (1 - alpha) ** (steps + 1)


@exponential_state.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=7), 0.3, 1.7)
    yield (50 + 20 * rng.normal(size=11), 0.85, -3.0)
    yield (rng.normal(size=5), 1.0, 2.0)
    yield (rng.normal(size=1), 0.4, -1.3)
    yield (rng.normal(size=101), 0.01, 10.0)


def _smoothed(x, keep, take, h):
    out = np.empty(len(x))
    for t in range(len(x)):
        h = keep * h + take * x[t]
        out[t] = h
    return out


@exponential_state.mistake(
    "You swapped the shares: alpha belongs to the new value x_t, and 1 - alpha to the old state.", credit=0.5
)
def shares_swapped(x, alpha, h0):
    return _smoothed(x, alpha, 1 - alpha, h0)


@exponential_state.mistake(
    "You started from the first value and ignored h0. The first step already mixes: h_1 = (1 - alpha) h_0 + "
    "alpha x_1."
)
def starts_from_first_value(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, x[0])


@exponential_state.mistake("You started from zero and ignored h0, the state before the first value.")
def starts_from_zero(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, 0.0)


@exponential_state.mistake(
    "Your states come one step too late: the first entry is h0. Entry t is the state *after* reading x[t].",
    credit=0.5,
)
def one_step_late(x, alpha, h0):
    return np.concatenate([[h0], _smoothed(x, 1 - alpha, alpha, h0)[:-1]])


@exponential_state.mistake(
    "Nothing is ever forgotten: the old state must shrink by the factor 1 - alpha before alpha x_t is added."
)
def never_forgets(x, alpha, h0):
    return _smoothed(x, 1.0, alpha, h0)


@exponential_state.mistake(
    "The new value enters in full: weigh it with alpha, so that the two shares add up to one."
)
def new_value_in_full(x, alpha, h0):
    return _smoothed(x, 1 - alpha, 1.0, h0)


@exponential_state.mistake(
    "Every step starts again from h0: keep the new state for the next round, or nothing is remembered."
)
def average_never_updated(x, alpha, h0):
    return (1 - alpha) * h0 + alpha * x


@exponential_state.mistake("Only the last state comes back; here all T of them are asked for, one per value.")
def only_last_average(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, h0)[-1]


@exponential_state.mistake(
    "You set h[0] = h0 and begin the loop at 1: x[0] is never read. h0 comes *before* the first value, so "
    "entry 0 is (1 - alpha) * h0 + alpha * x[0]."
)
def first_value_unread(x, alpha, h0):
    return np.concatenate([[h0], _smoothed(x[1:], 1 - alpha, alpha, h0)])


@exponential_state.mistake(
    "You return h0 in front of the states. One entry per value of x: (T,), and the first one has read x[0].",
    credit=0.5,
)
def start_returned_too(x, alpha, h0):
    return np.concatenate([[h0], _smoothed(x, 1 - alpha, alpha, h0)])


@exponential_state.mistake(
    "Your h0 fades one step too late: entry t has passed t + 1 steps, so h0 enters it with the weight "
    "(1 - alpha) ** (t + 1).",
    credit=0.5,
)
def start_fades_late(x, alpha, h0):
    return _smoothed(x, 1 - alpha, alpha, 0.0) + (1 - alpha) ** np.arange(len(x)) * h0


# ---------------------------------------------------------------- linear_latent_forward


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("y",),
    hints=(
        "Two equations per step: first the state moves on and takes in the input, then the output is read "
        "from the new state.",
        "Start with h = h0 (N, H). In round t: h = h @ A + x[:, t] @ B, and the output of that step "
        "is h @ C, "
        "of shape (N, M).",
        "outputs, h = [], h0; for t in range(x.shape[1]): h = h @ A + x[:, t] @ B; outputs.append(h @ C); "
        "return np.stack(outputs, axis=1)",
    ),
    source="Kalman (1960), A New Approach to Linear Filtering and Prediction Problems",
)
def linear_latent_forward(x, h0, A, B, C):
    # A linear network from torch's ReLU network: h is kept as its positive and its negative part,
    # h = relu(h) - relu(-h), each computed by one half of the units.
    D, H = B.shape
    rnn = nn.RNN(D, 2 * H, nonlinearity="relu", bias=False, batch_first=True, dtype=x.dtype, device=x.device)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.cat([B, -B], dim=1).T)
        rnn.weight_hh_l0.copy_(torch.cat([torch.cat([A, -A], dim=1), torch.cat([-A, A], dim=1)]).T)
    halves, _ = rnn(x, torch.cat([h0.relu(), (-h0).relu()], dim=1)[None].contiguous())
    return (halves[..., :H] - halves[..., H:]) @ C


@linear_latent_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    sizes = ((2, 5, 3, 7, 11), (3, 7, 2, 5, 1), (1, 3, 5, 2, 3), (5, 1, 2, 3, 7), (2, 13, 1, 3, 2))
    for N, T, D, H, M in sizes:
        A = rng.normal(size=(H, H)) / np.sqrt(H)
        weights = (A, rng.normal(size=(D, H)), rng.normal(size=(H, M)))
        yield (rng.normal(size=(N, T, D)), rng.normal(size=(N, H)), *weights)


def _linear_states(x, h, A, B):
    """The states as a list of T arrays (N, H)."""
    states = []
    for t in range(x.shape[1]):
        h = h @ A + x[:, t] @ B
        states.append(h)
    return states


@linear_latent_forward.mistake("You ignored h0: the first state is h0 @ A + x_1 @ B.")
def linear_ignores_h0(x, h0, A, B, C):
    return np.stack(_linear_states(x, np.zeros_like(h0), A, B), axis=1) @ C


@linear_latent_forward.mistake(
    "You used A transposed. A state is a row here, so it stands on the left: h @ A, no transpose."
)
def linear_transposed(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, A.T, B), axis=1) @ C


@linear_latent_forward.mistake(
    "The output is read before the state has taken in the input: y_t = h_t C with the *new* state h_t.",
    credit=0.5,
)
def reads_old_state(x, h0, A, B, C):
    return np.stack([h0, *_linear_states(x, h0, A, B)[:-1]], axis=1) @ C


@linear_latent_forward.mistake("These are the states. The outputs are read from them: multiply by C.")
def returns_states(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, A, B), axis=1)


@linear_latent_forward.mistake("There is no memory: the old state, times A, must enter each step.")
def linear_without_memory(x, h0, A, B, C):
    return x @ B @ C


@linear_latent_forward.mistake(
    "The state is never updated: every step starts from h0 again. Keep the new state for the next round."
)
def linear_never_updated(x, h0, A, B, C):
    return ((h0 @ A)[:, None] + x @ B) @ C


@linear_latent_forward.mistake(
    "Time comes first in your result, (T, N, M). Batch comes first in this course: np.stack(outputs, "
    "axis=1).",
    credit=0.5,
)
def linear_time_first(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, A, B)) @ C


@linear_latent_forward.mistake("Only the last output comes back; there is one for each of the T steps.")
def linear_last_only(x, h0, A, B, C):
    return _linear_states(x, h0, A, B)[-1] @ C


@linear_latent_forward.mistake(
    "A is missing: the old state enters unchanged. It moves on by itself first: h @ A + x[:, t] @ B."
)
def linear_without_transition(x, h0, A, B, C):
    return np.stack(_linear_states(x, h0, np.eye(len(A)), B), axis=1) @ C


@linear_latent_forward.mistake(
    "The state runs on from one sequence into the next. The sequences of a batch have nothing to do with "
    "each other: each starts from its own row, h0[n]."
)
def linear_runs_on(x, h0, A, B, C):
    y, h = np.empty((*x.shape[:2], C.shape[1])), h0[0]
    for n in range(len(x)):
        for t in range(x.shape[1]):
            h = h @ A + x[n, t] @ B
            y[n, t] = h @ C
    return y


@linear_latent_forward.mistake(
    "All sequences start from h0[0]. Each has a start of its own: h0 is (N, H), one row per sequence."
)
def linear_one_start(x, h0, A, B, C):
    return np.stack(_linear_states(x, np.broadcast_to(h0[0], h0.shape), A, B), axis=1) @ C


@linear_latent_forward.mistake(
    "Your loop counts sequences: len(x) is N. Steps lie along axis 1, so it is for t in range(x.shape[1])."
)
def linear_counts_sequences(x, h0, A, B, C):
    outputs, h = [], h0
    for t in range(len(x)):
        h = h @ A + x[:, t] @ B
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)


@linear_latent_forward.mistake(
    "You squashed the state with tanh. This model is linear: that is the next lesson's step, not this one's."
)
def squashes_state(x, h0, A, B, C):
    outputs, h = [], h0
    for t in range(x.shape[1]):
        h = np.tanh(h @ A + x[:, t] @ B)
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)


@linear_latent_forward.mistake(
    "The input goes through A as well: A moves the old state only, h_t = h_{t-1} A + x_t B."
)
def input_through_transition(x, h0, A, B, C):
    outputs, h = [], h0
    for t in range(x.shape[1]):
        h = (h + x[:, t] @ B) @ A
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)


# ---------------------------------------------------------------- hidden Markov models


def _hmm_cases(rng: np.random.Generator) -> Iterator[tuple]:
    """Symbols that the model can emit, drawn at random; the last sequence underflows any plain product."""
    for T, S, V in ((7, 3, 5), (11, 2, 3), (1, 3, 2), (3, 5, 2)):
        yield (rng.integers(V, size=T), _rows(rng, S), _rows(rng, S, S), _rows(rng, S, V))
    forward_only = np.triu(_rows(rng, 3, 3))
    forward_only /= forward_only.sum(axis=1, keepdims=True)
    yield (rng.integers(7, size=5), np.array([1.0, 0.0, 0.0]), forward_only, _rows(rng, 3, 7))
    yield (rng.integers(11, size=601), _rows(rng, 2), _rows(rng, 2, 2), _rows(rng, 2, 11))


def _log_joint(ids, initial, A, B) -> torch.Tensor:
    """log p(x_1 .. x_t, z_t) for every t, (T, S); sums in log space, so nothing underflows."""
    evidence = B.log()[:, ids].T
    rows = [initial.log() + evidence[0]]
    for seen in evidence[1:]:
        rows.append(torch.logsumexp(rows[-1][:, None] + A.log(), dim=0) + seen)
    return torch.stack(rows)


def _beliefs(ids, start, A, B):
    """The filter in NumPy from any `start`, which is p(z_1) before the first symbol."""
    out = np.empty((len(ids), len(start)))
    for t, symbol in enumerate(ids):
        belief = (out[t - 1] @ A if t else start) * B[:, symbol]
        out[t] = belief / belief.sum()
    return out


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("beliefs",),
    hints=(
        "Each step has two halves. First time passes: the belief moves along the transitions. Then a symbol "
        "is seen: each state's belief is multiplied by how well that state explains the symbol.",
        "moved = belief @ A (for the first symbol: moved = initial), then belief = moved * B[:, ids[t]], "
        "then divide by belief.sum(). Normalise in *every* step, or long sequences underflow to zero.",
        "moved = initial; for t, symbol in enumerate(ids): belief = moved * B[:, symbol]; "
        "out[t] = belief / belief.sum(); moved = out[t] @ A",
    ),
    source="Baum and Petrie (1966); Rabiner (1989), A Tutorial on Hidden Markov Models",
)
def hmm_filter(ids, initial, A, B):
    return torch.softmax(_log_joint(ids, initial, A, B), dim=1)


hmm_filter.cases(_hmm_cases)


@hmm_filter.mistake(
    "The belief never moves: between two symbols, time passes and the hidden state may change. "
    "Multiply by A, "
    "belief @ A, before the new evidence."
)
def belief_never_moves(ids, initial, A, B):
    return _beliefs(ids, initial, np.eye(len(A)), B)


@hmm_filter.mistake(
    "Every step starts from `initial` again, so each belief knows its own symbol only. Carry the belief on: "
    "after the first symbol, moved = belief @ A."
)
def belief_starts_again(ids, initial, A, B):
    joint = initial * B[:, ids].T
    return joint / joint.sum(axis=1, keepdims=True)


@hmm_filter.mistake(
    "You used A transposed. A[i, j] goes *from* i *to* j, and the belief is a row: belief @ A, not A "
    "@ belief."
)
def belief_transposed(ids, initial, A, B):
    return _beliefs(ids, initial, A.T, B)


@hmm_filter.mistake(
    "You never renormalise: these numbers are the joint probabilities p(z_t, x_1..x_t) and shrink towards "
    "zero. Divide each row by its sum.",
    credit=0.3,
)
def never_normalises(ids, initial, A, B):
    out = np.empty((len(ids), len(A)))
    for t, symbol in enumerate(ids):
        out[t] = (out[t - 1] @ A if t else initial) * B[:, symbol]
    return out


@hmm_filter.mistake(
    "You normalise only at the end. On a long sequence the products underflow to 0, and 0 / 0 is nan: divide "
    "by the sum in every step.",
    credit=0.5,
)
def normalises_at_end(ids, initial, A, B):
    joint = never_normalises(ids, initial, A, B)
    with np.errstate(all="ignore"):
        return joint / joint.sum(axis=1, keepdims=True)


@hmm_filter.mistake(
    "You ignored `initial` and started from equal beliefs. Before the first symbol, p(z_1) is `initial`."
)
def uniform_start(ids, initial, A, B):
    return _beliefs(ids, np.full(len(A), 1 / len(A)), A, B)


@hmm_filter.mistake(
    "You moved the belief along A before the first symbol. `initial` is already p(z_1): no time "
    "passes before "
    "the first symbol.",
    credit=0.5,
)
def moves_before_first(ids, initial, A, B):
    return _beliefs(ids, initial @ A, A, B)


@hmm_filter.mistake(
    "The first symbol is not used: row 0 is `initial` itself. Multiply by B[:, ids[0]] and normalise "
    "there too.",
    credit=0.3,
)
def first_symbol_unused(ids, initial, A, B):
    out = [initial]
    for symbol in ids[1:]:
        belief = (out[-1] @ A) * B[:, symbol]
        out.append(belief / belief.sum())
    return np.stack(out)


@hmm_filter.mistake(
    "Your row t has not yet seen symbol t: it is p(z_t | x_1..x_{t-1}). First move the belief, then weigh it "
    "with B[:, ids[t]], then store it."
)
def before_the_evidence(ids, initial, A, B):
    moved = _beliefs(ids, initial, A, B) @ A
    return np.concatenate([initial[None], moved[:-1]])


@hmm_filter.mistake(
    "Your row t is one step ahead: it is p(z_{t+1} | x_1..x_t). Store the belief after the evidence and "
    "before the next move along A."
)
def one_step_ahead(ids, initial, A, B):
    return _beliefs(ids, initial, A, B) @ A


@hmm_filter.mistake(
    "You kept only the best way into each state. A state's probability is the *sum* over all the states it "
    "may have come from: belief @ A."
)
def best_way_only(ids, initial, A, B):
    out = []
    for symbol in ids:
        moved = (out[-1][:, None] * A).max(axis=0) if out else initial
        belief = moved * B[:, symbol]
        out.append(belief / belief.sum())
    return np.stack(out)


@hmm_filter.mistake(
    "These beliefs have seen the future: they use all symbols, also those after t. That is "
    "smoothing; a filter "
    "knows x_1..x_t only."
)
def smooths(ids, initial, A, B):
    beliefs = _beliefs(ids, initial, A, B)
    out = [beliefs[-1]]
    for belief in beliefs[-2::-1]:
        out.append(belief * (A @ (out[-1] / (belief @ A))))
    return np.stack(out[::-1])


@hmm_filter.mistake(
    "B[ids[t]] is the row of a *state*. The evidence of a symbol is a column, one number per state: "
    "B[:, ids[t]]."
)
def row_for_column(ids, initial, A, B):
    out, moved = [], initial
    for symbol in ids:
        belief = moved * B[symbol]
        out.append(belief / belief.sum())
        moved = out[-1] @ A
    return np.stack(out)


# ---------------------------------------------------------------- predict_next


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("probabilities",),
    hints=(
        "Where will the hidden state be one step from now? And what would it emit from there?",
        "belief (S,) @ A (S, S) is the belief about the next state, (S,). Each next state j emits "
        "symbol v with "
        "probability B[j, v]: average over j.",
        "The whole body: return belief @ A @ B",
    ),
    source="Rabiner (1989), A Tutorial on Hidden Markov Models",
)
def predict_next(belief, A, B):
    joint = belief[:, None, None] * A[:, :, None] * B[None, :, :]  # p(z_t, z_{t+1}, x_{t+1})
    return joint.sum(dim=(0, 1))


@predict_next.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for S, V in ((3, 5), (2, 7), (5, 2)):
        yield (_rows(rng, S), _rows(rng, S, S), _rows(rng, S, V))
    yield (np.array([0.0, 1.0, 0.0]), _rows(rng, 3, 3), _rows(rng, 3, 2))


@predict_next.mistake(
    "You forgot that time passes: this is what the *current* state would emit. Move the belief "
    "first: belief @ A."
)
def emits_from_now(belief, A, B):
    return belief @ B


@predict_next.mistake(
    "You used A transposed: A[i, j] goes from i to j, so the belief stands on the left, belief @ A."
)
def next_transposed(belief, A, B):
    return A @ belief @ B


@predict_next.mistake(
    "You committed to the likeliest state and dropped the doubt. Average the rows of B over the whole belief."
)
def likeliest_state_only(belief, A, B):
    return B[np.argmax(belief @ A)]


@predict_next.mistake(
    "You committed to the likeliest state *before* moving it. Move the whole belief, then average "
    "the rows of B."
)
def commits_before_move(belief, A, B):
    return A[np.argmax(belief)] @ B


@predict_next.mistake(
    "This is the belief about the next *state*, (S,). The answer is about the next symbol, (V,): go "
    "on with @ B."
)
def next_state_only(belief, A, B):
    return belief @ A


@predict_next.mistake("You moved two steps ahead: one transition lies between this symbol and the next.")
def two_steps_ahead(belief, A, B):
    return belief @ A @ A @ B


@predict_next.mistake("This is the likeliest symbol. All V probabilities are asked for.")
def likeliest_symbol(belief, A, B):
    return int(np.argmax(belief @ A @ B))


# ---------------------------------------------------------------- hmm_log_likelihood


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("log_likelihood",),
    hints=(
        "Chain rule: the probability of the whole sequence is the product of each symbol's probability given "
        "the symbols before it. Its logarithm is a sum.",
        "The probability of symbol t given the past is the sum that the filter divides by in step t: "
        "(moved * B[:, ids[t]]).sum(). Add up its logarithms.",
        "total, moved = 0.0, initial; for symbol in ids: joint = moved * B[:, symbol]; p = joint.sum(); "
        "total += np.log(p); moved = joint / p @ A; return total",
    ),
    source="Baum et al. (1970); Rabiner (1989), A Tutorial on Hidden Markov Models",
)
def hmm_log_likelihood(ids, initial, A, B):
    return torch.logsumexp(_log_joint(ids, initial, A, B)[-1], dim=0)


hmm_log_likelihood.cases(_hmm_cases)


def _surprises(ids, start, A, B):
    """p(x_t | x_1 .. x_{t-1}) for every t, from `start` = p(z_1)."""
    moved = np.concatenate([start[None], _beliefs(ids, start, A, B)[:-1] @ A])
    return (moved * B[:, ids].T).sum(axis=1)


@hmm_log_likelihood.mistake(
    "You take the logarithm at the end, of a product that has already underflowed to 0 on long "
    "sequences. Sum "
    "the logarithms of the single factors.",
    credit=0.5,
)
def product_underflows(ids, initial, A, B):
    with np.errstate(divide="ignore"):
        return np.log(never_normalises(ids, initial, A, B)[-1].sum())


@hmm_log_likelihood.mistake("This is the probability itself; its logarithm is asked for.")
def likelihood_without_log(ids, initial, A, B):
    return never_normalises(ids, initial, A, B)[-1].sum()


@hmm_log_likelihood.mistake("You took logarithms to base 2. This course counts in nats: np.log.", credit=0.7)
def log_in_bits(ids, initial, A, B):
    return np.log2(_surprises(ids, initial, A, B)).sum()


@hmm_log_likelihood.mistake(
    "This is the mean per symbol; the log-likelihood of the sequence is the sum.", credit=0.7
)
def mean_log_likelihood(ids, initial, A, B):
    return np.log(_surprises(ids, initial, A, B)).mean()


@hmm_log_likelihood.mistake(
    "The sign is flipped: a logarithm of a probability is negative (or zero). The negative one is the loss."
)
def negative_log_likelihood(ids, initial, A, B):
    return -np.log(_surprises(ids, initial, A, B)).sum()


@hmm_log_likelihood.mistake(
    "You ignored `initial` and started from equal beliefs. Before the first symbol, p(z_1) is `initial`."
)
def likelihood_uniform_start(ids, initial, A, B):
    return np.log(_surprises(ids, np.full(len(A), 1 / len(A)), A, B)).sum()


@hmm_log_likelihood.mistake(
    "You moved along A before the first symbol. `initial` is already p(z_1): no time passes before it."
)
def likelihood_moves_first(ids, initial, A, B):
    return np.log(_surprises(ids, initial @ A, A, B)).sum()


@hmm_log_likelihood.mistake(
    "You used A transposed. A[i, j] goes from i to j, and the belief is a row: belief @ A."
)
def likelihood_transposed(ids, initial, A, B):
    return np.log(_surprises(ids, initial, A.T, B)).sum()


@hmm_log_likelihood.mistake(
    "The first symbol is missing from the sum: its probability is (initial * B[:, ids[0]]).sum()."
)
def first_symbol_uncounted(ids, initial, A, B):
    return np.log(_surprises(ids, initial, A, B)[1:]).sum()


@hmm_log_likelihood.mistake(
    "This is the log-probability of the single best path of hidden states. The likelihood sums over "
    "all paths."
)
def best_path_only(ids, initial, A, B):
    with np.errstate(divide="ignore"):
        log_initial, log_A, log_B = np.log(initial), np.log(A), np.log(B)
    best = log_initial + log_B[:, ids[0]]
    for symbol in ids[1:]:
        best = (best[:, None] + log_A).max(axis=0) + log_B[:, symbol]
    return best.max()


@hmm_log_likelihood.mistake(
    "You add up the logarithms of the beliefs' sums. After the division each sum is 1, and its logarithm 0: "
    "take the sum *before* dividing, p(x_t | x_1..x_{t-1})."
)
def sums_after_division(ids, initial, A, B):
    return np.log(_beliefs(ids, initial, A, B).sum(axis=1)).sum()


@hmm_log_likelihood.mistake(
    "You weigh each symbol with the belief that has already seen it. Its probability comes from before it: "
    "moved * B[:, ids[t]] with moved = `initial`, then the last belief @ A."
)
def symbols_seen_twice(ids, initial, A, B):
    return np.log((_beliefs(ids, initial, A, B) * B[:, ids].T).sum(axis=1)).sum()


@hmm_log_likelihood.mistake(
    "Your first factor is predict_next(initial, A, B)[ids[0]], which lets one step pass. `initial` is "
    "already p(z_1): the first factor is (initial @ B)[ids[0]].",
    credit=0.5,
)
def first_factor_moved(ids, initial, A, B):
    rest = np.log(_surprises(ids, initial, A, B)[1:]).sum()
    return np.log((initial @ A @ B)[ids[0]]) + rest
