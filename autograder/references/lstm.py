"""Lesson 09: the LSTM cell, forwards and backwards, its forget bias and what its memory retains."""

import torch
from torch import nn


def load_gates(module: nn.Module, W_xh, W_hh, b_x, b_h) -> None:
    """Put the course's weights into a gated module of PyTorch's, cell or layer: transposed, two biases.

    They are copied into the module's own memory, so that cuDNN keeps its single block of weights.
    """
    values = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_x, "bias_hh": b_h}
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(values[name.removesuffix("_l0")])


def torch_gated(kind: type, W_xh, W_hh, b_x, b_h) -> nn.Module:
    """`nn.LSTM`, `nn.LSTMCell`, `nn.GRU` or `nn.GRUCell` with the course's weights; layers batch first."""
    layer = {"batch_first": True} if kind in (nn.LSTM, nn.GRU) else {}
    module = kind(len(W_xh), len(W_hh), dtype=W_xh.dtype, device=W_xh.device, **layer)
    load_gates(module, W_xh, W_hh, b_x, b_h)
    return module


def leaves(*tensors: torch.Tensor) -> list[torch.Tensor]:
    """Copies that collect gradients."""
    return [tensor.clone().requires_grad_() for tensor in tensors]


def _lstm_cell(W_xh, W_hh, b_h) -> nn.LSTMCell:
    return torch_gated(nn.LSTMCell, W_xh, W_hh, b_h, torch.zeros_like(b_h))


def carry_memory(f, i, g, c0):
    c, states = c0, []
    for t in range(f.shape[1]):
        c = torch.addcmul(i[:, t] * g[:, t], f[:, t], c)
        states.append(c)
    return torch.stack(states, dim=1)


def memory_retention(f):
    writes = torch.zeros_like(f).requires_grad_()
    c = torch.zeros_like(f[0])
    for f_t, write in zip(f, writes, strict=True):
        c = f_t * c + write
    return torch.autograd.grad(c.sum(), writes)[0]


def sigmoid(z):
    return torch.sigmoid(z)


def lstm_gates(x, h_prev, W_xh, W_hh, b_h):
    H = W_hh.shape[0]
    i, f, g, o = nn.functional.linear(torch.cat([x, h_prev], dim=-1), torch.cat([W_xh, W_hh]).T, b_h).split(
        H, dim=-1
    )
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def lstm_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    return _lstm_cell(W_xh, W_hh, b_h)(x, (h_prev, c_prev))


def lstm_forward(x, h0, c0, W_xh, W_hh, b_h):
    lstm = torch_gated(nn.LSTM, W_xh, W_hh, b_h, torch.zeros_like(b_h))
    h, _ = lstm(x, (h0[None].contiguous(), c0[None].contiguous()))
    # nn.LSTM shows the last memory only: the one after step t comes from the first t steps.
    memories = [
        lstm(x[:, :t].contiguous(), (h0[None].contiguous(), c0[None].contiguous()))[1][1][0]
        for t in range(1, x.shape[1] + 1)
    ]
    return h, torch.stack(memories, dim=1)


def set_forget_bias(b_h, value):
    i, f, g, o = b_h.chunk(4)
    return torch.cat([i, torch.full_like(f, value), g, o])


def lstm_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    x, h_prev, c_prev = leaves(x, h_prev, c_prev)
    cell = _lstm_cell(W_xh, W_hh, b_h)
    h, c = cell(x, (h_prev, c_prev))
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih)
    made = torch.autograd.grad((h, c), (x, h_prev, c_prev, *weights), (dh, dc))
    return (*made[:3], made[3].T, made[4].T, made[5])


def lstm_backward(dh, x, h0, c0, W_xh, W_hh, b_h):
    x, h0, c0 = leaves(x, h0, c0)
    lstm = torch_gated(nn.LSTM, W_xh, W_hh, b_h, torch.zeros_like(b_h))
    h, _ = lstm(x, (h0[None].contiguous(), c0[None].contiguous()))
    weights = (lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0)
    made = torch.autograd.grad(h, (x, h0, c0, *weights), dh)
    return (*made[:3], made[3].T, made[4].T, made[5])
