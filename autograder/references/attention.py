"""Lesson 15: a decoder that looks back at every state of the encoder."""

import torch
from torch import nn
from torch.nn import functional

from autograder.references.numpy_rnn import load_weights


def dot_scores(s, states):
    return torch.bmm(states, s[:, :, None]).squeeze(2)


def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, -torch.inf).softmax(dim=-1).nan_to_num(0.0)


def attend(s, states, mask):
    seen = mask.any(dim=1)
    safe = mask | ~seen[:, None]  # a row of nothing would give nan
    context = functional.scaled_dot_product_attention(s[:, None], states, states, safe[:, None], scale=1.0)[
        :, 0
    ]
    weights = torch.bmm(states, s[:, :, None]).squeeze(2).masked_fill(~safe, -torch.inf).softmax(dim=1)
    return context.masked_fill(~seen[:, None], 0), weights.masked_fill(~seen[:, None], 0)


def additive_scores(s, states, W_s, W_m, v):
    T = states.shape[1]
    pair = torch.cat([s[:, None].expand(-1, T, -1), states], dim=2)  # (N, T, 2H)
    hidden = torch.tanh(functional.linear(pair, torch.cat([W_s, W_m]).T))
    return functional.linear(hidden, v[None])[:, :, 0]


def attend_backward(dcontext, s, states, mask):
    s, states = s.detach().requires_grad_(), states.detach().requires_grad_()
    context, _ = attend(s, states, mask)
    return torch.autograd.grad(context, (s, states), dcontext)


def attention_decoder_step(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    cell = nn.RNNCell(*W_xh.shape, dtype=y.dtype, device=y.device)
    load_weights(cell, W_xh, W_hh, b_h)
    s = cell(y, s_prev)
    context, _ = attend(s, states, mask)
    mixed = torch.tanh(functional.linear(torch.cat([context, s], dim=1), W_c.T, b_c))
    return functional.linear(mixed, W_hy.T, b_y), s
