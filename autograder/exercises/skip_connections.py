"""Lesson 12: short cuts for the gradient, over depth and over time."""

from collections.abc import Iterator

import numpy as np
import torch

from autograder.exercise import exercise

RESNET = "He et al. (2016), Deep Residual Learning for Image Recognition"
HIGHWAY = "Srivastava, Greff and Schmidhuber (2015), Highway Networks"
DELAYS = (
    "Lin, Horne, Tino and Giles (1996), Learning Long-Term Dependencies Is Not as Difficult with NARX RNNs"
)


def _weights(rng, D, H, scale=0.8):
    return (
        scale * rng.normal(size=(D, H)) / np.sqrt(D),
        scale * rng.normal(size=(H, H)) / np.sqrt(H),
        0.3 * rng.normal(size=H),
    )


def _torch_rnn(x, h0, W_xh, W_hh, b_h):
    """States (N, T, H) from torch.nn.RNN on these weights."""
    layer = torch.nn.RNN(*W_xh.shape, batch_first=True, device=x.device, dtype=x.dtype)
    weights = {
        "weight_ih_l0": W_xh.T,
        "weight_hh_l0": W_hh.T,
        "bias_ih_l0": b_h,
        "bias_hh_l0": torch.zeros_like(b_h),
    }
    return torch.func.functional_call(layer, weights, (x, h0[None]))[0]


def _rnn(x, h0, W_xh, W_hh, b_h):
    states = [h0]
    for t in range(x.shape[1]):
        states.append(np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h))
    return np.stack(states[1:], axis=1)


def _rnn_backward(dh, x, h0, h, W_xh, W_hh):
    """dx and the three weight gradients of one layer."""
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dz, later = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        dz[:, t] = (dh[:, t] + later) * (1 - h[:, t] ** 2)
        later = dz[:, t] @ W_hh.T
    dW_xh = np.einsum("ntd,nth->dh", x, dz)
    dW_hh = np.einsum("ntg,nth->gh", before, dz)
    return dz @ W_xh.T, (dW_xh, dW_hh, dz.sum(axis=(0, 1)))


# ---------------------------------------------------------------- residual_stack_forward


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=(
        "One loop over the layers. What goes into a layer is needed twice: by the layer, and by the "
        "sum after it.",
        "Every layer is an rnn_forward with a zero initial state; its output has the shape of its input.",
        "In the loop: x = x + rnn_forward(x, np.zeros((N, H)), *layer)",
    ),
    source=RESNET,
)
def residual_stack_forward(x, layers):
    for W_xh, W_hh, b_h in layers:
        x = x + _torch_rnn(x, torch.zeros_like(x[:, 0]), W_xh, W_hh, b_h)
    return x


def _stack_cases(rng):
    for N, T, H, L in ((2, 5, 7, 3), (3, 4, 2, 2), (1, 1, 3, 1), (2, 3, 5, 5)):
        yield rng.normal(size=(N, T, H)), [_weights(rng, H, H) for _ in range(L)]


@residual_stack_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from _stack_cases(rng)


def _zero(x):
    return np.zeros_like(x[:, 0])


@residual_stack_forward.mistake(
    "Nothing is added: each layer's output must be added to what went into that layer, x + rnn(x)."
)
def no_skip(x, layers):
    for layer in layers:
        x = _rnn(x, _zero(x), *layer)
    return x


@residual_stack_forward.mistake(
    "You added the stack's input once, at the very end; every layer adds its own input.", credit=0.25
)
def one_skip_over_all(x, layers):
    return x + no_skip(x, layers)


@residual_stack_forward.mistake(
    "You added the first input x after every layer; a layer adds its own input, which is the sum so far.",
    credit=0.25,
)
def adds_the_first_input(x, layers):
    y = x
    for layer in layers:
        y = x + _rnn(y, _zero(x), *layer)
    return y


@residual_stack_forward.mistake(
    "Every layer read the stack's input x: the second layer reads what the first one left, and so on."
)
def every_layer_reads_x(x, layers):
    return x + sum(_rnn(x, _zero(x), *layer) for layer in layers)


@residual_stack_forward.mistake(
    "The skip is inside the tanh: add the layer's input to its output, after the tanh."
)
def skip_inside_tanh(x, layers):
    for W_xh, W_hh, b_h in layers:
        states = [_zero(x)]
        for t in range(x.shape[1]):
            states.append(np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h + x[:, t]))
        x = np.stack(states[1:], axis=1)
    return x


@residual_stack_forward.mistake(
    "The sum runs along the recurrence too: the state that the layer carries on is tanh(...) alone; "
    "the input is "
    "added to what it hands upwards."
)
def sum_fed_back(x, layers):
    for W_xh, W_hh, b_h in layers:
        states = [_zero(x)]
        for t in range(x.shape[1]):
            states.append(x[:, t] + np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h))
        x = np.stack(states[1:], axis=1)
    return x


@residual_stack_forward.mistake("Every layer used the first layer's weights; each has its own triple.")
def layers_share_weights(x, layers):
    for _ in layers:
        x = x + _rnn(x, _zero(x), *layers[0])
    return x


@residual_stack_forward.mistake(
    "You started a layer from the last state of the layer below; every layer starts from a zero state of its"
    " own.",
    credit=0.25,
)
def starts_where_the_lower_ended(x, layers):
    start = _zero(x)
    for layer in layers:
        states = _rnn(x, start, *layer)
        start, x = states[:, -1], x + states
    return x


# ---------------------------------------------------------------- residual_stack_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("dx", "gradients"),
    hints=(
        "Run the stack forward once more and keep what went into each layer and what came out of it. Then go "
        "through the layers from the last to the first.",
        "y = x + rnn(x) has two paths back to x: the identity hands dy on as it is, the layer hands on what "
        "rnn_backward returns. Add the two.",
        "In the loop: through, _, *weights = rnn_backward(dy, x_l, zeros, h_l, W_xh, W_hh); dy = dy "
        "+ through; "
        "gradients.insert(0, tuple(weights))",
    ),
    source=RESNET,
)
def residual_stack_backward(dy, x, layers):
    x = x.clone().requires_grad_()
    leaves = [tuple(weight.clone().requires_grad_() for weight in layer) for layer in layers]
    y = residual_stack_forward.reference(x, leaves)
    flat = [weight for layer in leaves for weight in layer]
    dx, *grads = torch.autograd.grad(y, [x, *flat], dy)
    return dx, [tuple(grads[i : i + 3]) for i in range(0, len(grads), 3)]


@residual_stack_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for x, layers in _stack_cases(rng):
        yield rng.normal(size=x.shape), x, layers


def _stack_backward(dy, x, layers, back=lambda dy, through: dy + through, seen=None):
    """What is right; `back(dy, through)` is what a layer hands down, `seen` what each is said to read."""
    inputs, states = [x], []
    for layer in layers:
        states.append(_rnn(inputs[-1], _zero(x), *layer))
        inputs.append(inputs[-1] + states[-1])
    gradients = []
    for (W_xh, W_hh, _), into, h in zip(layers[::-1], inputs[-2::-1], states[::-1], strict=True):
        through, weights = _rnn_backward(dy, into if seen is None else seen, _zero(x), h, W_xh, W_hh)
        gradients.insert(0, weights)
        dy = back(dy, through)
    return dy, gradients


@residual_stack_backward.mistake(
    "The identity is missing on the way back: a layer hands down dy itself plus what came through the layer.",
    credit=0.25,
)
def identity_missing(dy, x, layers):
    return _stack_backward(dy, x, layers, lambda dy, through: through)


@residual_stack_backward.mistake(
    "Only the identity reaches the input: add what comes back through the layer (the first result of "
    "rnn_backward).",
    credit=0.25,
)
def only_the_identity(dy, x, layers):
    return _stack_backward(dy, x, layers, lambda dy, through: dy)


@residual_stack_backward.mistake(
    "The gradients of the layers are in the order of the backward pass; return them in the order of "
    "`layers`.",
    credit=0.5,
)
def reversed_list(dy, x, layers):
    dx, gradients = _stack_backward(dy, x, layers)
    return dx, gradients[::-1]


@residual_stack_backward.mistake(
    "Every layer received the gradient dy of the top; a lower layer receives what the layers above "
    "it handed down."
)
def dy_to_every_layer(dy, x, layers):
    top = dy
    inputs = [x]
    for layer in layers:
        inputs.append(inputs[-1] + _rnn(inputs[-1], _zero(x), *layer))
    gradients, total = [], dy
    for (W_xh, W_hh, b_h), into in zip(layers, inputs, strict=False):
        h = _rnn(into, _zero(x), W_xh, W_hh, b_h)
        through, weights = _rnn_backward(top, into, _zero(x), h, W_xh, W_hh)
        gradients.append(weights)
        total = total + through
    return total, gradients


@residual_stack_backward.mistake(
    "You took the slope of the tanh at the sum x + h: rnn_backward wants the layer's own states h, "
    "without the "
    "input that was added.",
    credit=0.25,
)
def slope_at_the_sum(dy, x, layers):
    inputs = [x]
    for layer in layers:
        inputs.append(inputs[-1] + _rnn(inputs[-1], _zero(x), *layer))
    gradients = []
    for l in reversed(range(len(layers))):
        through, weights = _rnn_backward(dy, inputs[l], _zero(x), inputs[l + 1], *layers[l][:2])
        gradients.insert(0, weights)
        dy = dy + through
    return dy, gradients


@residual_stack_backward.mistake(
    "Every layer's dW_xh was computed with the stack's input x; layer l saw the sum that left layer l - 1.",
    credit=0.25,
)
def first_input_everywhere(dy, x, layers):
    return _stack_backward(dy, x, layers, seen=x)


@residual_stack_backward.mistake(
    "At every layer you added the gradient dy of the top; the identity of a layer hands down what arrived at"
    " this layer.",
    credit=0.25,
)
def top_gradient_added_everywhere(dy, x, layers):
    return _stack_backward(dy, x, layers, lambda _, through: dy + through)


# ---------------------------------------------------------------- skip_rnn_forward


def _skip_case(rng, N, T, D, H, k):
    return rng.normal(size=(N, T, D)), 0.7 * rng.normal(size=(N, H)), *_weights(rng, D, H), k


def _skip_cases(rng):
    yield _skip_case(rng, 2, 7, 3, 5, 3)
    yield _skip_case(rng, 3, 5, 2, 7, 2)
    yield _skip_case(rng, 2, 3, 5, 2, 1)
    yield _skip_case(rng, 2, 3, 2, 5, 3)  # k = T: no step is far enough from the start
    yield _skip_case(rng, 1, 2, 2, 3, 5)  # k > T
    yield _skip_case(rng, 1, 1, 2, 3, 1)


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "The loop of rnn_forward, with one term more, outside the tanh. In which steps does that term exist?",
        "Counting from 0, step t reads the stored state h[:, t - k], if t >= k. In the first k steps "
        "the skip "
        "brings nothing, h0 included.",
        "In the loop: state = np.tanh(x[:, t] @ W_xh + state @ W_hh + b_h); if t >= k: state = state "
        "+ h[:, t - k]",
    ),
    source=DELAYS,
)
def skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k):
    cell = torch.nn.RNNCell(*W_xh.shape, device=x.device, dtype=x.dtype)
    weights = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_h, "bias_hh": torch.zeros_like(b_h)}
    past, states = [torch.zeros_like(h0)] * k, [h0]
    for t in range(x.shape[1]):
        new = torch.func.functional_call(cell, weights, (x[:, t], states[-1])) + past[t]
        states.append(new)
        past.append(new)
    return torch.stack(states[1:], dim=1)


@skip_rnn_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from _skip_cases(rng)


def _skip(x, h0, W_xh, W_hh, b_h, k, combine=lambda z, old: np.tanh(z) + old, start=None):
    """What is right; `combine(z, old)` makes the new state, `start` (N, k, H) lies before the start."""
    N, T, _ = x.shape
    H = len(b_h)
    past = np.concatenate([np.zeros((N, k, H)) if start is None else start, np.zeros((N, T, H))], axis=1)
    state = h0
    for t in range(T):
        state = combine(x[:, t] @ W_xh + state @ W_hh + b_h, past[:, t])
        past[:, k + t] = state
    return past[:, k:]


@skip_rnn_forward.mistake("The skip is inside the tanh; it is added after it, so that nothing squashes it.")
def skip_squashed(x, h0, W_xh, W_hh, b_h, k):
    return _skip(x, h0, W_xh, W_hh, b_h, k, lambda z, old: np.tanh(z + old))


@skip_rnn_forward.mistake(
    "The skip replaces the candidate: once h_{t-k} exists you return it alone; the new state is "
    "tanh(...) + h_{t-k}."
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
        return _skip(x, h0, W_xh, W_hh, b_h, k - 1)
    # With k = 1 a skip of no steps doubles the candidate.
    return _skip(x, h0, W_xh, W_hh, b_h, k, lambda z, old: 2 * np.tanh(z))


@skip_rnn_forward.mistake(
    "Your skip is one step too long: step t adds h_{t-k}, and you added h_{t-k-1}.", credit=0.25
)
def lag_too_long(x, h0, W_xh, W_hh, b_h, k):
    return _skip(x, h0, W_xh, W_hh, b_h, k + 1)


@skip_rnn_forward.mistake(
    "You let h0 ride along the skip in step k; the skip brings zero in all of the first k steps, so "
    "h0 enters "
    "through W_hh only.",
    credit=0.5,
)
def h0_on_the_skip(x, h0, W_xh, W_hh, b_h, k):
    start = np.zeros((len(x), k, len(b_h)))
    start[:, -1] = h0
    return _skip(x, h0, W_xh, W_hh, b_h, k, start=start)


@skip_rnn_forward.mistake(
    "You filled the first k steps of the skip with copies of h0; before the start there is zero.", credit=0.25
)
def first_steps_filled_with_h0(x, h0, W_xh, W_hh, b_h, k):
    return _skip(x, h0, W_xh, W_hh, b_h, k, start=np.repeat(h0[:, None], k, axis=1))


@skip_rnn_forward.mistake(
    "In the first k steps a negative index wrapped around to the end of the array; take zero there.",
    credit=0.25,
)
def index_wraps(x, h0, W_xh, W_hh, b_h, k):
    plain = _skip(x, h0, W_xh, W_hh, b_h, k, lambda z, old: np.tanh(z))
    h = plain.copy()
    state = h0
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t] @ W_xh + state @ W_hh + b_h) + h[:, (t - k) % x.shape[1]]
        h[:, t] = state
    return h


@skip_rnn_forward.mistake(
    "The skip carries the inner state but the recurrence does not: W_hh multiplies the whole "
    "h_{t-1}, the added "
    "h_{t-1-k} included.",
    credit=0.25,
)
def recurrence_without_the_sum(x, h0, W_xh, W_hh, b_h, k):
    inner = _rnn(x, h0, W_xh, W_hh, b_h)
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
    "You added the squashed part of step t - k alone; the skip brings the whole state h_{t-k}, with what had"
    " been added to it.",
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
    return _rnn(x, h0, W_xh, W_hh, b_h)


# ---------------------------------------------------------------- skip_rnn_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Run forward once more and keep both the states h and the squashed parts a = tanh(...): the slope is "
        "1 - a**2. Then walk back in time.",
        "The whole gradient of h_t comes from three places: the loss (dh[:, t]), step t+1 through "
        "W_hh, and step "
        "t+k through the skip, where it passes unchanged. Keep a working copy of dh and add into it.",
        "Going backwards over a copy `total` of dh: dz = total[:, t] * (1 - a[:, t]**2); total[:, "
        "t-1] += dz @ "
        "W_hh.T (or dh0 = dz @ W_hh.T at t = 0); if t >= k: total[:, t-k] += total[:, t]",
    ),
    source=DELAYS,
)
def skip_rnn_backward(dh, x, h0, W_xh, W_hh, b_h, k):
    leaves = [tensor.clone().requires_grad_() for tensor in (x, h0, W_xh, W_hh, b_h)]
    return torch.autograd.grad(skip_rnn_forward.reference(*leaves, k), leaves, dh)


@skip_rnn_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for arguments in _skip_cases(rng):
        x, h0, *_ = arguments
        yield rng.normal(size=(*x.shape[:2], h0.shape[1])), *arguments


def _send(whole, dz, dh, t, k):
    whole[:, t - k] += whole[:, t]


def _skip_backward(
    dh, x, h0, W_xh, W_hh, b_h, k,
    *, slope=lambda a, h: 1 - a**2, send=_send, squashed_before=False, h0_rides=False,
):  # fmt: skip
    """What is right; `slope(a, h)` and `send`, which passes a gradient along the skip, can be spoilt."""
    h = _skip(x, h0, W_xh, W_hh, b_h, k)
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    a = np.tanh(x @ W_xh + before @ W_hh + b_h)
    slopes = slope(a, h)
    if squashed_before:
        before = np.concatenate([h0[:, None], a[:, :-1]], axis=1)
    whole, dz = dh.copy(), np.zeros_like(dh)
    for t in reversed(range(x.shape[1])):
        dz[:, t] = whole[:, t] * slopes[:, t]
        if t:
            whole[:, t - 1] += dz[:, t] @ W_hh.T
        if t >= k:
            send(whole, dz, dh, t, k)
    dW_xh, dW_hh = np.einsum("ntd,nth->dh", x, dz), np.einsum("ntg,nth->gh", before, dz)
    dh0 = dz[:, 0] @ W_hh.T
    if h0_rides and k <= x.shape[1]:
        dh0 = dh0 + whole[:, k - 1]
    return dz @ W_xh.T, dh0, dW_xh, dW_hh, dz.sum(axis=(0, 1))


@skip_rnn_backward.mistake(
    "The identity is missing on the way back: the whole gradient of h_t also reaches h_{t-k}, unchanged.",
    credit=0.25,
)
def identity_missing_in_time(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        pass

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "Along the skip you sent dz, which has the slope of the tanh in it; the skip lies outside the "
    "tanh, so it "
    "carries the whole gradient of h_t.",
    credit=0.25,
)
def skip_through_the_slope(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k] += dz[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "Along the skip you sent only the loss's own dh_t; what came to h_t from later steps goes along "
    "it as well.",
    credit=0.25,
)
def skip_carries_only_the_loss(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k] += dh[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "The slope was taken at h_t = tanh(...) + h_{t-k}; it is 1 - a**2 with a = tanh(...) alone.", credit=0.25
)
def slope_at_the_state(dh, x, h0, W_xh, W_hh, b_h, k):
    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, slope=lambda a, h: 1 - h**2)


@skip_rnn_backward.mistake(
    "Gradients were overwritten instead of added: what reaches h_{t-k} along the skip comes on top "
    "of dh and of "
    "what W_hh sends.",
    credit=0.25,
)
def backward_overwrites(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k] = whole[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "The gradient along the skip arrived one step too late, at h_{t-k+1}; step t had added h_{t-k}.",
    credit=0.25,
)
def lag_off_in_backward(dh, x, h0, W_xh, W_hh, b_h, k):
    def send(whole, dz, dh, t, k):
        whole[:, t - k + 1] += whole[:, t]

    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, send=send)


@skip_rnn_backward.mistake(
    "You sent a gradient to h0 along the skip as well; in the first k steps the skip brings zero, so "
    "h0 hears through W_hh only.",
    credit=0.5,
)
def skip_reaches_h0(dh, x, h0, W_xh, W_hh, b_h, k):
    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, h0_rides=True)


@skip_rnn_backward.mistake(
    "In dW_hh you used the squashed part a_{t-1}; the forward pass multiplied W_hh by the whole state, "
    "h_{t-1} = a_{t-1} + h_{t-1-k}.",
    credit=0.5,
)
def squashed_state_in_dw_hh(dh, x, h0, W_xh, W_hh, b_h, k):
    return _skip_backward(dh, x, h0, W_xh, W_hh, b_h, k, squashed_before=True)


# ---------------------------------------------------------------- count_paths


@exercise(
    points=2,
    difficulty=2,
    minutes=12,
    returns=("paths",),
    hints=(
        "A path from h_t back to h_{t-lag} is a row of jumps of 1 and of k steps that add up to lag. "
        "What can "
        "its last jump be?",
        "paths(lag) = paths(lag - 1) + paths(lag - k), with paths(0) = 1 and nothing below 0. Fill a "
        "list from 0 up.",
        "paths = [1]; for n in range(1, lag + 1): paths.append(paths[n - 1] + (paths[n - k] if n >= "
        "k else 0)); "
        "return paths[lag]",
    ),
    source="Veit, Wilber and Belongie (2016), Residual Networks Behave Like Ensembles of Shallow Networks",
)
def count_paths(lag, k):
    # Row 0 of a companion matrix holds the recurrence paths(n) = paths(n-1) + paths(n-k).
    companion = torch.zeros(k, k, dtype=torch.int64)
    companion[0, 0] += 1
    companion[0, k - 1] += 1
    if k > 1:
        companion[1:, :-1] += torch.eye(k - 1, dtype=torch.int64)
    return torch.linalg.matrix_power(companion, lag)[0, 0]


@count_paths.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield 7, 3
    yield 13, 5
    yield 10, 2
    yield 11, 1
    yield 4, 5
    yield 5, 5
    yield 0, 3
    yield 50, 10
    yield 50, 1  # 2**50: more than 32 bits hold, and far too many to be walked one by one


def _paths(lag, k, first=None):
    paths = [1] if first is None else list(first)
    for n in range(len(paths), lag + 1):
        paths.append(paths[n - 1] + (paths[n - k] if n >= k else 0))
    return paths[lag]


@count_paths.mistake(
    "You counted combinations (how many jumps of k), not orders: 1 then k and k then 1 are two "
    "different paths.",
    credit=0.25,
)
def counts_without_order(lag, k):
    # With k = 1 the two kinds of jump still differ: one goes through W_hh, one along the skip.
    return lag // k + 1


@count_paths.mistake("That is the length of the shortest path; asked is how many paths there are.")
def shortest_path(lag, k):
    return lag // k + lag % k


@count_paths.mistake("You counted only the skips: a path may also go one step back, through W_hh.")
def only_skips(lag, k):
    return int(lag % k == 0)


@count_paths.mistake(
    "For a lag of 0 there is one path, the empty one; you start from 0 there, and that shifts all "
    "that follows.",
    credit=0.25,
)
def starts_one_late(lag, k):
    return _paths(lag - 1, k) if lag else 0


@count_paths.mistake(
    "In your recurrence the skip starts one step late: a lag of exactly k already has the direct skip.",
    credit=0.25,
)
def skip_starts_late(lag, k):
    paths = [1]
    for n in range(1, lag + 1):
        paths.append(paths[n - 1] + (paths[n - k] if n > k else 0))
    return paths[lag]


@count_paths.mistake(
    "You allowed a free choice in each of the lag steps, 2 to the power of lag; a skip uses up k "
    "steps at once."
)
def two_to_the_lag(lag, k):
    return 2**lag


@count_paths.mistake(
    "For k = 1 the two kinds of jump are different ways, through W_hh and along the skip: you counted them "
    "as one.",
    credit=0.5,
)
def merges_jumps_of_one(lag, k):
    return 1 if k == 1 else _paths(lag, k)


# ---------------------------------------------------------------- highway_step


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=(
        "Three parts: a candidate as in any layer, a gate between 0 and 1, and a mixture of "
        "candidate and input.",
        "t = sigmoid(x W_t + b_t) is the transform gate; what it does not transform is carried: 1 - t.",
        "The body: t = 1 / (1 + np.exp(-(x @ W_t + b_t))); return t * np.tanh(x @ W_h + b_h) + (1 - t) * x",
    ),
    source=HIGHWAY,
)
def highway_step(x, W_h, b_h, W_t, b_t):
    linear = torch.nn.functional.linear
    candidate = torch.tanh(linear(x, W_h.T, b_h))
    return torch.lerp(x, candidate, torch.sigmoid(linear(x, W_t.T, b_t)))


@highway_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def layer(N, H):
        W_h, W_t = rng.normal(size=(2, H, H))
        b_h, b_t = rng.normal(size=(2, H))
        return 2 * rng.normal(size=(N, H)), W_h, b_h, W_t, b_t

    yield layer(3, 5)
    yield layer(2, 7)
    yield layer(1, 2)
    x, W_h, b_h, W_t, _ = layer(5, 3)
    yield x, W_h, b_h, 0.1 * W_t, np.array([-30.0, 0.0, 30.0])


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


@highway_step.mistake("Transform and carry are swapped: t weighs the candidate, 1 - t weighs x.")
def carry_swapped(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return (1 - t) * np.tanh(x @ W_h + b_h) + t * x


@highway_step.mistake(
    "You added all of x, as a residual layer does; a highway layer carries 1 - t of it.", credit=0.25
)
def whole_input_added(x, W_h, b_h, W_t, b_t):
    return _sigmoid(x @ W_t + b_t) * np.tanh(x @ W_h + b_h) + x


@highway_step.mistake("Nothing is carried: beside t * candidate stands (1 - t) * x.", credit=0.25)
def nothing_carried(x, W_h, b_h, W_t, b_t):
    return _sigmoid(x @ W_t + b_t) * np.tanh(x @ W_h + b_h)


@highway_step.mistake(
    "The gate went through tanh, so it can be negative; a gate is a sigmoid, between 0 and 1.", credit=0.25
)
def tanh_gate(x, W_h, b_h, W_t, b_t):
    t = np.tanh(x @ W_t + b_t)
    return t * np.tanh(x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake(
    "The candidate is squashed by a sigmoid; it is a tanh, only the gate is a sigmoid.", credit=0.25
)
def sigmoid_candidate(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return t * _sigmoid(x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake(
    "The gate is computed from the candidate; it reads the layer's input, sigmoid(x W_t + b_t).", credit=0.25
)
def gate_reads_the_candidate(x, W_h, b_h, W_t, b_t):
    candidate = np.tanh(x @ W_h + b_h)
    t = _sigmoid(candidate @ W_t + b_t)
    return t * candidate + (1 - t) * x


@highway_step.mistake(
    "The biases are missing: b_h belongs to the candidate and b_t to the gate.", credit=0.25
)
def no_biases(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t)
    return t * np.tanh(x @ W_h) + (1 - t) * x


@highway_step.mistake(
    "The two layers are swapped: W_h and b_h make the candidate, W_t and b_t the gate.", credit=0.25
)
def layers_swapped(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_h + b_h)
    return t * np.tanh(x @ W_t + b_t) + (1 - t) * x


@highway_step.mistake("The candidate has no tanh: it is tanh(x W_h + b_h), as in any layer.", credit=0.25)
def candidate_not_squashed(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return t * (x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake("The gate has no bias: it is sigmoid(x W_t + b_t).", credit=0.25)
def gate_without_bias(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t)
    return t * np.tanh(x @ W_h + b_h) + (1 - t) * x


@highway_step.mistake("The candidate has no bias: it is tanh(x W_h + b_h).", credit=0.25)
def candidate_without_bias(x, W_h, b_h, W_t, b_t):
    t = _sigmoid(x @ W_t + b_t)
    return t * np.tanh(x @ W_h) + (1 - t) * x
