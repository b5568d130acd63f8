"""Lesson 12: short cuts for the gradient, over depth and over time."""

import math

import torch


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


def residual_stack_forward(x, layers):
    for W_xh, W_hh, b_h in layers:
        x = x + _torch_rnn(x, torch.zeros_like(x[:, 0]), W_xh, W_hh, b_h)
    return x


def residual_stack_backward(dy, x, layers):
    x = x.clone().requires_grad_()
    leaves = [tuple(weight.clone().requires_grad_() for weight in layer) for layer in layers]
    y = residual_stack_forward(x, leaves)
    flat = [weight for layer in leaves for weight in layer]
    dx, *grads = torch.autograd.grad(y, [x, *flat], dy)
    return dx, [tuple(grads[i : i + 3]) for i in range(0, len(grads), 3)]


def skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k):
    cell = torch.nn.RNNCell(*W_xh.shape, device=x.device, dtype=x.dtype)
    weights = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_h, "bias_hh": torch.zeros_like(b_h)}
    past, states = [torch.zeros_like(h0)] * k, [h0]
    for t in range(x.shape[1]):
        new = torch.func.functional_call(cell, weights, (x[:, t], states[-1])) + past[t]
        states.append(new)
        past.append(new)
    return torch.stack(states[1:], dim=1)


def skip_rnn_backward(dh, x, h0, W_xh, W_hh, b_h, k):
    leaves = [tensor.clone().requires_grad_() for tensor in (x, h0, W_xh, W_hh, b_h)]
    return torch.autograd.grad(skip_rnn_forward(*leaves, k), leaves, dh)


def count_paths(lag, k):
    # Paths with m skips: any m of their lag - (k - 1) m jumps. PyTorch's whole numbers end at 2**63.
    jumps = [(lag - (k - 1) * m, m) for m in range(lag // k + 1)]
    return sum(math.comb(n, m) for n, m in jumps)


def highway_step(x, W_h, b_h, W_t, b_t):
    linear = torch.nn.functional.linear
    candidate = torch.tanh(linear(x, W_h.T, b_h))
    return torch.lerp(x, candidate, torch.sigmoid(linear(x, W_t.T, b_t)))
