"""Lesson 06: every gradient of the recurrent network, judged against autograd."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn import load_weights, rnn_weights, torch_rnn

# ---------------------------------------------------------------- cross_entropy_backward


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("dlogits",),
    hints=(
        "For one prediction with probabilities p and target y, the loss is -log p[y]. How does it change "
        "with each score?",
        "The slope is p minus the one-hot row of the target. The mean divides it by how many entries count, "
        "and where mask is False the loss does not listen: zero.",
        "d = softmax(logits); np.put_along_axis(d, t, np.take_along_axis(d, t, -1) - 1, -1) with "
        "t = targets[..., None]; return d * mask[..., None] / mask.sum()",
    ),
    source="Bridle (1990), Training Stochastic Model Recognition Algorithms as Networks",
)
def cross_entropy_backward(logits, targets, mask):
    logits = logits.requires_grad_()
    each = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return torch.autograd.grad(each[mask.flatten()].mean(), logits)[0]


@cross_entropy_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, V in ((2, 5, 3), (3, 7, 5)):
        lengths = rng.integers(1, T, size=N)
        lengths[0] = T
        mask = np.arange(T) < lengths[:, None]
        yield (2 * rng.normal(size=(N, T, V)), rng.integers(0, V, size=(N, T)), mask)
    yield (rng.normal(size=(1, 1, 2)), np.array([[1]]), np.array([[True]]))
    mask = np.array([[False, False, False], [True, False, True]])
    yield (rng.normal(size=(2, 3, 5)), rng.integers(0, 5, size=(2, 3)), mask)
    extreme = np.array([[[2000.0, 0.0, -2000.0], [-900.0, 900.0, 0.0]]]) + rng.normal(size=(1, 2, 1))
    yield (extreme, np.array([[2, 1]]), np.array([[True, True]]))


def _np_softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _one_hot(targets, V):
    return np.eye(V)[targets]


def _surprise(logits, targets):
    """p minus one-hot: the gradient of each entry's own loss."""
    return _np_softmax(logits) - _one_hot(targets, logits.shape[-1])


@cross_entropy_backward.mistake(
    "The one-hot row is missing: the gradient of the scores is p minus 1 at the target, and p elsewhere."
)
def one_hot_missing(logits, targets, mask):
    return _np_softmax(logits) * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "You divided by N*T, but the loss is a mean over the real entries: divide by mask.sum()."
)
def gradient_divided_by_everything(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None] / mask.size


@cross_entropy_backward.mistake(
    "Padding gets a gradient. Where mask is False the loss does not depend on the scores: zero there."
)
def padding_gets_gradient(logits, targets, mask):
    return _surprise(logits, targets) / mask.sum()


@cross_entropy_backward.mistake(
    "The mask has no effect: padded entries get a gradient, and they are counted in the mean."
)
def gradient_ignores_mask(logits, targets, mask):
    return _surprise(logits, targets) / mask.size


@cross_entropy_backward.mistake(
    "This is the gradient of the sum. The loss is a mean: divide by the number of real entries.", credit=0.5
)
def gradient_of_sum(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None]


@cross_entropy_backward.mistake(
    "The sign is flipped: it is p minus one-hot, not one-hot minus p. A step against the gradient must raise "
    "the target's score.",
    credit=0.5,
)
def gradient_sign_flipped(logits, targets, mask):
    return -_surprise(logits, targets) * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "You subtracted the one-hot row after dividing by the count. Divide the whole difference p minus one-hot."
)
def divides_too_early(logits, targets, mask):
    V = logits.shape[-1]
    return (_np_softmax(logits) / mask.sum() - _one_hot(targets, V)) * mask[..., None]


@cross_entropy_backward.mistake(
    "Large scores overflow in your softmax and give nan. Subtract each row's maximum before the exponential."
)
def gradient_without_shift(logits, targets, mask):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return (p - _one_hot(targets, logits.shape[-1])) * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "This is the gradient with respect to the probabilities, -1/p at the target. The softmax still lies "
    "between them and the logits."
)
def gradient_of_probabilities(logits, targets, mask):
    d = -_one_hot(targets, logits.shape[-1]) / _np_softmax(logits)
    return d * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "You divided by the number of sequences. The loss is a mean over all real entries: divide by mask.sum()."
)
def divided_by_sequences(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None] / len(logits)


@cross_entropy_backward.mistake(
    "You divided each sequence by its own number of real entries. The loss is one mean over the whole batch: "
    "divide everything by mask.sum()."
)
def mean_of_each_sequence(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None] / mask.sum(axis=1)[:, None, None]


@cross_entropy_backward.mistake(
    "This is the gradient of the mean over sequences of their own means, where short sequences weigh more "
    "per entry. The loss is one mean over all real entries: divide by mask.sum()."
)
def mean_of_sequence_means(logits, targets, mask):
    return mean_of_each_sequence(logits, targets, mask) / len(logits)


@cross_entropy_backward.mistake(
    "Your index takes 1 from every target's class at *every* entry. Each entry has one target of its own: "
    "use np.put_along_axis, or index with sequence, step and target in pairs."
)
def every_target_everywhere(logits, targets, mask):
    d = _np_softmax(logits)
    d[:, :, targets.ravel()] -= 1
    return d * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "The softmax is missing: you subtracted the one-hot row from the scores. Subtract it from the "
    "probabilities."
)
def softmax_missing(logits, targets, mask):
    return (logits - _one_hot(targets, logits.shape[-1])) * mask[..., None] / mask.sum()


# ---------------------------------------------------------------- readout_backward


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("dh", "dW_hy", "db_y"),
    hints=(
        "Each gradient has the shape of what it belongs to: dh (N, T, H), dW_hy (H, V), db_y (V,). The "
        "shapes leave only one way to multiply.",
        "dh: multiply by the transposed weights. dW_hy: every sequence and every step used W_hy, so add up "
        "h^T dlogits over both. db_y: the sum of dlogits over both.",
        "dh = dlogits @ W_hy.T; dW_hy = np.einsum('nth,ntv->hv', h, dlogits); db_y = dlogits.sum(axis=(0, "
        "1))",
    ),
    source="Rumelhart, Hinton and Williams (1986), Learning Representations by Back-propagating Errors",
)
def readout_backward(dlogits, h, W_hy):
    linear = nn.Linear(*W_hy.shape, dtype=h.dtype, device=h.device)
    with torch.no_grad():
        linear.weight.copy_(W_hy.T)
        linear.bias.zero_()
    h = h.requires_grad_()
    parameters = (h, linear.weight, linear.bias)
    dh, dweight, dbias = torch.autograd.grad(linear(h), parameters, dlogits)
    return dh, dweight.T, dbias


@readout_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H, V in ((2, 5, 7, 3), (3, 2, 5, 11), (1, 1, 3, 2), (1, 7, 2, 3), (5, 1, 3, 2)):
        yield (rng.normal(size=(N, T, V)), rng.uniform(-1, 1, size=(N, T, H)), rng.normal(size=(H, V)))
    yield (20 * rng.normal(size=(2, 3, 5)), rng.uniform(-1, 1, size=(2, 3, 7)), rng.normal(size=(7, 5)))


def _np_readout_backward(dlogits, h, W_hy):
    return dlogits @ W_hy.T, np.einsum("nth,ntv->hv", h, dlogits), dlogits.sum(axis=(0, 1))


@readout_backward.mistake(
    "The transpose is missing in dh: going back through h @ W_hy multiplies by W_hy.T, (V, H)."
)
def dh_without_transpose(dlogits, h, W_hy):
    _, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dlogits @ W_hy, dW_hy, db_y


@readout_backward.mistake(
    "Only the last step reaches dW_hy and db_y. The same weights read every step: sum over all of them."
)
def only_last_readout(dlogits, h, W_hy):
    return dlogits @ W_hy.T, h[:, -1].T @ dlogits[:, -1], dlogits[:, -1].sum(axis=0)


@readout_backward.mistake(
    "Your dW_hy and db_y keep one gradient per sequence. The batch shares the weights: sum over it as well."
)
def readout_not_summed(dlogits, h, W_hy):
    return dlogits @ W_hy.T, h.swapaxes(1, 2) @ dlogits, dlogits.sum(axis=1)


@readout_backward.mistake(
    "You summed over the sequences but not over the steps: every step used the same weights, so add all up."
)
def readout_not_summed_over_time(dlogits, h, W_hy):
    return dlogits @ W_hy.T, np.einsum("nth,ntv->thv", h, dlogits), dlogits.sum(axis=0)


@readout_backward.mistake(
    "You averaged over the sequences and steps. The mean is in dlogits already; weight gradients are sums.",
    credit=0.5,
)
def readout_averaged(dlogits, h, W_hy):
    dh, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    n = dlogits.shape[0] * dlogits.shape[1]
    return dh, dW_hy / n, db_y / n


@readout_backward.mistake(
    "You averaged over the batch. The mean is in dlogits already; weight gradients are sums.", credit=0.5
)
def readout_averaged_over_batch(dlogits, h, W_hy):
    dh, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh, dW_hy / len(dlogits), db_y / len(dlogits)


@readout_backward.mistake(
    "Your dW_hy pairs wrong numbers: h.reshape(H, -1) is not a transpose. Flatten to (N*T, H) first, then .T."
)
def reshape_for_transpose(dlogits, h, W_hy):
    H, V = W_hy.shape
    dh, _, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh, h.reshape(H, -1) @ dlogits.reshape(-1, V), db_y


@readout_backward.mistake(
    "Your dh pairs wrong numbers: W_hy.reshape(V, H) has the shape of W_hy.T but not its order. Use W_hy.T."
)
def weights_reshaped(dlogits, h, W_hy):
    return dlogits @ W_hy.reshape(W_hy.shape[::-1]), *_np_readout_backward(dlogits, h, W_hy)[1:]


@readout_backward.mistake(
    "You multiplied dh by the slope of tanh, 1 - h**2. The readout has no tanh; that slope belongs to the "
    "recurrent step, which comes next."
)
def readout_with_slope(dlogits, h, W_hy):
    dh, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh * (1 - h**2), dW_hy, db_y


# ---------------------------------------------------------------- rnn_step_backward


def _bias(x, before, h, W_xh, W_hh):
    """The b_h with which the network gave the states `h`, read off where each unit is least saturated."""
    pre = torch.atanh(h) - x @ W_xh - before @ W_hh
    best = h.abs().flatten(0, -2).argmin(dim=0)
    return pre.flatten(0, -2)[best, torch.arange(h.shape[-1], device=h.device)]


@exercise(
    points=3,
    difficulty=2,
    minutes=25,
    returns=("dx", "dh_prev", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Write the step in two lines, a = x W_xh + h_prev W_hh + b_h and h = tanh(a), and go back through "
        "them one at a time.",
        "First through tanh: da = dh * (1 - h**2), because tanh'(a) = 1 - tanh(a)^2 and h is tanh(a). Then "
        "through the sum: each of the five gets da, in the one way its shape allows.",
        "da = dh * (1 - h**2); return da @ W_xh.T, da @ W_hh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)",
    ),
    source="Werbos (1990), Backpropagation Through Time: What It Does and How to Do It",
)
def rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh):
    cell = nn.RNNCell(*W_xh.shape, dtype=x.dtype, device=x.device)
    load_weights(cell, W_xh, W_hh, _bias(x, h_prev, h, W_xh, W_hh))
    x, h_prev = x.requires_grad_(), h_prev.requires_grad_()
    wanted = (x, h_prev, cell.weight_ih, cell.weight_hh, cell.bias_ih)
    dx, dh_prev, dW_xh, dW_hh, db_h = torch.autograd.grad(cell(x, h_prev), wanted, dh)
    return dx, dh_prev, dW_xh.T, dW_hh.T, db_h


@rnn_step_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H, size_dh, size_x in (
        (2, 3, 5, 1, 1),
        (7, 5, 3, 1, 1),
        (1, 2, 3, 1, 1),
        (5, 1, 2, 1, 1),
        (3, 2, 5, 20, 1),  # large gradients: nothing is clipped here
        (11, 3, 5, 1, 4),  # saturated states: small slopes, not zero
    ):
        x, h_prev = size_x * rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H))
        W_xh, W_hh, b_h = rnn_weights(rng, D, H)
        h = np.tanh(x @ W_xh + h_prev @ W_hh + b_h)
        yield size_dh * rng.normal(size=(N, H)), x, h_prev, h, W_xh, W_hh


def _np_step_backward(da, x, h_prev, W_xh, W_hh):
    return da @ W_xh.T, da @ W_hh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)


@rnn_step_backward.mistake(
    "Your slope is 1 - tanh(h)**2, which squashes h a second time. h is already tanh(a): the slope is 1 - "
    "h**2."
)
def step_slope_squashed_twice(dh, x, h_prev, h, W_xh, W_hh):
    return _np_step_backward(dh * (1 - np.tanh(h) ** 2), x, h_prev, W_xh, W_hh)


@rnn_step_backward.mistake("Your slope is 1 - h. The slope of tanh is 1 - h**2.")
def step_slope_not_squared(dh, x, h_prev, h, W_xh, W_hh):
    return _np_step_backward(dh * (1 - h), x, h_prev, W_xh, W_hh)


@rnn_step_backward.mistake(
    "Your slope h (1 - h) belongs to the logistic sigmoid; the slope of tanh is 1 - h**2."
)
def step_sigmoid_slope(dh, x, h_prev, h, W_xh, W_hh):
    return _np_step_backward(dh * h * (1 - h), x, h_prev, W_xh, W_hh)


@rnn_step_backward.mistake("You took the slope at h_prev. This step's tanh gave h, so its slope is 1 - h**2.")
def step_slope_of_previous(dh, x, h_prev, h, W_xh, W_hh):
    return _np_step_backward(dh * (1 - h_prev**2), x, h_prev, W_xh, W_hh)


@rnn_step_backward.mistake(
    "The slope of tanh is missing: first da = dh * (1 - h**2), then da takes the place of dh everywhere."
)
def step_slope_missing(dh, x, h_prev, h, W_xh, W_hh):
    return _np_step_backward(dh, x, h_prev, W_xh, W_hh)


@rnn_step_backward.mistake(
    "Your dh_prev skips the slope of tanh: it is da @ W_hh.T with da = dh * (1 - h**2), not dh @ W_hh.T."
)
def step_dh_prev_without_slope(dh, x, h_prev, h, W_xh, W_hh):
    dx, _, dW_xh, dW_hh, db_h = _np_step_backward(dh * (1 - h**2), x, h_prev, W_xh, W_hh)
    return dx, dh @ W_hh.T, dW_xh, dW_hh, db_h


@rnn_step_backward.mistake(
    "W_hh is not transposed in your dh_prev. Unit j sent its value along row j of W_hh, so what comes back "
    "to it is da @ W_hh.T."
)
def step_dh_prev_without_transpose(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    dx, _, dW_xh, dW_hh, db_h = _np_step_backward(da, x, h_prev, W_xh, W_hh)
    return dx, da @ W_hh, dW_xh, dW_hh, db_h


@rnn_step_backward.mistake(
    "W_xh is not transposed in your dx: da (N, H) comes back to the inputs through W_xh.T, (H, D)."
)
def step_dx_without_transpose(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return da @ W_xh, *_np_step_backward(da, x, h_prev, W_xh, W_hh)[1:]


@rnn_step_backward.mistake(
    "Your dW_hh uses h. What W_hh multiplied in this step was the state *before* it: h_prev.T @ da."
)
def step_dw_hh_with_new_state(dh, x, h_prev, h, W_xh, W_hh):
    return _np_step_backward(dh * (1 - h**2), x, h, W_xh, W_hh)


@rnn_step_backward.mistake(
    "Your weight gradients are transposed: dW has the shape of W, inputs along the rows: x.T @ da, h_prev.T "
    "@ da.",
    credit=0.5,
)
def step_weight_gradients_transposed(dh, x, h_prev, h, W_xh, W_hh):
    dx, dh_prev, dW_xh, dW_hh, db_h = _np_step_backward(dh * (1 - h**2), x, h_prev, W_xh, W_hh)
    return dx, dh_prev, dW_xh.T, dW_hh.T, db_h


@rnn_step_backward.mistake(
    "Your db_h is not summed over the batch: all N sequences share the bias, so their gradients add up, (H,)."
)
def step_bias_not_summed(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return *_np_step_backward(da, x, h_prev, W_xh, W_hh)[:4], da


@rnn_step_backward.mistake(
    "You divided by the batch size. The loss took its mean already, so dh contains it: sum over the batch.",
    credit=0.5,
)
def step_batch_averaged(dh, x, h_prev, h, W_xh, W_hh):
    dx, dh_prev, *weights = _np_step_backward(dh * (1 - h**2), x, h_prev, W_xh, W_hh)
    return dx, dh_prev, *(w / len(x) for w in weights)


@rnn_step_backward.mistake(
    "Your db_h is the mean over the batch. The loss took its mean already, so dh contains it: sum.",
    credit=0.5,
)
def step_bias_averaged(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return *_np_step_backward(da, x, h_prev, W_xh, W_hh)[:4], da.mean(axis=0)


@rnn_step_backward.mistake(
    "You added dh to dh_prev. In one step h_prev acts through W_hh only: dh_prev is da @ W_hh.T. What other "
    "losses say about h_prev is added outside."
)
def step_dh_added(dh, x, h_prev, h, W_xh, W_hh):
    dx, dh_prev, *weights = _np_step_backward(dh * (1 - h**2), x, h_prev, W_xh, W_hh)
    return dx, dh_prev + dh, *weights


# ---------------------------------------------------------------- rnn_backward


def _autograd(dh, x, h0, h, W_xh, W_hh, k):
    """Autograd through torch.nn.RNN, the state detached every k steps."""
    before = torch.cat([h0[:, None], h[:, :-1]], dim=1)
    rnn = torch_rnn(W_xh, W_hh, _bias(x, before, h, W_xh, W_hh))
    x, h0 = x.requires_grad_(), h0.requires_grad_()
    state, total = h0, 0.0
    for x_chunk, dh_chunk in zip(x.split(k, dim=1), dh.split(k, dim=1), strict=True):
        states, _ = rnn(x_chunk, state[None].contiguous())
        total = total + (states * dh_chunk).sum()
        state = states[:, -1].detach()
    wanted = (x, h0, rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0)
    dx, dh0, dW_xh, dW_hh, db_h = torch.autograd.grad(total, wanted)
    return dx, dh0, dW_xh.T, dW_hh.T, db_h


@exercise(
    points=4,
    difficulty=3,
    minutes=40,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Each state is used twice: by the loss of its own step, and by the next step. Both gradients arrive "
        "at it, and they add up. Which end of the sequence knows everything first?",
        "Go from the last step to the first with a carry, zero at the end. At step t: hand dh[:, t] + carry "
        "to rnn_step_backward; its dh_prev is the next carry; its three weight gradients are added to "
        "running sums. The state before step 0 is h0.",
        "for t in reversed(range(T)): h_prev = h[:, t - 1] if t else h0; dx[:, t], carry, dW, dU, db = "
        "rnn_step_backward(dh[:, t] + carry, x[:, t], h_prev, h[:, t], W_xh, W_hh); then dW_xh += dW, "
        "dW_hh += dU, db_h += db. After the loop dh0 = carry.",
    ),
    source="Werbos (1990), Backpropagation Through Time: What It Does and How to Do It",
)
def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    return _autograd(dh, x, h0, h, W_xh, W_hh, k=x.shape[1])


def _case(rng: np.random.Generator, N: int, T: int, D: int, H: int, gain: float = 1.0) -> tuple:
    """dh, x, h0, h, W_xh, W_hh with the states `h` of a forward run."""
    x, h0 = rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H))
    W_xh, W_hh, b_h = rnn_weights(rng, D, H, gain)
    states, h_t = [], h0
    for t in range(T):
        h_t = np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)
        states.append(h_t)
    return rng.normal(size=(N, T, H)), x, h0, np.stack(states, axis=1), W_xh, W_hh


@rnn_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield _case(rng, *sizes)
    dh, *rest = _case(rng, 2, 7, 3, 5, gain=1.5)
    dh[:, :-1] = 0.0  # one loss, at the end
    yield (dh, *rest)
    dh, *rest = _case(rng, 2, 3, 5, 7)
    yield (20 * dh, *rest)  # large gradients: nothing is clipped here


def _before(h0, h):
    return np.concatenate([h0[:, None], h[:, :-1]], axis=1)


def _collect(da, dh0, x, before, W_xh):
    return (
        da @ W_xh.T,
        dh0,
        np.einsum("ntd,nth->dh", x, da),
        np.einsum("ntg,nth->gh", before, da),
        da.sum(axis=(0, 1)),
    )


def _np_bptt(dh, x, h0, h, W_xh, W_hh, slope=None, before=None, back=None, cuts=()):
    """The right way, with parts to exchange. The gradient does not go from step t to t-1 for t in `cuts`."""
    slope = 1 - h**2 if slope is None else slope
    before = _before(h0, h) if before is None else before
    back = W_hh.T if back is None else back
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * slope[:, t]
        carry = np.zeros_like(h0) if t in cuts else da[:, t] @ back
    return _collect(da, carry, x, before, W_xh)


@rnn_backward.mistake(
    "The gradient that arrives from the next step is not added: state h_t also acts through step t+1. Add "
    "the dh_prev of step t+1 to dh[:, t]."
)
def next_step_not_added(dh, x, h0, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return _collect(da, da[:, 0] @ W_hh.T, x, _before(h0, h), W_xh)


@rnn_backward.mistake(
    "The weight gradients are overwritten in each round, so only step 0 is left. Every step used the "
    "weights: start from zeros and accumulate with +=."
)
def gradients_overwritten(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da[:, t] @ W_hh.T
    first = da[:, 0]
    return da @ W_xh.T, carry, x[:, 0].T @ first, h0.T @ first, first.sum(axis=0)


@rnn_backward.mistake(
    "Your loop runs forwards. The last step knows its whole gradient first: go from T-1 down to 0."
)
def loop_runs_forwards(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in range(h.shape[1]):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da[:, t] @ W_hh.T
    return _collect(da, carry, x, _before(h0, h), W_xh)


@rnn_backward.mistake(
    "Only the last step's loss counts in your gradients. Every step may have a loss of its own: add dh[:, t] "
    "to the carry in each round."
)
def only_last_loss(dh, x, h0, h, W_xh, W_hh):
    dh = dh.copy()
    dh[:, :-1] = 0
    return _np_bptt(dh, x, h0, h, W_xh, W_hh)


@rnn_backward.mistake(
    "The argument dh never enters: the carry starts at zero and nothing is added to it, so all is zero. "
    "Round t starts from dh[:, t] + carry."
)
def dh_never_added(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(np.zeros_like(dh), x, h0, h, W_xh, W_hh)


@rnn_backward.mistake(
    "The carry grows from round to round: you add to it where it should be replaced. What goes back from "
    "step t already contains all that came to it from later steps."
)
def carry_accumulates(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = carry + da[:, t] @ W_hh.T
    return _collect(da, carry, x, _before(h0, h), W_xh)


@rnn_backward.mistake(
    "Your dW_hh uses h_t. In step t, W_hh multiplied the state before it: h[:, t-1], and h0 in step 0."
)
def dw_hh_with_new_state(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, before=h)


@rnn_backward.mistake(
    "In step 0 your dW_hh does not see h0: the state before the first step is h0, not zeros."
)
def initial_state_left_out(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, before=_before(np.zeros_like(h0), h))


@rnn_backward.mistake(
    "Your loop ends at step 1, so step 0 is left out of every gradient. Go down to 0: "
    "reversed(range(T)), or range(T - 1, -1, -1)."
)
def loop_ends_early(dh, x, h0, h, W_xh, W_hh):
    dx, carry = np.zeros_like(x), np.zeros_like(h0)
    late = [np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))]
    for t in reversed(range(1, h.shape[1])):
        da = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        dx[:, t], carry, *parts = _np_step_backward(da, x[:, t], h[:, t - 1], W_xh, W_hh)
        late = [total + part for total, part in zip(late, parts, strict=True)]
    return dx, carry, *late


@rnn_backward.mistake(
    "In step 0 your code takes h[:, -1] for the state before it: in NumPy the index -1 is the *last* step. "
    "Before step 0 comes h0."
)
def index_minus_one(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, before=_before(h[:, -1], h))


@rnn_backward.mistake(
    "The gradient of the initial state is dropped: dh0 is what is left in the carry after step 0.", credit=0.5
)
def dh0_dropped(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = _np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, np.zeros_like(dh0), *weights


@rnn_backward.mistake(
    "Your dh0 stops before W_hh: it is the gradient inside step 0. h0 entered through W_hh, so multiply by "
    "W_hh.T once more.",
    credit=0.5,
)
def dh0_before_weights(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = _np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, np.linalg.solve(W_hh, dh0.T).T, *weights


@rnn_backward.mistake("The gradients are right, but you collected them in the caller's dh.", credit=0.5)
def writes_into_dh(dh, x, h0, h, W_xh, W_hh):
    for t in reversed(range(1, h.shape[1])):
        dh[:, t - 1] += (dh[:, t] * (1 - h[:, t] ** 2)) @ W_hh.T
    da = dh * (1 - h**2)
    return _collect(da, da[:, 0] @ W_hh.T, x, _before(h0, h), W_xh)


@rnn_backward.mistake(
    "Your slope is 1 - tanh(h)**2, which squashes h a second time. h is already tanh(a): the slope is 1 - "
    "h**2."
)
def slope_squashed_twice(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, slope=1 - np.tanh(h) ** 2)


@rnn_backward.mistake(
    "You took the slope of tanh one step too early, 1 - h[:, t-1]**2. Step t ended in h[:, t]."
)
def slope_of_wrong_step(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, slope=1 - _before(h0, h) ** 2)


@rnn_backward.mistake("The slope of tanh, 1 - h**2, is missing in every step.")
def slope_missing(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, slope=np.ones_like(h))


@rnn_backward.mistake(
    "The carry skips the slope of tanh: what goes back to step t-1 is (total * (1 - h**2)) @ W_hh.T."
)
def carry_without_slope(dh, x, h0, h, W_xh, W_hh):
    da, carry = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        total = dh[:, t] + carry
        da[:, t] = total * (1 - h[:, t] ** 2)
        carry = total @ W_hh.T
    return _collect(da, carry, x, _before(h0, h), W_xh)


@rnn_backward.mistake("W_hh is not transposed on the way back: the carry is da @ W_hh.T.")
def carry_without_transpose(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, back=W_hh)


@rnn_backward.mistake(
    "Your weight gradients are divided by the batch size. The loss took its mean already: sum over the "
    "batch.",
    credit=0.5,
)
def batch_averaged(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = _np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, dh0, *(w / len(x) for w in weights)


@rnn_backward.mistake(
    "Your weight gradients are averaged over the steps. A shared weight gets the *sum* over all its uses.",
    credit=0.5,
)
def steps_averaged(dh, x, h0, h, W_xh, W_hh):
    dx, dh0, *weights = _np_bptt(dh, x, h0, h, W_xh, W_hh)
    return dx, dh0, *(w / x.shape[1] for w in weights)


@rnn_backward.mistake(
    "W_hh is missing on the way back: h_t reached step t+1 through W_hh, so the carry is da @ W_hh.T."
)
def carry_without_weights(dh, x, h0, h, W_xh, W_hh):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, back=np.eye(len(W_hh)))


# ---------------------------------------------------------------- truncated_rnn_backward


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
def truncated_rnn_backward(dh, x, h0, h, W_xh, W_hh, k):
    return _autograd(dh, x, h0, h, W_xh, W_hh, k)


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
        yield (*_case(rng, *sizes), k)
    dh, *rest = _case(rng, 3, 5, 2, 3)
    yield (20 * dh, *rest, 2)  # large gradients: nothing is clipped here


def _borders(T, k):
    return range(k, T, k)


@truncated_rnn_backward.mistake(
    "The chunk length k has no effect: the gradient still flows through all T steps. At the start of each "
    "chunk the way back ends."
)
def not_truncated(dh, x, h0, h, W_xh, W_hh, k):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh)


@truncated_rnn_backward.mistake(
    "You reset the state at each chunk: dW_hh sees zeros there. Truncation cuts the gradient, not the state: "
    "the state before a chunk is h[:, s-1]."
)
def state_reset_at_chunks(dh, x, h0, h, W_xh, W_hh, k):
    before = _before(h0, h)
    before[:, list(_borders(h.shape[1], k))] = 0
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, before=before, cuts=_borders(h.shape[1], k))


@truncated_rnn_backward.mistake(
    "In every chunk your dW_hh starts from h0. The state before the chunk that starts at s is h[:, s-1]."
)
def every_chunk_from_h0(dh, x, h0, h, W_xh, W_hh, k):
    before = _before(h0, h)
    before[:, list(_borders(h.shape[1], k))] = h0[:, None]
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, before=before, cuts=_borders(h.shape[1], k))


@truncated_rnn_backward.mistake(
    "Your chunk borders are off by one: chunks are 0..k-1, k..2k-1 and so on, so the cut lies between k-1 "
    "and k."
)
def border_off_by_one(dh, x, h0, h, W_xh, W_hh, k):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=range(k - 1, h.shape[1], k))


@truncated_rnn_backward.mistake(
    "You counted the chunks from the end of the sequence. They start at step 0; the last one may be shorter."
)
def chunks_from_end(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=[t for t in range(1, T) if (T - t) % k == 0])


@truncated_rnn_backward.mistake(
    "The weight gradients of the last chunk replace those of the earlier ones. Add them up over all chunks."
)
def last_chunk_only(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    start = (T - 1) // k * k
    dx, dh0, *_ = _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    cut, first = slice(start, T), h[:, start - 1] if start else h0
    weights = _np_bptt(dh[:, cut], x[:, cut], first, h[:, cut], W_xh, W_hh)[2:]
    return dx, dh0, *weights


@truncated_rnn_backward.mistake(
    "Only the loss at each chunk's last step counts in your gradients. Every step's dh enters its own chunk."
)
def last_loss_of_chunks(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    kept = np.zeros_like(dh)
    ends = [min(s + k, T) - 1 for s in range(0, T, k)]
    kept[:, ends] = dh[:, ends]
    return _np_bptt(kept, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))


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
        part = _np_bptt(alone, x, h0, h, W_xh, W_hh, cuts=(t - k + 1,))
        total = part if total is None else tuple(a + b for a, b in zip(total, part, strict=True))
    return total


@truncated_rnn_backward.mistake(
    "Your dh0 is that of the last chunk. Only the first chunk starts from h0: keep its gradient.", credit=0.5
)
def dh0_of_last_chunk(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    dx, _, *weights = _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    start = (T - 1) // k * k
    cut = slice(start, T)
    dh0 = _np_bptt(dh[:, cut], x[:, cut], _before(h0, h)[:, start], h[:, cut], W_xh, W_hh)[1]
    return dx, dh0, *weights


@truncated_rnn_backward.mistake(
    "Your dh0 adds up what all chunks send back. That of later chunks belongs to states that we treat as "
    "given: only the first chunk starts from h0.",
    credit=0.5,
)
def dh0_of_all_chunks(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    dx, dh0, *weights = _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    for start in _borders(T, k):
        cut = slice(start, start + k)
        dh0 = dh0 + _np_bptt(dh[:, cut], x[:, cut], h[:, start - 1], h[:, cut], W_xh, W_hh)[1]
    return dx, dh0, *weights


@truncated_rnn_backward.mistake(
    "You averaged over the chunks. The loss is the same as before; only some of its paths are left out: add "
    "up."
)
def chunks_averaged(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    dx, dh0, *weights = _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(T, k))
    return dx, dh0, *(w / -(-T // k) for w in weights)


@truncated_rnn_backward.mistake(
    "You cut between steps k and k+1: the carry is set to zero before the chunk's first step has used it. "
    "Use it in step t first, then cut where t % k == 0."
)
def cuts_before_use(dh, x, h0, h, W_xh, W_hh, k):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=range(1, h.shape[1], k))


@truncated_rnn_backward.mistake(
    "Your cut at t % k == 0 also strikes at step 0 and erases dh0. Keep what goes back from step 0: h0 is "
    "where the first chunk starts.",
    credit=0.5,
)
def dh0_cut_off(dh, x, h0, h, W_xh, W_hh, k):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=range(0, h.shape[1], k))


@truncated_rnn_backward.mistake(
    "You went back over the last k steps and stopped, so all earlier losses are lost. Each chunk of k steps "
    "has a way back of its own."
)
def last_k_steps_only(dh, x, h0, h, W_xh, W_hh, k):
    da, carry = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(max(h.shape[1] - k, 0), h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da[:, t] @ W_hh.T
    return _collect(da, carry, x, _before(h0, h), W_xh)


@truncated_rnn_backward.mistake(
    "Only the last chunk goes back in your code: dx of all earlier steps is zero. Every chunk has a way back "
    "of its own, and dh0 comes from the first one."
)
def other_chunks_lost(dh, x, h0, h, W_xh, W_hh, k):
    start = (h.shape[1] - 1) // k * k
    late = np.where(np.arange(h.shape[1])[:, None] >= start, dh, 0)
    dx, _, *weights = _np_bptt(late, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], k))
    dh0 = _np_bptt(late[:, start:], x[:, start:], h0, h[:, start:], W_xh, W_hh)[1]
    return dx, dh0 if start == 0 else np.zeros_like(h0), *weights


@truncated_rnn_backward.mistake(
    "The last chunk is lost where it is shorter than k. Let the chunks start at 0, k, 2k ... as long as that "
    "is below T: range(0, T, k)."
)
def short_chunk_dropped(dh, x, h0, h, W_xh, W_hh, k):
    whole = h.shape[1] // k * k
    kept = np.where(np.arange(h.shape[1])[:, None] < whole, dh, 0)
    return _np_bptt(kept, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], k))


@truncated_rnn_backward.mistake(
    "Your chunks are one step too long: k steps each, so they start at 0, k, 2k and so on."
)
def chunks_too_long(dh, x, h0, h, W_xh, W_hh, k):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], k + 1))


@truncated_rnn_backward.mistake(
    "Your chunks are one step too short: k steps each, so they start at 0, k, 2k and so on."
)
def chunks_too_short(dh, x, h0, h, W_xh, W_hh, k):
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], max(k - 1, 1)))


@truncated_rnn_backward.mistake("You read k as the number of chunks. It is how many steps a chunk has.")
def k_counts_chunks(dh, x, h0, h, W_xh, W_hh, k):
    steps = -(-h.shape[1] // k)
    return _np_bptt(dh, x, h0, h, W_xh, W_hh, cuts=_borders(h.shape[1], steps))


# ---------------------------------------------------------------- embedding_backward


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("dE",),
    hints=(
        "Row v of the table was copied to every place where ids is v. What comes back to a row that was used "
        "three times?",
        "Add dx[n, t] to row ids[n, t], for all n and t. dE[ids] += dx does not do that: a row that occurs "
        "twice is written twice, not added twice.",
        "dE = np.zeros((V, dx.shape[-1])); np.add.at(dE, ids, dx); return dE",
    ),
    source="Bengio et al. (2003), A Neural Probabilistic Language Model",
)
def embedding_backward(ids, dx, V):
    table = torch.zeros(V, dx.shape[-1], dtype=dx.dtype, device=dx.device, requires_grad=True)
    return torch.autograd.grad(functional.embedding(ids, table), table, dx)[0]


@embedding_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, V in ((2, 7, 3, 5), (3, 5, 2, 11), (5, 3, 2, 2)):
        ids = rng.integers(0, V, size=(N, T))
        ids[0, :3] = ids[-1, -1]  # one symbol occurs often, within and across sequences
        yield ids, rng.normal(size=(N, T, D)), V
    yield np.array([[3, 3, 1]]), rng.normal(size=(1, 3, 5)), 7
    yield np.array([[0]]), rng.normal(size=(1, 1, 2)), 3
    yield rng.integers(0, 5, size=(3, 2)), 20 * rng.normal(size=(3, 2, 7)), 5  # nothing is clipped here


@embedding_backward.mistake(
    "Writing to dE[ids] (with = or with +=) keeps only one gradient of a symbol that occurs several times: "
    "its row is written again, not added to. np.add.at(dE, ids, dx) adds every time."
)
def duplicates_overwrite(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    dE[ids] += dx
    return dE


@embedding_backward.mistake(
    "You averaged over a symbol's occurrences. Each use adds its gradient: it is a sum.", credit=0.5
)
def embedding_averaged(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids, dx)
    return dE / np.maximum(np.bincount(ids.ravel(), minlength=V), 1)[:, None]


@embedding_backward.mistake(
    "Only the first sequence of the batch reaches your table: add up over all N of them."
)
def embedding_first_sequence(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids[0], dx[0])
    return dE


@embedding_backward.mistake(
    "Only the last step reaches your table: every step looked a row up, so add up over all T of them."
)
def embedding_last_step(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids[:, -1], dx[:, -1])
    return dE


@embedding_backward.mistake(
    "Your table is transposed: the gradient has the shape of the table, one row of D numbers per symbol, (V, "
    "D).",
    credit=0.5,
)
def embedding_transposed(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids, dx)
    return dE.T


@embedding_backward.mistake(
    "Where two sequences have the same symbol at one step, only one gradient is kept: dE[ids[:, t]] += ... "
    "writes such a row twice. np.add.at(dE, ids, dx) adds every time."
)
def duplicates_of_a_step_overwrite(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    for t in range(ids.shape[1]):
        dE[ids[:, t]] += dx[:, t]
    return dE


@embedding_backward.mistake(
    "You averaged over all entries of the batch. The mean is in dx already: each use adds its gradient.",
    credit=0.5,
)
def embedding_divided_by_entries(ids, dx, V):
    dE = np.zeros((V, dx.shape[-1]))
    np.add.at(dE, ids, dx)
    return dE / ids.size


# ---------------------------------------------------------------- relative_error


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("error",),
    hints=(
        "How large is the difference, compared with the things compared? Two gradients that are both zero "
        "agree.",
        "The length of an array is the root of the sum of its squares: np.linalg.norm(a), for any number of "
        "axes.",
        "size = np.linalg.norm(analytic) + np.linalg.norm(numeric); return 0.0 if size == 0 else "
        "np.linalg.norm(analytic - numeric) / size",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 11.5",
)
def relative_error(analytic, numeric):
    size = torch.linalg.vector_norm(analytic) + torch.linalg.vector_norm(numeric)
    return torch.where(size > 0, torch.linalg.vector_norm(analytic - numeric) / size, 0.0)


@relative_error.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    a = rng.normal(size=(3, 5))
    yield a, a + 1e-2 * rng.normal(size=(3, 5))
    yield 1e-3 * rng.normal(size=7), 1e-3 * rng.normal(size=7)
    yield a[:2], 3 * a[:2] + rng.normal(size=(2, 5))
    yield 5 * a, -5 * a
    yield np.zeros((2, 3)), np.zeros((2, 3))
    yield rng.normal(size=(2, 3, 5)), np.zeros((2, 3, 5))
    yield np.array([2.0, 0.0, 1e-9]), np.array([2.0, 0.0, 3e-9])
    yield 1e-30 * a, -3e-30 * a  # small gradients can be as wrong as large ones


def _length(a):
    return np.sqrt((a**2).sum())


@relative_error.mistake(
    "This is the absolute error: it depends on the scale of the gradients. Divide by the sum of both lengths."
)
def error_not_relative(analytic, numeric):
    return _length(analytic - numeric)


@relative_error.mistake(
    "Differences of opposite sign cancel in your sum. Take the length of the difference: the root of its "
    "summed squares."
)
def error_cancels(analytic, numeric):
    size = _length(analytic) + _length(numeric)
    return abs((analytic - numeric).sum()) / size if size else 0.0


@relative_error.mistake(
    "Two gradients that are zero everywhere agree, but 0 / 0 is nan: return 0.0 in this case.", credit=0.5
)
def error_nan_for_zeros(analytic, numeric):
    return _length(analytic - numeric) / np.float64(_length(analytic) + _length(numeric))


@relative_error.mistake(
    "You divided by the analytic length alone, so swapping the arguments changes the answer. Divide by the "
    "sum of both lengths."
)
def error_by_analytic(analytic, numeric):
    size = _length(analytic)
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You divided by the numeric length alone, which fails when that is zero. Divide by the sum of both "
    "lengths."
)
def error_by_numeric(analytic, numeric):
    size = _length(numeric)
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You divided by the larger of the two lengths; here it is their sum, so that the error lies between 0 "
    "and 1.",
    credit=0.5,
)
def error_by_larger(analytic, numeric):
    size = max(_length(analytic), _length(numeric))
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You took the worst single entry. An entry near zero is all rounding noise: compare the lengths of whole "
    "arrays instead."
)
def error_of_worst_entry(analytic, numeric):
    return (np.abs(analytic - numeric) / np.maximum(np.abs(analytic) + np.abs(numeric), 1e-12)).max()


@relative_error.mistake(
    "The roots are missing: lengths are roots of summed squares, also in the denominator."
)
def error_squared(analytic, numeric):
    size = (analytic**2).sum() + (numeric**2).sum()
    return ((analytic - numeric) ** 2).sum() / size if size else 0.0


@relative_error.mistake(
    "The error must not depend on the scale: no tolerance and no eps, only exactly zero is special. Your "
    "answer for two very small, quite different gradients is 0."
)
def error_zero_when_small(analytic, numeric):
    return _length(analytic - numeric) / max(_length(analytic) + _length(numeric), 1e-12)


@relative_error.mistake(
    "You added 1e-8 to the denominator, so small gradients look right even if they are wrong. Only two "
    "gradients that are exactly zero are special.",
    credit=0.5,
)
def error_with_eps(analytic, numeric):
    return _length(analytic - numeric) / (_length(analytic) + _length(numeric) + 1e-8)


@relative_error.mistake(
    "You averaged the errors of single entries. An entry near zero is all rounding noise and would weigh as "
    "much as the others: compare the lengths of whole arrays instead."
)
def error_of_mean_entry(analytic, numeric):
    return (np.abs(analytic - numeric) / np.maximum(np.abs(analytic) + np.abs(numeric), 1e-12)).mean()


@relative_error.mistake(
    "You divided entry by entry and took the greatest; where both entries are zero this is nan. Compare the "
    "lengths of whole arrays instead."
)
def error_of_worst_entry_nan(analytic, numeric):
    return (np.abs(analytic - numeric) / (np.abs(analytic) + np.abs(numeric))).max()


@relative_error.mistake(
    "You divided entry by entry and took the mean; where both entries are zero this is nan. Compare the "
    "lengths of whole arrays instead."
)
def error_of_mean_entry_nan(analytic, numeric):
    return (np.abs(analytic - numeric) / (np.abs(analytic) + np.abs(numeric))).mean()


@relative_error.mistake(
    "You divided by the length of the sum, which is small where two gradients point opposite ways. Divide by "
    "the sum of the two lengths."
)
def error_by_length_of_sum(analytic, numeric):
    size = _length(analytic + numeric)
    return _length(analytic - numeric) / size if size else 0.0


@relative_error.mistake(
    "You compared the lengths only: two gradients of equal length may point anywhere. Take the length of the "
    "difference, not the difference of the lengths."
)
def error_of_lengths(analytic, numeric):
    size = _length(analytic) + _length(numeric)
    return abs(_length(analytic) - _length(numeric)) / size if size else 0.0


@relative_error.mistake(
    "You summed absolute values. The length of an array is the root of its summed squares.", credit=0.5
)
def error_of_absolute_sums(analytic, numeric):
    size = np.abs(analytic).sum() + np.abs(numeric).sum()
    return np.abs(analytic - numeric).sum() / size if size else 0.0


@relative_error.mistake(
    "You took the greatest absolute values in the place of lengths. The length of an array is the root of "
    "its summed squares.",
    credit=0.5,
)
def error_of_greatest_values(analytic, numeric):
    size = np.abs(analytic).max() + np.abs(numeric).max()
    return np.abs(analytic - numeric).max() / size if size else 0.0
