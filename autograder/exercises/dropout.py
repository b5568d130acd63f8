"""Lesson 11: noise in a recurrent network, and where it may stand."""

from collections.abc import Iterator

import numpy as np
import torch

from autograder.exercise import exercise

SRIVASTAVA = "Srivastava et al. (2014), Dropout: A Simple Way to Prevent Neural Networks from Overfitting"
GAL = (
    "Gal and Ghahramani (2016), A Theoretically Grounded Application of Dropout in Recurrent Neural Networks"
)


# ---------------------------------------------------------------- inverted_dropout


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("y",),
    hints=(
        "Three things happen in training: decide what is kept, set the rest to zero, scale what is kept.",
        "keep = uniforms >= p is a boolean array with P(keep) = 1 - p. What factor restores the mean?",
        "The body: return np.where(uniforms >= p, x / (1 - p), 0.0) if training else x.copy()",
    ),
    source=SRIVASTAVA,
)
def inverted_dropout(x, uniforms, p, training):
    if not training:
        return x.clone()
    return torch.where(uniforms >= p, x / (1 - p), torch.zeros_like(x))


@inverted_dropout.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(3, 5)), rng.uniform(size=(3, 5)), 0.3, True
    yield rng.normal(size=(2, 7, 5)), rng.uniform(size=(2, 7, 5)), 0.7, True
    yield rng.normal(size=(3, 7)), rng.uniform(size=(3, 7)), 0.4, False
    # Uniforms that hit p exactly: the boundary belongs to the kept ones.
    yield 1 + rng.uniform(size=(2, 4)), np.array([[0.0, 0.25, 0.5, 0.75], [0.75, 0.5, 0.25, 0.0]]), 0.25, True
    yield rng.normal(size=(1, 3)), rng.uniform(size=(1, 3)), 0.0, True


@inverted_dropout.mistake(
    "You set the dropped units to zero, but did not scale the kept ones up by 1 / (1 - p): the mean shrinks.",
    credit=0.25,
)
def no_scale(x, uniforms, p, training):
    return x * (uniforms >= p) if training else x.copy()


@inverted_dropout.mistake(
    "You divided the kept units by p, which is how likely a unit is to be dropped; divide by 1 - p, "
    "how likely it is to be kept."
)
def scaled_by_p(x, uniforms, p, training):
    return x * (uniforms >= p) / p if training else x.copy()


@inverted_dropout.mistake(
    "You multiplied the kept units by 1 - p; they must grow to make up for the missing ones: divide by 1 - p."
)
def scaled_down(x, uniforms, p, training):
    return x * (uniforms >= p) * (1 - p) if training else x.copy()


@inverted_dropout.mistake(
    "Keep and drop are confused: you kept the units whose uniform is below p. Here p is the chance to be "
    "dropped, so keep where uniforms >= p."
)
def keeps_what_should_drop(x, uniforms, p, training):
    return x * (uniforms < p) / (1 - p) if training else x.copy()


@inverted_dropout.mistake(
    "You kept where uniforms < 1 - p: as many units survive, but not the agreed ones. Keep where "
    "uniforms >= p."
)
def other_side(x, uniforms, p, training):
    return x * (uniforms < 1 - p) / (1 - p) if training else x.copy()


@inverted_dropout.mistake("A uniform equal to p counts as kept: compare with >=, not with >.", credit=0.75)
def strict_comparison(x, uniforms, p, training):
    return x * (uniforms > p) / (1 - p) if training else x.copy()


@inverted_dropout.mistake(
    "Your dropout is active at evaluation too: with training False, x comes back unchanged."
)
def active_at_evaluation(x, uniforms, p, training):
    return x * (uniforms >= p) / (1 - p)


@inverted_dropout.mistake(
    "You scaled at evaluation (the older, not inverted form): inverted dropout divides by 1 - p in training "
    "and leaves evaluation alone.",
    credit=0.25,
)
def scales_at_evaluation(x, uniforms, p, training):
    return x * (uniforms >= p) if training else x * (1 - p)


@inverted_dropout.mistake(
    "You used one sequence's uniforms for the whole batch; every row of x has uniforms of its own."
)
def shared_across_batch(x, uniforms, p, training):
    return x * (uniforms[:1] >= p) / (1 - p) if training else x.copy()


@inverted_dropout.mistake(
    "You divided by the share of units that happened to be kept; divide by the chance to be kept, 1 - p, "
    "which does not depend on the draw.",
    credit=0.25,
)
def scaled_by_the_kept_share(x, uniforms, p, training):
    keep = uniforms >= p
    return x * keep / keep.mean() if training else x.copy()


# ---------------------------------------------------------------- tied_mask


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("mask",),
    hints=(
        "Make one mask per sequence first, of shape (N, H); time comes afterwards.",
        "Kept units hold 1 / (1 - p), dropped ones 0. Then put a new axis in the middle and repeat along it.",
        "The body: return np.repeat(((uniforms >= p) / (1 - p))[:, None], T, axis=1)",
    ),
    source=GAL,
)
def tied_mask(uniforms, p, T):
    mask = (uniforms >= p).to(uniforms.dtype) / (1 - p)
    return mask.unsqueeze(1).expand(-1, T, -1)


@tied_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.uniform(size=(3, 7)), 0.3, 5
    yield rng.uniform(size=(2, 5)), 0.7, 3
    yield np.array([[0.0, 0.25, 0.5, 0.75, 0.1], [0.75, 0.5, 0.25, 0.0, 0.9]]), 0.25, 2
    yield rng.uniform(size=(1, 3)), 0.4, 1
    yield rng.uniform(size=(2, 3)), 0.0, 2


def _mask(uniforms, p):
    return (uniforms >= p) / (1 - p)


def _over_time(mask, T):
    return np.repeat(mask[:, None], T, axis=1)


@tied_mask.mistake(
    "The mask holds zeros and ones: put the factor 1 / (1 - p) into it, so that multiplying by it "
    "keeps the mean.",
    credit=0.5,
)
def mask_without_scale(uniforms, p, T):
    return _over_time((uniforms >= p).astype(float), T)


@tied_mask.mistake("Kept entries must hold 1 / (1 - p); yours hold 1 / p.")
def mask_scaled_by_p(uniforms, p, T):
    return _over_time((uniforms >= p) / p, T)


@tied_mask.mistake(
    "Keep and drop are confused: an entry is kept where its uniform is at least p, not where it is below."
)
def mask_keeps_the_dropped(uniforms, p, T):
    return _over_time((uniforms < p) / (1 - p), T)


@tied_mask.mistake(
    "A uniform equal to p counts as kept: compare with >=, not with >.",
    credit=0.75,
)
def mask_strict(uniforms, p, T):
    return _over_time((uniforms > p) / (1 - p), T)


@tied_mask.mistake(
    "Every sequence got the first one's mask: tied means the same over time, not over the batch."
)
def mask_tied_over_batch(uniforms, p, T):
    return np.repeat(_over_time(_mask(uniforms, p), T)[:1], len(uniforms), axis=0)


@tied_mask.mistake(
    "Your mask is a new one at each step (the uniforms shifted on); all T steps of a sequence share one mask."
)
def new_mask_each_step(uniforms, p, T):
    return np.stack([_mask(np.roll(uniforms, t, axis=1), p) for t in range(T)], axis=1)


@tied_mask.mistake(
    "The numbers are right but scrambled: tiling (N, H) and then reshaping mixes the sequences up. Insert an "
    "axis of time, mask[:, None], and repeat along that.",
    credit=0.25,
)
def tiled_and_reshaped(uniforms, p, T):
    return np.tile(_mask(uniforms, p), (T, 1)).reshape(len(uniforms), T, -1)


@tied_mask.mistake(
    "Time came first, (T, N, H): the batch is the first axis, so repeat along axis 1.", credit=0.5
)
def time_first(uniforms, p, T):
    return np.repeat(_mask(uniforms, p)[None], T, axis=0)


# ---------------------------------------------------------------- dropout_rnn_forward


def _rnn_case(rng, N, T, D, H, scale=0.6):
    """x, h0, W_xh, W_hh, b_h of a network that is not saturated, nothing symmetric, nothing zero."""
    return (
        rng.normal(size=(N, T, D)),
        0.5 * rng.normal(size=(N, H)),
        scale * rng.normal(size=(D, H)) / np.sqrt(D),
        scale * rng.normal(size=(H, H)) / np.sqrt(H),
        0.3 * rng.normal(size=H),
    )


def _untied(rng, N, T, H, p):
    """One inverted mask per step, with at least one kept and one dropped unit in the first two steps."""
    mask = (rng.uniform(size=(N, T, H)) >= p) / (1 - p)
    mask[:, :2, 0], mask[:, :2, 1] = 1 / (1 - p), 0
    return mask


def _masked_cases(rng):
    """Arguments x, h0, W_xh, W_hh, b_h, mask_x, mask_h."""
    yield *_rnn_case(rng, 2, 5, 3, 7), _untied(rng, 2, 5, 3, 0.4), _untied(rng, 2, 5, 7, 0.5)
    tied = np.repeat(_untied(rng, 3, 2, 5, 0.3)[:, :1], 4, axis=1)
    yield *_rnn_case(rng, 3, 4, 2, 5), _untied(rng, 3, 4, 2, 0.3), tied
    yield *_rnn_case(rng, 1, 1, 2, 3), _untied(rng, 1, 1, 2, 0.5), _untied(rng, 1, 1, 3, 0.25)
    yield *_rnn_case(rng, 2, 3, 5, 3), np.ones((2, 3, 5)), np.zeros((2, 3, 3))


@exercise(
    points=3,
    difficulty=2,
    minutes=12,
    returns=("h",),
    hints=(
        "Copy the loop of rnn_forward; only what enters the two matrix products changes.",
        "In step t, x[:, t] meets mask_x[:, t] and the previous state meets mask_h[:, t], both before the "
        "product. The state that you store is not masked.",
        "Inside the loop: state = np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + (state * mask_h[:, t]) @ "
        "W_hh + b_h)",
    ),
    source=GAL,
)
def dropout_rnn_forward(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    cell = torch.nn.RNNCell(*W_xh.shape, device=x.device, dtype=x.dtype)
    weights = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_h, "bias_hh": torch.zeros_like(b_h)}
    states = [h0]
    for t in range(x.shape[1]):
        entering = x[:, t] * mask_x[:, t], states[-1] * mask_h[:, t]
        states.append(torch.func.functional_call(cell, weights, entering))
    return torch.stack(states[1:], dim=1)


@dropout_rnn_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from _masked_cases(rng)


def _run(x, h0, step):
    """States (N, T, H) of any recurrence: `step(t, h_prev)` gives the new state."""
    states = [h0]
    for t in range(x.shape[1]):
        states.append(step(t, states[-1]))
    return np.stack(states[1:], axis=1)


def _masked(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    """What is right; most mistakes below hand it spoilt arguments."""

    def step(t, h):
        return np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + (h * mask_h[:, t]) @ W_hh + b_h)

    return _run(x, h0, step)


@dropout_rnn_forward.mistake(
    "You masked the state itself: h_t * mask is stored and returned. Mask only the copy of h_{t-1} "
    "that enters "
    "W_hh; the state that is carried on and read out stays whole."
)
def masks_the_carry(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    def step(t, h):
        return np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + h @ W_hh + b_h) * mask_h[:, t]

    return _run(x, h0, step)


@dropout_rnn_forward.mistake(
    "You masked after the product, (h W_hh) * mask, which drops columns of W_hh; mask the state "
    "before the product."
)
def masks_after_the_product(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    def step(t, h):
        return np.tanh((x[:, t] * mask_x[:, t]) @ W_xh + (h @ W_hh) * mask_h[:, t] + b_h)

    return _run(x, h0, step)


@dropout_rnn_forward.mistake(
    "The previous state enters W_hh without its mask: multiply it by mask_h[:, t] first."
)
def forgets_mask_h(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    return _masked(x, h0, W_xh, W_hh, b_h, mask_x, np.ones_like(mask_h))


@dropout_rnn_forward.mistake(
    "The input enters W_xh without its mask: multiply x[:, t] by mask_x[:, t] first."
)
def forgets_mask_x(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    return _masked(x, h0, W_xh, W_hh, b_h, np.ones_like(mask_x), mask_h)


@dropout_rnn_forward.mistake(
    "You used the first step's masks at every step; step t has slices of its own, mask_x[:, t] and "
    "mask_h[:, t]."
)
def first_masks_for_all(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    first = np.zeros(x.shape[1], dtype=int)
    return _masked(x, h0, W_xh, W_hh, b_h, mask_x[:, first], mask_h[:, first])


@dropout_rnn_forward.mistake(
    "The masks of the state come one step late: mask_h[:, t] multiplies the state that enters step "
    "t, h0 included.",
    credit=0.25,
)
def masks_one_step_late(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    late = np.concatenate([np.ones_like(mask_h[:, :1]), mask_h[:, :-1]], axis=1)
    return _masked(x, h0, W_xh, W_hh, b_h, mask_x, late)


@dropout_rnn_forward.mistake(
    "You took mask_h[:, t - 1], which in the first step is the last mask of all; mask_h[:, t] belongs to the"
    " state that enters step t.",
    credit=0.25,
)
def mask_index_of_the_state(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    return _masked(x, h0, W_xh, W_hh, b_h, mask_x, np.roll(mask_h, 1, axis=1))


@dropout_rnn_forward.mistake(
    "Every sequence got the masks of the first one; masks have a batch axis, so slice them as you slice x."
)
def masks_shared_across_batch(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    first = np.zeros(len(x), dtype=int)
    return _masked(x, h0, W_xh, W_hh, b_h, mask_x[first], mask_h[first])


@dropout_rnn_forward.mistake(
    "In step 0 h0 enters W_hh without a mask: mask_h[:, 0] multiplies it, as mask_h[:, t] multiplies the "
    "state that enters step t.",
    credit=0.5,
)
def h0_not_masked(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    later = mask_h.copy()
    later[:, 0] = 1
    return _masked(x, h0, W_xh, W_hh, b_h, mask_x, later)


@dropout_rnn_forward.mistake("You started from zeros: the first step begins with h0 (masked like any state).")
def starts_from_zeros(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    return _masked(x, np.zeros_like(h0), W_xh, W_hh, b_h, mask_x, mask_h)


# ---------------------------------------------------------------- dropout_rnn_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Start from rnn_backward of lesson 06. A mask is a factor on a wire: the gradient that flows "
        "back along "
        "that wire meets the same factor.",
        "With dz = (dh[:, t] + dh_next) * (1 - h[:, t]**2): the weights saw the masked x_t and the masked "
        "h_{t-1}, so those are what stand in dW_xh and dW_hh.",
        "dx[:, t] = (dz @ W_xh.T) * mask_x[:, t]; dW_hh += (h_prev * mask_h[:, t]).T @ dz; "
        "dh_next = (dz @ W_hh.T) * mask_h[:, t]",
    ),
    source=GAL,
)
def dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    x, h0, W_xh, W_hh = (tensor.clone().requires_grad_() for tensor in (x, h0, W_xh, W_hh))
    b_h = torch.zeros_like(h0[0]).requires_grad_()
    state, states = h0, []
    for t in range(x.shape[1]):
        entering = (x[:, t] * mask_x[:, t]) @ W_xh + (state * mask_h[:, t]) @ W_hh
        # The bias is not an argument: what it adds is known from the state that the forward pass left.
        bias = (torch.atanh(h[:, t]) - entering).detach()
        state = torch.tanh(entering + bias + b_h)
        states.append(state)
    return torch.autograd.grad(torch.stack(states, dim=1), (x, h0, W_xh, W_hh, b_h), dh)


@dropout_rnn_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for x, h0, W_xh, W_hh, b_h, mask_x, mask_h in _masked_cases(rng):
        h = _masked(x, h0, W_xh, W_hh, b_h, mask_x, mask_h)
        yield rng.normal(size=h.shape), x, h0, h, W_xh, W_hh, mask_x, mask_h


def _backward(
    dh, x, h0, h, W_xh, W_hh, mask_x, mask_h,
    *, slope=None, back_x=None, back_h=None, seen_x=None, seen_h=None, later=1.0, previous=None,
):  # fmt: skip
    """What is right, with one thing at a time to spoil: the keywords replace what its name says."""
    slope = 1 - h**2 if slope is None else slope
    back_x = mask_x if back_x is None else back_x
    back_h = mask_h if back_h is None else back_h
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1) if previous is None else previous
    seen_x = x * mask_x if seen_x is None else seen_x
    seen_h = before * mask_h if seen_h is None else seen_h
    dz, dnext = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dz[:, t] = (dh[:, t] + later * dnext) * slope[:, t]
        dnext = (dz[:, t] @ W_hh.T) * back_h[:, t]
    dW_xh = np.einsum("ntd,nth->dh", seen_x, dz)
    dW_hh = np.einsum("ntg,nth->gh", seen_h, dz)
    return (dz @ W_xh.T) * back_x, dnext, dW_xh, dW_hh, dz.sum(axis=(0, 1))


@dropout_rnn_backward.mistake(
    "On its way back through W_hh the gradient did not meet the mask: dh_{t-1} = (dz W_hh^T) * mask_h[:, t].",
    credit=0.25,
)
def no_mask_on_the_way_back(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_h=np.ones_like(mask_h))


@dropout_rnn_backward.mistake(
    "In dW_hh stands the whole h_{t-1}, but the forward pass multiplied W_hh by the masked one: use "
    "h_{t-1} * mask_h[:, t].",
    credit=0.5,
)
def whole_state_in_dw_hh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    seen = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, seen_h=seen)


@dropout_rnn_backward.mistake(
    "The gradient of x is not masked: what was dropped had no influence, so dx = (dz W_xh^T) * mask_x.",
    credit=0.5,
)
def no_mask_on_dx(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_x=np.ones_like(mask_x))


@dropout_rnn_backward.mistake(
    "In dW_xh stands the whole x_t, but the forward pass multiplied W_xh by the masked one: use x_t "
    "* mask_x[:, t].",
    credit=0.5,
)
def whole_input_in_dw_xh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, seen_x=x)


@dropout_rnn_backward.mistake(
    "The backward pass used other masks for the state than the forward pass: step t meets mask_h[:, "
    "t] both ways, "
    "not that of another step.",
)
def new_mask_in_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    other = np.roll(mask_h, -1, axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, other)


@dropout_rnn_backward.mistake(
    "You masked the gradient that arrives from above, dh: the states that are read out were never "
    "masked, only "
    "the copies that enter W_hh."
)
def masks_the_arriving_gradient(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    ones = np.ones_like(mask_h)
    return _backward(dh * mask_h, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_h=ones)


@dropout_rnn_backward.mistake(
    "The gradient that arrives from the next step was not added: each dz needs dh[:, t] plus what "
    "step t+1 sent.",
    credit=0.25,
)
def next_step_not_added(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, later=0.0)


@dropout_rnn_backward.mistake(
    "The slope of tanh is 1 - h**2, because h is already the tanh; 1 - tanh(h)**2 applies it twice.",
    credit=0.25,
)
def tanh_twice(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, slope=1 - np.tanh(h) ** 2)


@dropout_rnn_backward.mistake(
    "In dW_hh you used h_t where the state before it belongs: step t multiplied W_hh by h_{t-1} (h0 "
    "at the start).",
    credit=0.25,
)
def this_state_in_dw_hh(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, previous=h)


@dropout_rnn_backward.mistake(
    "The gradient of h0 is zero in your answer: return what the first step sends back, mask included.",
    credit=0.5,
)
def drops_dh0(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    dx, dh0, *rest = _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h)
    return dx, np.zeros_like(dh0), *rest


@dropout_rnn_backward.mistake(
    "You masked dz before W_hh^T; the mask stands on the state's side of W_hh, so backwards it comes after "
    "the product: (dz W_hh^T) * mask_h[:, t].",
    credit=0.25,
)
def mask_before_the_product(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    arrived, later = dh.copy(), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        arrived[:, t] += later
        later = (arrived[:, t] * (1 - h[:, t] ** 2) * mask_h[:, t]) @ W_hh.T
    dx, _, *weights = _backward(arrived, x, h0, h, W_xh, W_hh, mask_x, mask_h, later=0.0)
    return dx, later, *weights


@dropout_rnn_backward.mistake(
    "What step t sends back met the mask of step t-1: h_{t-1} entered step t through mask_h[:, t], so its "
    "gradient meets that one.",
    credit=0.25,
)
def mask_of_the_step_before(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    before = np.roll(mask_h, 1, axis=1)
    return _backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h, back_h=before)


# ---------------------------------------------------------------- zoneout_step


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("h",),
    hints=(
        "Zoneout chooses, unit by unit, between two states; nothing becomes zero and nothing is rescaled.",
        "With probability p a unit keeps its previous value (uniforms < p). At evaluation take the "
        "expected value "
        "of that choice.",
        "The body: return np.where(uniforms < p, h_prev, h_candidate) if training "
        "else p * h_prev + (1 - p) * h_candidate",
    ),
    source="Krueger et al. (2017), Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations",
)
def zoneout_step(h_prev, h_candidate, uniforms, p, training):
    if not training:
        return torch.lerp(h_candidate, h_prev, p)
    return torch.where(uniforms < p, h_prev, h_candidate)


@zoneout_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def states(N, H):
        return rng.normal(size=(N, H)), rng.normal(size=(N, H))

    yield *states(5, 7), rng.uniform(size=(5, 7)), 0.3, True
    yield *states(3, 11), rng.uniform(size=(3, 11)), 0.6, True
    yield *states(2, 5), rng.uniform(size=(2, 5)), 0.3, False
    # A uniform equal to p takes the candidate.
    yield *states(2, 4), np.array([[0.0, 0.25, 0.5, 0.75], [0.75, 0.5, 0.25, 0.0]]), 0.25, True
    yield *states(1, 3), rng.uniform(size=(1, 3)), 0.0, True


@zoneout_step.mistake(
    "You swapped the two states: with probability p (uniforms < p) a unit keeps h_prev, else it "
    "takes the candidate."
)
def swaps_the_states(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_candidate, h_prev, uniforms, p, training)


def _zoneout(h_prev, h_candidate, uniforms, p, training):
    """What is right, for mistakes that spoil its arguments."""
    if not training:
        return p * h_prev + (1 - p) * h_candidate
    return np.where(uniforms < p, h_prev, h_candidate)


@zoneout_step.mistake(
    "You set the chosen units to zero: that is dropout of the state. In zoneout they keep their "
    "previous value."
)
def zeroes_like_dropout(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(np.zeros_like(h_prev) if training else h_prev, h_candidate, uniforms, p, training)


@zoneout_step.mistake(
    "You divided the updated units by 1 - p: the kept ones still hold a value of the right size, so no scale "
    "is needed.",
    credit=0.25,
)
def scales_like_dropout(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_prev, h_candidate / (1 - p) if training else h_candidate, uniforms, p, training)


@zoneout_step.mistake(
    "At evaluation you returned the candidate; the network was trained on a mixture, so return its expected "
    "value, p h_prev + (1 - p) h_candidate.",
    credit=0.5,
)
def candidate_at_evaluation(h_prev, h_candidate, uniforms, p, training):
    return np.where(uniforms < p, h_prev, h_candidate) if training else h_candidate.copy()


@zoneout_step.mistake(
    "Your zoneout is still random at evaluation: there every unit gets p h_prev + (1 - p) h_candidate.",
    credit=0.5,
)
def random_at_evaluation(h_prev, h_candidate, uniforms, p, training):
    return np.where(uniforms < p, h_prev, h_candidate)


@zoneout_step.mistake(
    "The weights of the mean are swapped at evaluation: h_prev was kept with probability p, so its "
    "weight is p.",
    credit=0.5,
)
def swapped_mean(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_prev, h_candidate, uniforms, p if training else 1 - p, training)


@zoneout_step.mistake(
    "A uniform equal to p takes the candidate: keep where uniforms < p, not <=.", credit=0.75
)
def keeps_at_equality(h_prev, h_candidate, uniforms, p, training):
    return np.where(uniforms <= p, h_prev, h_candidate) if training else p * h_prev + (1 - p) * h_candidate


@zoneout_step.mistake(
    "The whole batch shares the first row's choice; every sequence has uniforms of its own."
)
def choice_shared_across_batch(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_prev, h_candidate, uniforms[:1], p, training)


@zoneout_step.mistake(
    "You kept h_prev where uniforms >= p, dropout's rule for a unit that is kept; here p is the chance to "
    "keep the previous value, so keep it where uniforms < p.",
    credit=0.25,
)
def keeps_by_the_rule_of_dropout(h_prev, h_candidate, uniforms, p, training):
    if training:
        return np.where(uniforms >= p, h_prev, h_candidate)
    return p * h_prev + (1 - p) * h_candidate


# ---------------------------------------------------------------- candidate_dropout_step


@exercise(
    points=2,
    difficulty=2,
    minutes=8,
    returns=("h", "c"),
    hints=(
        "Of the two terms of c, one is memory and one is news. Only the news may be dropped.",
        "The mask multiplies g. The carried f * c_prev is left alone, and so is h = o * tanh(c).",
        "The body: c = f * c_prev + i * (g * mask); return o * np.tanh(c), c",
    ),
    source="Semeniuta, Severyn and Barth (2016), Recurrent Dropout without Memory Loss",
)
def candidate_dropout_step(i, f, g, o, c_prev, mask):
    c = torch.addcmul(f * c_prev, i, g * mask)
    return o * torch.tanh(c), c


@candidate_dropout_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def gates(N, H):
        i, f, o = rng.uniform(size=(3, N, H))
        return i, f, rng.uniform(-1, 1, size=(N, H)), o, 2 * rng.normal(size=(N, H))

    yield *gates(3, 5), _untied(rng, 1, 3, 5, 0.4)[0]
    yield *gates(2, 7), _untied(rng, 1, 2, 7, 0.5)[0]
    yield *gates(2, 3), np.zeros((2, 3))
    yield *gates(1, 2), np.ones((1, 2))


@candidate_dropout_step.mistake(
    "You masked the carried memory: f * c_prev * mask. Over many steps nothing survives that (or everything "
    "explodes); mask only the candidate g.",
)
def masks_the_memory(i, f, g, o, c_prev, mask):
    c = f * c_prev * mask + i * g
    return o * np.tanh(c), c


@candidate_dropout_step.mistake(
    "You masked the new cell state as a whole, memory included; only the candidate g is masked."
)
def masks_the_sum(i, f, g, o, c_prev, mask):
    c = (f * c_prev + i * g) * mask
    return o * np.tanh(c), c


@candidate_dropout_step.mistake(
    "You masked the output h; here c's candidate is masked, and h = o * tanh(c) follows from c.", credit=0.25
)
def masks_the_output(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g
    return o * np.tanh(c) * mask, c


@candidate_dropout_step.mistake("The mask is not used: the candidate g becomes g * mask.")
def ignores_the_mask(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g
    return o * np.tanh(c), c


@candidate_dropout_step.mistake("The tanh around c is missing: h = o * tanh(c).", credit=0.5)
def no_tanh_on_c(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g * mask
    return o * c, c


@candidate_dropout_step.mistake(
    "The input and the forget gate are swapped: i lets the candidate in, f keeps the old memory."
)
def swaps_i_and_f(i, f, g, o, c_prev, mask):
    c = i * c_prev + f * g * mask
    return o * np.tanh(c), c


@candidate_dropout_step.mistake(
    "The mask multiplies h as well as g; h = o * tanh(c) follows from c and is left alone.", credit=0.25
)
def masks_the_output_too(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * g * mask
    return o * np.tanh(c) * mask, c


@candidate_dropout_step.mistake(
    "You took the tanh of g once more: g is the candidate already, after its tanh.", credit=0.25
)
def tanh_of_g_again(i, f, g, o, c_prev, mask):
    c = f * c_prev + i * np.tanh(g) * mask
    return o * np.tanh(c), c
