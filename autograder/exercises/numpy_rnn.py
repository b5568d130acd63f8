"""Lesson 04: the recurrent network, step by step and as a whole, with its readout and its loss."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import exercise


def load_weights(module: nn.RNN | nn.RNNCell, W_xh, W_hh, b_h) -> None:
    """Put the course's weights into PyTorch's module: transposed, and the second bias zero.

    They are copied into the module's own memory, so that cuDNN keeps its single block of weights.
    """
    values = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_h, "bias_hh": torch.zeros_like(b_h)}
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(values[name.removesuffix("_l0")])


def torch_rnn(W_xh, W_hh, b_h) -> nn.RNN:
    """`torch.nn.RNN` with the course's weights, batch first."""
    rnn = nn.RNN(*W_xh.shape, batch_first=True, dtype=W_xh.dtype, device=W_xh.device)
    load_weights(rnn, W_xh, W_hh, b_h)
    return rnn


def rnn_weights(rng: np.random.Generator, D: int, H: int, gain: float = 1.0) -> tuple[np.ndarray, ...]:
    """W_xh (D, H), W_hh (H, H), b_h (H,): nothing in them is symmetric, zero or equal."""
    W_xh = gain * rng.normal(size=(D, H)) / np.sqrt(D)
    W_hh = gain * rng.normal(size=(H, H)) / np.sqrt(H)
    return W_xh, W_hh, 0.5 * rng.normal(size=H)


def _np_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)


def _np_states(x, h, W_xh, W_hh, b_h):
    """The states as a list of T arrays (N, H)."""
    states = []
    for t in range(x.shape[1]):
        h = _np_step(x[:, t], h, W_xh, W_hh, b_h)
        states.append(h)
    return states


def _np_softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# ---------------------------------------------------------------- rnn_step


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h",),
    hints=(
        "Three things are added before the squashing: what the input says, what the memory says, and a bias.",
        "x (N, D) @ W_xh (D, H) and h_prev (N, H) @ W_hh (H, H) both have shape (N, H). The bias joins them "
        "inside the tanh.",
        "The whole body: return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)",
    ),
    source="Elman (1990), Finding Structure in Time",
)
def rnn_step(x, h_prev, W_xh, W_hh, b_h):
    cell = nn.RNNCell(*W_xh.shape, dtype=x.dtype, device=x.device)
    load_weights(cell, W_xh, W_hh, b_h)
    return cell(x, h_prev)


@rnn_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2)):
        yield (rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H)), *rnn_weights(rng, D, H))
    yield (30 * rng.normal(size=(3, 2)), rng.uniform(-1, 1, size=(3, 5)), *rnn_weights(rng, 2, 5))


@rnn_step.mistake("The memory is missing: h_prev @ W_hh belongs into the sum, beside x @ W_xh.")
def no_recurrence(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + b_h)


@rnn_step.mistake(
    "You added b_h after tanh, so a state can leave the interval from -1 to 1. The bias shifts the sum "
    "that goes into tanh."
)
def bias_outside_tanh(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh) + b_h


@rnn_step.mistake("The bias b_h is missing: it belongs into the sum inside tanh.")
def bias_missing(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh)


@rnn_step.mistake("The tanh is missing: without it the network is linear and its state has no bounds.")
def tanh_missing(x, h_prev, W_xh, W_hh, b_h):
    return x @ W_xh + h_prev @ W_hh + b_h


@rnn_step.mistake("You squash each term by itself. Add the three terms first, then take one tanh of the sum.")
def tanh_of_each_term(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh) + np.tanh(h_prev @ W_hh + b_h)


@rnn_step.mistake(
    "You squash each term by itself, the bias too. Add the three terms first, then take one tanh of the sum."
)
def tanh_of_all_three(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh) + np.tanh(h_prev @ W_hh) + np.tanh(b_h)


@rnn_step.mistake(
    "You used W_hh transposed. A state is a row here, so it stands on the left: h_prev @ W_hh, no transpose."
)
def recurrent_weights_transposed(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh.T + b_h)


@rnn_step.mistake(
    "W_xh is (D, H) in this course, already the right way round for a row vector: x @ W_xh, no transpose; "
    "PyTorch stores the transpose."
)
def input_weights_transposed(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh.T + h_prev @ W_hh + b_h)


@rnn_step.mistake(
    "Weights and vectors are in the wrong order: here states and inputs are rows, so they stand on the left, "
    "as in x @ W_xh."
)
def weights_on_the_left(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(W_xh @ x + W_hh @ h_prev + b_h)


@rnn_step.mistake(
    "You multiplied h_prev and W_hh entry by entry (*). Every unit hears every unit: that is the matrix "
    "product, @."
)
def entrywise_product(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev * W_hh + b_h)


@rnn_step.mistake(
    "Each unit hears only itself: you used the diagonal of W_hh. The matrix product h_prev @ W_hh mixes all "
    "units."
)
def diagonal_only(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev * np.diag(W_hh) + b_h)


@rnn_step.mistake("You squashed with the logistic sigmoid (0 to 1); this cell uses tanh (-1 to 1).")
def sigmoid_for_tanh(x, h_prev, W_xh, W_hh, b_h):
    return 1 / (1 + np.exp(-(x @ W_xh + h_prev @ W_hh + b_h)))


@rnn_step.mistake(
    "Every sequence gets the memory of the first one: you used h_prev[0]. Take all rows, h_prev @ W_hh.",
    credit=0.25,
)
def memory_of_first_sequence(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev[0] @ W_hh + b_h)


# ---------------------------------------------------------------- rnn_forward


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "One loop over time. What the loop hands from one round to the next is the state, and nothing else.",
        "Start with h_t = h0. In round t: h_t = rnn_step(x[:, t], h_t, ...), and keep h_t in h[:, t].",
        "h = np.empty((N, T, H)), then: for t in range(T): h_t = rnn_step(x[:, t], h_t, W_xh, W_hh, b_h); "
        "h[:, t] = h_t. Or collect the states in a list and use np.stack(states, axis=1).",
    ),
    source="Elman (1990), Finding Structure in Time",
)
def rnn_forward(x, h0, W_xh, W_hh, b_h):
    return torch_rnn(W_xh, W_hh, b_h)(x, h0[None].contiguous())[0]


@rnn_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3), (2, 11, 1, 3)):
        yield (rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H)), *rnn_weights(rng, D, H))
    yield (rng.normal(size=(3, 5, 2)), np.zeros((3, 7)), *rnn_weights(rng, 2, 7, gain=3.0))


@rnn_forward.mistake(
    "There is no recurrence: every step sees its input only. The state of step t-1 must enter step t."
)
def forward_without_recurrence(x, h0, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + b_h)


@rnn_forward.mistake("You ignored h0 and started from zeros: the first step must see the state h0.")
def ignores_initial_state(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x, np.zeros_like(h0), W_xh, W_hh, b_h), axis=1)


@rnn_forward.mistake(
    "The state is never updated: every step starts from h0 again. Keep the new state for the next round."
)
def state_never_updated(x, h0, W_xh, W_hh, b_h):
    return np.stack([_np_step(x[:, t], h0, W_xh, W_hh, b_h) for t in range(x.shape[1])], axis=1)


@rnn_forward.mistake(
    "Every entry is the last state: you stored one and the same array T times and kept changing it. Store "
    "a new array (or a copy) in each round."
)
def aliases_last_state(x, h0, W_xh, W_hh, b_h):
    return np.stack([_np_states(x, h0, W_xh, W_hh, b_h)[-1]] * x.shape[1], axis=1)


@rnn_forward.mistake(
    "Time comes first in your result, (T, N, H). Batch comes first in this course: np.stack(states, axis=1).",
    credit=0.5,
)
def time_first(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x, h0, W_xh, W_hh, b_h), axis=0)


@rnn_forward.mistake(
    "You ran along the batch: x[t] is the t-th sequence. The t-th step of all sequences is x[:, t]."
)
def runs_along_batch(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x.swapaxes(0, 1), h0, W_xh, W_hh, b_h), axis=1)


@rnn_forward.mistake("Only the last state comes back, (N, H); here all T states are asked for, (N, T, H).")
def last_state_only(x, h0, W_xh, W_hh, b_h):
    return _np_states(x, h0, W_xh, W_hh, b_h)[-1]


@rnn_forward.mistake(
    "The initial state h0 stands among your states: there are T+1 of them. The result starts with h_1, the "
    "state after the first input.",
    credit=0.5,
)
def keeps_initial_state(x, h0, W_xh, W_hh, b_h):
    return np.stack([h0, *_np_states(x, h0, W_xh, W_hh, b_h)], axis=1)


@rnn_forward.mistake(
    "Your states come one step too late: the list starts with h0 and the last state is lost. Store h_t after "
    "the step, not before."
)
def stores_before_step(x, h0, W_xh, W_hh, b_h):
    return np.stack([h0, *_np_states(x, h0, W_xh, W_hh, b_h)[:-1]], axis=1)


@rnn_forward.mistake("You went through the sequence from its end: the first step reads x[:, 0].")
def runs_backwards(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(x[:, ::-1], h0, W_xh, W_hh, b_h)[::-1], axis=1)


@rnn_forward.mistake("The tanh is missing: your states follow a linear recurrence.")
def forward_without_tanh(x, h0, W_xh, W_hh, b_h):
    states, h = [], h0
    for t in range(x.shape[1]):
        h = x[:, t] @ W_xh + h @ W_hh + b_h
        states.append(h)
    return np.stack(states, axis=1)


@rnn_forward.mistake("The bias is added after tanh, in every step; it belongs into the sum inside tanh.")
def forward_bias_outside(x, h0, W_xh, W_hh, b_h):
    states, h = [], h0
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W_xh + h @ W_hh) + b_h
        states.append(h)
    return np.stack(states, axis=1)


@rnn_forward.mistake("The first input is fed to every step: x[:, 0] should be x[:, t].")
def first_input_only(x, h0, W_xh, W_hh, b_h):
    return np.stack(_np_states(np.repeat(x[:, :1], x.shape[1], axis=1), h0, W_xh, W_hh, b_h), axis=1)


@rnn_forward.mistake(
    "Your states are stacked with time first and then reshaped, which deals them out to the wrong "
    "sequences. Reshape moves no axis: use np.stack(states, axis=1).",
    credit=0.25,
)
def reshapes_for_stack(x, h0, W_xh, W_hh, b_h):
    states = np.array(_np_states(x, h0, W_xh, W_hh, b_h))  # (T, N, H)
    return states.reshape(len(x), x.shape[1], -1)


# ---------------------------------------------------------------- softmax


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("probabilities",),
    hints=(
        "Exponentials make everything positive, and a division makes the sum 1. The scores of one prediction "
        "lie along the last axis.",
        "exp(1000) overflows. Subtracting one constant from all scores of a row changes no probability: take "
        "the row's own maximum, so that the greatest exponent is 0.",
        "e = np.exp(z - z.max(axis=-1, keepdims=True)); return e / e.sum(axis=-1, keepdims=True)",
    ),
    source="Bridle (1990), Probabilistic Interpretation of Feedforward Classification Network Outputs",
)
def softmax(z):
    return functional.softmax(z, dim=-1)


@softmax.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(2, 5, 3)),)
    yield (2 * rng.normal(size=(5, 7)),)
    yield (3 * rng.normal(size=11),)
    yield (rng.normal(size=(3, 1, 5)) + np.array([1000.0, -1000.0, 0.0]).reshape(3, 1, 1),)
    yield (np.array([[710.0, 709.0, -710.0], [-800.0, -801.0, -802.0]]) + rng.normal(size=(2, 1)),)
    yield (np.array([[0.0, -3.0, 1500.0], [0.0, 1500.0, 3.0], [1500.0, 0.0, 3.0], [800.0, 790.0, 0.0]]),)
    yield (rng.normal(size=(3, 1)),)


def _np_softmax_shifted(z, shift):
    e = np.exp(z - shift)
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "Large scores overflow: np.exp(710) is inf, and inf / inf is nan. Subtract each row's maximum before "
    "the exponential; no probability changes."
)
def no_shift(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


@softmax.mistake(
    "You subtracted the maximum of the whole array, so a row far below it underflows to 0 / 0. Each row has "
    "its own maximum: z.max(axis=-1, keepdims=True)."
)
def one_maximum_for_all(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "You normalised along the first axis. The scores of one prediction lie along the last: axis=-1."
)
def first_axis(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@softmax.mistake("All entries together sum to 1; each row along the last axis should: sum with axis=-1.")
def sums_over_everything(z):
    e = np.exp(z - z.max())
    return e / e.sum()


@softmax.mistake(
    "The sum lost its axis, so the division does not line up: use keepdims=True in the sum (and in the max)."
)
def keepdims_missing(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


@softmax.mistake(
    "You clipped the scores: no overflow, but all scores beyond the limit become equal, and so do their "
    "probabilities. Subtract each row's maximum instead."
)
def clips_scores(z):
    e = np.exp(np.clip(z, -700, 700))
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake("The exponentials are not divided by their sum, so the rows are no probabilities.")
def not_normalised(z):
    return np.exp(z - z.max(axis=-1, keepdims=True))


@softmax.mistake("These are logarithms of the probabilities: leave out the log.")
def log_softmax(z):
    return np.log(_np_softmax(z))


@softmax.mistake("You took the softmax twice: the second one flattens the probabilities.")
def softmax_twice(z):
    return _np_softmax(_np_softmax(z))


@softmax.mistake(
    "You divided by the maximum. Only *subtracting* a constant leaves a softmax unchanged; dividing rescales "
    "all differences."
)
def divides_by_maximum(z):
    return _np_softmax(z / z.max(axis=-1, keepdims=True))


@softmax.mistake(
    "You subtracted each row's first score. It is idle on paper, but another score may be a thousand "
    "above it and overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_first(z):
    return _np_softmax_shifted(z, z[..., :1])


@softmax.mistake(
    "You subtracted each row's last score. It is idle on paper, but another score may be a thousand "
    "above it and overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_last(z):
    return _np_softmax_shifted(z, z[..., -1:])


@softmax.mistake(
    "You subtracted each row's mean. It is idle on paper, but a score may be a thousand above the mean "
    "and overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_mean(z):
    return _np_softmax_shifted(z, z.mean(axis=-1, keepdims=True))


@softmax.mistake(
    "You subtracted each row's minimum, so the greatest exponent is the whole span of the row and may "
    "overflow. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_minimum(z):
    return _np_softmax_shifted(z, z.min(axis=-1, keepdims=True))


@softmax.mistake(
    "You subtracted each row's largest *absolute* value. Where all scores are very negative, every "
    "exponential becomes 0, and 0 / 0 is nan. Subtract the row's maximum.",
    credit=0.25,
)
def subtracts_absolute_maximum(z):
    return _np_softmax_shifted(z, np.abs(z).max(axis=-1, keepdims=True))


# ---------------------------------------------------------------- readout


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("logits",),
    hints=(
        "The same matrix reads every state; no loop over time is needed.",
        "h (N, T, H) @ W_hy (H, V) has shape (N, T, V): @ works on the last two axes and repeats over the "
        "others.",
        "The whole body: return h @ W_hy + b_y",
    ),
    source="Jordan (1986), Serial Order; Elman (1990), Finding Structure in Time",
)
def readout(h, W_hy, b_y):
    return functional.linear(h, W_hy.T, b_y)


@readout.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H, V in ((2, 5, 7, 3), (3, 2, 5, 11), (1, 1, 3, 2), (5, 3, 1, 2)):
        yield (rng.uniform(-1, 1, size=(N, T, H)), rng.normal(size=(H, V)), rng.normal(size=V))


@readout.mistake("The bias b_y is missing.", credit=0.5)
def readout_without_bias(h, W_hy, b_y):
    return h @ W_hy


@readout.mistake(
    "These are probabilities. Return the scores (logits) themselves: the loss takes the softmax, and twice "
    "would be once too often."
)
def readout_with_softmax(h, W_hy, b_y):
    return _np_softmax(h @ W_hy + b_y)


@readout.mistake("You squashed the scores with tanh. Logits may be any number: leave the sum as it is.")
def readout_with_tanh(h, W_hy, b_y):
    return np.tanh(h @ W_hy + b_y)


@readout.mistake("Only the last step is read out. Here each of the T states gives scores: (N, T, V).")
def readout_of_last(h, W_hy, b_y):
    return h[:, -1] @ W_hy + b_y


@readout.mistake("W_hy is (H, V), the right way round for rows on the left: h @ W_hy, no transpose.")
def readout_transposed(h, W_hy, b_y):
    return h @ W_hy.T + b_y


# ---------------------------------------------------------------- cross_entropy


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("loss",),
    hints=(
        "How surprised is the model by the true symbol? Minus the logarithm of the probability it gave to "
        "it, averaged over the entries that are real.",
        "log softmax(z) = z - max - log(sum(exp(z - max))): computed like this, it never takes the log of 0. "
        "np.take_along_axis(log_p, targets[..., None], axis=-1) picks each target's entry.",
        "z = logits - logits.max(-1, keepdims=True); log_p = z - np.log(np.exp(z).sum(-1, keepdims=True)); "
        "picked = np.take_along_axis(log_p, targets[..., None], -1)[..., 0]; return -picked[mask].mean()",
    ),
    source="Bengio et al. (2003), A Neural Probabilistic Language Model",
)
def cross_entropy(logits, targets, mask):
    each = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return each[mask.flatten()].mean()


def _some_mask(rng: np.random.Generator, N: int, T: int) -> np.ndarray:
    """Lengths of 1 to T-1 for most rows, one row in full, as padding makes them."""
    lengths = rng.integers(1, T, size=N)
    lengths[0] = T
    return np.arange(T) < lengths[:, None]


@cross_entropy.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, V in ((2, 5, 3), (3, 7, 5)):
        yield (2 * rng.normal(size=(N, T, V)), rng.integers(0, V, size=(N, T)), _some_mask(rng, N, T))
    yield (rng.normal(size=(1, 1, 2)), np.array([[1]]), np.array([[True]]))
    yield (rng.normal(size=(3, 2, 5)), rng.integers(0, 5, size=(3, 2)), np.ones((3, 2), dtype=bool))
    mask = np.array([[False, False, False], [True, False, True]])
    yield (rng.normal(size=(2, 3, 5)), rng.integers(0, 5, size=(2, 3)), mask)
    extreme = np.array([[[2000.0, 0.0, -2000.0], [-900.0, 900.0, 0.0]]]) + rng.normal(size=(1, 2, 1))
    yield (extreme, np.array([[2, 1]]), np.array([[True, True]]))
    yield (extreme, np.array([[0, 1]]), np.array([[True, True]]))


def _np_picked(logits, targets):
    """Log-probability of each target, (N, T), by the stable way."""
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]


@cross_entropy.mistake(
    "Padding is counted: the mask has no effect. Average over the entries where mask is True only."
)
def padding_counted(logits, targets, mask):
    return -_np_picked(logits, targets).mean()


@cross_entropy.mistake(
    "You divided by N*T. Padding is left out of the sum, so leave it out of the count too: divide by "
    "mask.sum()."
)
def divided_by_everything(logits, targets, mask):
    return -(_np_picked(logits, targets) * mask).sum() / mask.size


@cross_entropy.mistake(
    "A probability underflows to 0 and its log is -inf. Compute log softmax directly: z minus the log of the "
    "sum of exponentials, z shifted by its maximum."
)
def log_of_zero(logits, targets, mask):
    picked = np.take_along_axis(_np_softmax(logits), targets[..., None], axis=-1)[..., 0]
    return -np.log(picked)[mask].mean()


@cross_entropy.mistake(
    "A small constant stands inside your log. It hides log(0), but it also caps the loss and changes every "
    "gradient: compute log softmax directly instead.",
    credit=0.5,
)
def epsilon_in_log(logits, targets, mask):
    picked = np.take_along_axis(_np_softmax(logits), targets[..., None], axis=-1)[..., 0]
    return -np.log(picked + 1e-12)[mask].mean()


@cross_entropy.mistake(
    "Large scores overflow in your exponential. Subtract each row's maximum from the logits first."
)
def loss_without_shift(logits, targets, mask):
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0][mask].mean()


@cross_entropy.mistake(
    "You took the softmax twice: the logits are scores, not probabilities, and log softmax is applied once."
)
def loss_softmax_twice(logits, targets, mask):
    return -_np_picked(_np_softmax(logits), targets)[mask].mean()


@cross_entropy.mistake("The sign is flipped: the loss is *minus* the mean log-probability.", credit=0.5)
def loss_sign_flipped(logits, targets, mask):
    return _np_picked(logits, targets)[mask].mean()


@cross_entropy.mistake("You added the losses up; the mean over the real entries is asked for.", credit=0.5)
def sum_for_mean(logits, targets, mask):
    return -_np_picked(logits, targets)[mask].sum()


@cross_entropy.mistake(
    "You divided by the number of sequences only. The mean is over all real entries: divide by mask.sum()."
)
def divided_by_batch(logits, targets, mask):
    return -_np_picked(logits, targets)[mask].sum() / len(mask)


@cross_entropy.mistake("Your logarithm has base 2; the loss is in nats, with the natural log.", credit=0.5)
def loss_in_bits(logits, targets, mask):
    return -_np_picked(logits, targets)[mask].mean() / np.log(2)


@cross_entropy.mistake(
    "The mask is inverted: True marks the entries that count, False the padding that does not."
)
def mask_inverted(logits, targets, mask):
    return -(_np_picked(logits, targets) * ~mask).sum() / (~mask).sum()


@cross_entropy.mistake(
    "You averaged each sequence first and then the sequences, so an entry of a short sequence counts "
    "more. Take one mean over all real entries.",
    credit=0.25,
)
def mean_of_sequence_means(logits, targets, mask):
    picked = _np_picked(logits, targets)
    return -np.mean([row[real].mean() for row, real in zip(picked, mask, strict=True)])


@cross_entropy.mistake(
    "You turned the mask into lengths and took the first entries of each row. True need not come first: "
    "select with the mask itself, picked[mask].",
    credit=0.5,
)
def mask_as_lengths(logits, targets, mask):
    picked, lengths = _np_picked(logits, targets), mask.sum(axis=1)
    return -np.concatenate([row[:L] for row, L in zip(picked, lengths, strict=True)]).mean()


@cross_entropy.mistake(
    "You averaged the log-probabilities of all classes. Only that of the target counts: pick it first, "
    "with np.take_along_axis."
)
def mean_over_classes(logits, targets, mask):
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -log_p[mask].mean()


@cross_entropy.mistake(
    "You subtracted the maximum of the whole array, so in a row far below it every exponential is 0 and "
    "the log of their sum -inf. Each row has its own maximum.",
    credit=0.5,
)
def loss_with_one_maximum(logits, targets, mask):
    z = logits - logits.max()
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0][mask].mean()


# ---------------------------------------------------------------- count_rnn_parameters


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("count",),
    hints=(
        "Count the entries of W_xh, W_hh and b_h. How does the number of steps enter?",
        "W_xh has D*H entries and W_hh has H*H; every unit has one bias.",
        "The whole body: return D * H + H * H + H",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2",
)
def count_rnn_parameters(D, H):
    rnn = nn.RNN(D, H, device="meta")
    return sum(p.numel() for p in rnn.parameters()) - rnn.bias_hh_l0.numel()


@count_rnn_parameters.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (10, 3)
    yield (4, 8)
    yield (7, 5)
    yield (1, 1)
    yield (int(rng.integers(50, 100)), int(rng.integers(100, 200)))


@count_rnn_parameters.mistake(
    "You counted two biases per unit, as PyTorch stores them. They always appear as a sum, so one is enough: "
    "this course, like Keras, has one.",
    credit=0.5,
)
def two_biases(D, H):
    return D * H + H * H + 2 * H


@count_rnn_parameters.mistake("The biases are missing: one for each of the H units.", credit=0.5)
def count_without_bias(D, H):
    return D * H + H * H


@count_rnn_parameters.mistake("W_hh is missing: the recurrence has H*H weights of its own.")
def count_without_recurrence(D, H):
    return D * H + H


@count_rnn_parameters.mistake("You counted one bias in all; each of the H units has its own.", credit=0.5)
def count_one_bias(D, H):
    return D * H + H * H + 1


@count_rnn_parameters.mistake(
    "You gave each unit a single recurrent weight. Every unit hears every unit: W_hh has H*H entries."
)
def count_diagonal_recurrence(D, H):
    return D * H + H + H


@count_rnn_parameters.mistake(
    "You counted an output layer back to D numbers as well. The recurrent layer alone is asked: W_xh, "
    "W_hh and b_h.",
    credit=0.25,
)
def count_with_output_layer(D, H):
    return D * H + H * H + H + H * D + D


# ---------------------------------------------------------------- unrolled_matrix


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("M",),
    hints=(
        "Set all inputs to zero but x_s. What is h_s? And h_{s+1}, h_{s+2}? Those are the blocks of block "
        "row s.",
        "Block (s, t), rows s*D to (s+1)*D and columns t*H to (t+1)*H, is W_xh times W_hh to the matrix "
        "power t - s when t >= s, and zero when t < s: the future cannot reach the past.",
        "M = np.zeros((T * D, T * H)); for lag in range(T): block = W_xh @ np.linalg.matrix_power(W_hh, "
        "lag), and for s in range(T - lag): M[s*D:(s+1)*D, (s+lag)*H:(s+lag+1)*H] = block",
    ),
    source="Rumelhart, Hinton and Williams (1986), Learning Internal Representations by Error Propagation",
)
def unrolled_matrix(W_xh, W_hh, T):
    # Every row of M is the linear network's answer to one unit impulse.
    D, H = W_xh.shape
    impulses = torch.eye(T * D, dtype=W_xh.dtype, device=W_xh.device).reshape(T * D, T, D)
    h, states = W_xh.new_zeros(T * D, H), []
    for x_t in impulses.unbind(1):
        h = functional.linear(x_t, W_xh.T) + functional.linear(h, W_hh.T)
        states.append(h)
    return torch.cat(states, dim=1)


@unrolled_matrix.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for D, H, T in ((2, 3, 5), (3, 2, 3), (1, 5, 2), (2, 3, 1), (1, 1, 5)):
        yield (*rnn_weights(rng, D, H)[:2], T)


def _np_blocks(W_xh, W_hh, T, block):
    """M from a function of (s, t) that gives the block, or None for zeros."""
    D, H = W_xh.shape
    M = np.zeros((T, D, T, H))
    for s in range(T):
        for t in range(T):
            made = block(s, t)
            if made is not None:
                M[s, :, t] = made
    return M.reshape(T * D, T * H)


def _power(W, n):
    return np.linalg.matrix_power(W, n)


@unrolled_matrix.mistake(
    "Only the diagonal blocks are filled: that is a network without memory. Block (s, t) with t > s carries "
    "x_s through t - s products with W_hh."
)
def unrolled_without_memory(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh if s == t else None)


@unrolled_matrix.mistake(
    "Your blocks run the other way: the future reaches the past. x_s (block row s) reaches h_t (block column "
    "t) when t >= s."
)
def unrolled_anticausal(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, s - t) if s >= t else None)


@unrolled_matrix.mistake(
    "Every block is filled, also those with t < s. A state cannot depend on later inputs: these blocks are "
    "zero."
)
def unrolled_two_sided(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, abs(t - s)))


@unrolled_matrix.mistake(
    "The power of W_hh is one too high: x_t reaches h_t through W_xh alone, so the diagonal blocks are W_xh."
)
def unrolled_power_too_high(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t - s + 1) if t >= s else None)


@unrolled_matrix.mistake(
    "W_hh ** n raises each entry to a power. Going n steps on is n matrix products: np.linalg.matrix_power."
)
def unrolled_entrywise_power(W_xh, W_hh, T):
    return _np_blocks(
        W_xh, W_hh, T, lambda s, t: W_xh @ W_hh ** (t - s) if t > s else W_xh if t == s else None
    )


@unrolled_matrix.mistake(
    "Memory ends after one step in your matrix: blocks with t - s = 2, 3, ... are not zero; each further "
    "step multiplies by W_hh once more."
)
def unrolled_one_step(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t - s) if 0 <= t - s <= 1 else None)


@unrolled_matrix.mistake(
    "Every later block multiplies by W_hh only once. Going t - s steps on takes t - s products with W_hh."
)
def unrolled_without_power(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, min(t - s, 1)) if t >= s else None)


@unrolled_matrix.mistake(
    "W_hh is transposed in your blocks: with rows on the left it is W_xh @ W_hh, no transpose."
)
def unrolled_transposed_weights(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh.T, t - s) if t >= s else None)


@unrolled_matrix.mistake(
    "M is transposed: x.reshape(N, T*D) stands on the left, so the inputs belong to the rows, (T*D, T*H).",
    credit=0.5,
)
def unrolled_transposed(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t - s) if t >= s else None).T


@unrolled_matrix.mistake(
    "Your blocks are right, but you reshaped (T, T, D, H) straight to (T*D, T*H), which mixes them up. "
    "Swap the two axes in the middle first: (T, D, T, H).",
    credit=0.5,
)
def unrolled_without_swap(W_xh, W_hh, T):
    D, H = W_xh.shape
    blocks = np.zeros((T, T, D, H))
    for s in range(T):
        for t in range(s, T):
            blocks[s, t] = W_xh @ _power(W_hh, t - s)
    return blocks.reshape(T * D, T * H)


@unrolled_matrix.mistake(
    "Your power of W_hh counts from the start of the sequence. From x_s to h_t it is t - s steps, not t.",
    credit=0.25,
)
def unrolled_power_of_t(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t) if t >= s else None)


@unrolled_matrix.mistake(
    "W_hh ** (t - s) works entry by entry, and on the diagonal it makes a matrix full of ones. Use "
    "np.linalg.matrix_power, whose power 0 is the identity."
)
def unrolled_entrywise_power_on_diagonal(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ W_hh ** (t - s) if t >= s else None)


# ---------------------------------------------------------------- sample_ids


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("ids",),
    hints=(
        "The network reads a symbol, says how likely each next one is, one is drawn, and that one is read "
        "next.",
        "Keep h of shape (1, H), zeros at first. A one-hot row is np.eye(V)[symbol][None], (1, V). The drawn "
        "symbol is the first whose cumulative probability exceeds the uniform number: "
        "np.searchsorted(p.cumsum(), u, side='right').",
        "In round i: h = rnn_step(np.eye(V)[symbol][None], h, W_xh, W_hh, b_h); p = softmax(h @ W_hy + "
        "b_y)[0]; symbol = min(int(np.searchsorted(p.cumsum(), uniforms[i], side='right')), V - 1); ids[i] = "
        "symbol",
    ),
    source="Sutskever, Martens and Hinton (2011), Generating Text with Recurrent Neural Networks",
)
def sample_ids(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    V = len(W_xh)
    cell = nn.RNNCell(*W_xh.shape, dtype=W_xh.dtype, device=W_xh.device)
    load_weights(cell, W_xh, W_hh, b_h)
    symbol = torch.tensor([first], device=W_xh.device)
    h, ids = W_xh.new_zeros(1, W_xh.shape[1]), []
    for u in uniforms:
        h = cell(functional.one_hot(symbol, V).to(W_xh.dtype), h)
        p = functional.linear(h, W_hy.T, b_y).softmax(dim=-1)
        symbol = (p.cumsum(dim=-1) <= u).sum(dim=-1).clamp(max=V - 1)
        ids.append(symbol)
    return torch.cat(ids)


@sample_ids.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for V, H, T in ((7, 5, 31), (5, 11, 29), (3, 2, 23)):
        weights = rnn_weights(rng, V, H, gain=2.0)
        yield (int(rng.integers(V)), *weights, 2 * rng.normal(size=(H, V)), rng.normal(size=V), rng.random(T))
    weights = rnn_weights(rng, 11, 3, gain=2.0)
    yield (2, *weights, rng.normal(size=(3, 11)), rng.normal(size=11), np.array([0.0, 1 - 2**-53, 0.5]))
    yield (1, *rnn_weights(rng, 5, 3), rng.normal(size=(3, 5)), rng.normal(size=5), np.array([0.3]))
    # Symbol 0 is impossible: a draw of exactly 0 must pass it by, and scores of 1000 must not overflow.
    uniforms = np.array([0.0, 0.7, 0.2, 0.0, 0.9])
    yield (2, *rnn_weights(rng, 3, 2), np.zeros((2, 3)), np.array([-1000.0, 1000.0, 1000.0]), uniforms)


def _np_draw(p, u):
    return min(int(np.searchsorted(p.cumsum(), u, side="right")), len(p) - 1)


def _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms, draw=_np_draw):
    ids, h, symbol = [], np.zeros((1, len(W_hh))), first
    for u in uniforms:
        h = _np_step(np.eye(len(W_xh))[[symbol]], h, W_xh, W_hh, b_h)
        symbol = draw(_np_softmax(h @ W_hy + b_y)[0], u)
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
        h = _np_step(np.eye(len(W_xh))[[first]], h, W_xh, W_hh, b_h)
        ids.append(_np_draw(_np_softmax(h @ W_hy + b_y)[0], u))
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


@sample_ids.mistake("One uniform number serves all rounds; round i uses uniforms[i].")
def one_uniform(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return _np_sample(first, W_xh, W_hh, b_h, W_hy, b_y, np.full_like(uniforms, uniforms[0]))


@sample_ids.mistake(
    "You feed the probabilities back. The network must read the symbol that was drawn, as a one-hot row."
)
def feeds_probabilities(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    h, x, ids = np.zeros((1, len(W_hh))), np.eye(len(W_xh))[[first]], []
    for u in uniforms:
        h = _np_step(x, h, W_xh, W_hh, b_h)
        x = _np_softmax(h @ W_hy + b_y)
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
    "The symbol `first` is read twice: once before the rounds and again in the first one. Start the "
    "rounds with h at zero.",
    credit=0.5,
)
def reads_first_twice(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    h, symbol, ids = (
        _np_step(np.eye(len(W_xh))[[first]], np.zeros((1, len(W_hh))), W_xh, W_hh, b_h),
        first,
        [],
    )
    for u in uniforms:
        h = _np_step(np.eye(len(W_xh))[[symbol]], h, W_xh, W_hh, b_h)
        symbol = _np_draw(_np_softmax(h @ W_hy + b_y)[0], u)
        ids.append(symbol)
    return np.array(ids)


@sample_ids.mistake(
    "The network's own bias b_h is missing: each round is a full rnn_step.",
    credit=0.25,
)
def sample_without_state_bias(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    return _np_sample(first, W_xh, W_hh, np.zeros_like(b_h), W_hy, b_y, uniforms)


@sample_ids.mistake(
    "Your probabilities come from exp without a shift: large scores overflow, and nan is drawn from. "
    "Use the softmax above.",
    credit=0.5,
)
def sample_without_shift(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    h, symbol, ids = np.zeros((1, len(W_hh))), first, []
    for u in uniforms:
        h = _np_step(np.eye(len(W_xh))[[symbol]], h, W_xh, W_hh, b_h)
        e = np.exp(h @ W_hy + b_y)[0]
        symbol = _np_draw(e / e.sum(), u)
        ids.append(symbol)
    return np.array(ids)
