"""Lesson 04: the recurrent network, step by step and as a whole, with its readout and its loss."""

import torch
from torch import nn
from torch.nn import functional


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


def rnn_step(x, h_prev, W_xh, W_hh, b_h):
    cell = nn.RNNCell(*W_xh.shape, dtype=x.dtype, device=x.device)
    load_weights(cell, W_xh, W_hh, b_h)
    return cell(x, h_prev)


def rnn_forward(x, h0, W_xh, W_hh, b_h):
    return torch_rnn(W_xh, W_hh, b_h)(x.to(h0), h0[None].contiguous())[0]


def softmax(z):
    return functional.softmax(z.double(), dim=-1)


def readout(h, W_hy, b_y):
    return functional.linear(h, W_hy.T, b_y)


def cross_entropy(logits, targets, mask):
    each = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return each[mask.flatten()].mean()


def count_rnn_parameters(D, H):
    rnn = nn.RNN(D, H, device="meta")
    return sum(p.numel() for p in rnn.parameters()) - rnn.bias_hh_l0.numel()


def unrolled_matrix(W_xh, W_hh, T):
    # Every row of M is the linear network's answer to one unit impulse.
    D, H = W_xh.shape
    impulses = torch.eye(T * D, dtype=W_xh.dtype, device=W_xh.device).reshape(T * D, T, D)
    h, states = W_xh.new_zeros(T * D, H), []
    for x_t in impulses.unbind(1):
        h = functional.linear(x_t, W_xh.T) + functional.linear(h, W_hh.T)
        states.append(h)
    return torch.cat(states, dim=1)


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
